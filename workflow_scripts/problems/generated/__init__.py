"""The testbed's own problems: compositions of small functions."""
