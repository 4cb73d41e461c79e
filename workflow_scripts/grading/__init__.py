"""Grading: model-written programs are judged inside a sandbox, by tests that they never see."""
