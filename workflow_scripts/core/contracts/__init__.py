"""The dicts that travel between stages, as types: what ``core/schemas`` lays down of the files, for whoever reads code.

tests/core/test_contracts.py holds each type to its schema. There is a module for each group of stages, since a module
is part of the code that a result depends on: a new column of the statistics trains nothing again.
"""
