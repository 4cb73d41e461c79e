"""Processes that confine themselves before a program runs, and how they are talked to."""
