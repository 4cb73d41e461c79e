"""The controllers, one a file; ``registry`` loads them by these files' names."""
