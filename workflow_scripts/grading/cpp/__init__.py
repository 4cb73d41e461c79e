"""C++ programs: compiler, headers, and what is compiled."""
