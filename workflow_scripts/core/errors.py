"""The error that is shown to a person: one line that says what was wrong, where, and what to do."""


class UserError(Exception):
    """Bad input or a missing prerequisite; its message is complete and is printed without a traceback."""
