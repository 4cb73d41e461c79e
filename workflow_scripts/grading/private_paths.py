"""Paths that no program may read: before the first grading, a program of each kind tries to, and must be refused."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from workflow_scripts.core.errors import UserError
from workflow_scripts.grading.self_test import judge_compiled_probe, probe_problem
from workflow_scripts.grading.verdicts import Verdict
from workflow_scripts.grading.worker import Worker

_CHECKOUT = Path(__file__).resolve().parents[2]
_PRIVATE_PROBE = (
    "import os\n\ndef probe(paths):\n    read = 0\n    for path in paths:\n        for attempt in (os.listdir, open):\n"
    "            try:\n                attempt(path)\n                read += 1\n"
    "            except OSError:\n                pass\n    return read\n"
)


def private_paths(given: Iterable[Path]) -> list[str]:
    """What no program may read: the ``given`` paths, this checkout and the home folder, and a file of each folder.

    Reading a folder is listing it. The compiler reads files alone, so that a file stands for its folder.
    """
    home = os.path.expanduser("~")
    paths = [*(os.path.abspath(path) for path in given), home, __file__, str(_CHECKOUT)]
    folders = [path if os.path.isdir(path) else os.path.dirname(path) for path in paths]
    files = [_first_file(folder) for folder in folders]
    return [path for path in dict.fromkeys([*paths, *folders, *files]) if path is not None and os.path.exists(path)]


def _first_file(folder: str) -> str | None:
    try:
        with os.scandir(folder) as entries:
            return next((entry.path for entry in entries if entry.is_file(follow_symlinks=False)), None)
    except OSError:
        return None


def require_unreadable(worker: Worker, language: str, paths: Sequence[str]) -> None:
    """Raise UserError for the first of the ``paths`` that a program, or the compiler, can read."""
    attempts = _COMPILED_ATTEMPTS if language == "cpp" else _PYTHON_ATTEMPTS
    for who, reads in attempts.items():
        if reads(worker, paths):
            found = next((path for path in paths if reads(worker, [path])), paths[0])
            raise UserError(
                f"{found}: {who} can read it in the sandbox, and with it what no program may know; keep problems, "
                "results and checkout outside of the folders of Python, of the compiler and of libraries"
            )


# Whether any of the paths can be read. A probe that ends in another verdict shows nothing, as the known verdicts will.
def _python_program_reads(worker: Worker, paths: Sequence[str]) -> bool:
    calls = [{"arguments": [list(paths)], "expected": 0}]
    grade = worker.judge(probe_problem("python", "probe", {"kind": "calls", "calls": calls}), _PRIVATE_PROBE)
    return grade.verdict is Verdict.FAILED


def _compiled_program_reads(worker: Worker, paths: Sequence[str]) -> bool:
    return judge_compiled_probe(worker, "\n".join(["private 0", *paths])).verdict is Verdict.FAILED


def _compiler_reads(worker: Worker, paths: Sequence[str]) -> bool:
    return bool(worker.included_by_compiler([path for path in paths if os.path.isfile(path)]))


_PYTHON_ATTEMPTS = {"a Python program": _python_program_reads}
_COMPILED_ATTEMPTS = {"a compiled program": _compiled_program_reads, "the compiler": _compiler_reads}
