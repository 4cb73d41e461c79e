"""Published forms of problems."""
