"""Run a rule-level script so that a user's mistake ends in one clear line and a defect in a traceback."""

import sys
from collections.abc import Callable

from workflow_scripts.core.errors import UserError


def run(main: Callable[[], None]) -> None:
    """Call ``main``; print a ``UserError`` or a refused file operation as one line and exit with status 1."""
    try:
        main()
    except UserError as error:
        sys.exit(f"error: {error}")
    except (PermissionError, FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        sys.exit(f"error: {error.filename}: {error.strerror}")
    except OSError as error:
        # ENOSPC, EROFS and the like: the file and the reason are what a person can act on.
        sys.exit(f"error: {error.filename or 'input/output'}: {error.strerror or error}")
    except KeyboardInterrupt:
        sys.exit(130)
