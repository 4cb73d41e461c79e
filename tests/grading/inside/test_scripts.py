"""Scripts run to the end of their interpreter, and their status and output decide."""

import pytest

from tests.grading.conftest import grade, stdio_problem
from workflow_scripts.grading.code_grader import CodeGrader, Grade, Verdict


@pytest.mark.parametrize(
    "program",
    [
        "import atexit, io, os\nout = io.BytesIO(b'7')\natexit.register(lambda: os.write(1, out.getvalue()))\n",
        "import atexit\natexit.register(print, 7)\n",
        "import os, sys\nprint(7)\nsys.stdout.flush()\nos._exit(0)\n",
        "import sys\nsys.__stdout__.write('7')\n",
        "out = open(1, 'w')\nout.write('7')\n",
        "class Keeps:\n    pass\nkeeps = Keeps()\nkeeps.me, keeps.out = keeps, open(1, 'w')\nkeeps.out.write('7')\n",
        "import sys\nsys.stdout = open(1, 'w', closefd=False)\nprint(7)\n",
        "class Last:\n    def __del__(self):\n        print(7)\nlast = Last()\n",
        "import mmap\ndata = mmap.mmap(0, 0, access=mmap.ACCESS_READ)\nprint(data.readline().decode())\n",
        "\ufeffprint(7)\n",
        "import sys\nprint(7)\nsys.exit(False)\n",
        "import sys\nsys.stdin.close()\nprint(7)\nsys.stdout.close()\n",
        "import sys\nprint(sys.__stdin__.readline())\n",
        "import sys\nsys.stdout.buffer.write(sys.stdin.buffer.readline())\n",
    ],
)
def test_scripts_run_to_the_end_of_their_interpreter(grader: CodeGrader, program: str) -> None:
    got = grade(grader, stdio_problem(("7\n", "7")), program)
    assert got == Grade(Verdict.PASSED, "1 cases")


@pytest.mark.parametrize(
    ("program", "detail"),
    [
        ("print(7, flush=True)\nraise SystemExit('no')\n", "SystemExit: no"),
        ("import os\nprint(7, flush=True)\nos._exit(3)\n", "exit status 3"),
        ("import os\nprint(7)\nos._exit(0)\n", "without a readable report"),
        ("import os, atexit\nprint(7, flush=True)\natexit.register(os._exit, 3)\n", "exit status 3"),
        ("import os\nprint(7)\nos.close(1)\n", "exit status 120"),
        (
            "print(7, flush=True)\nimport atexit\natexit.register(print, 8)\n1 / 0\n",
            "ZeroDivisionError: division by zero",
        ),
    ],
)
def test_a_script_that_ends_badly_is_an_error_whatever_it_printed(
    grader: CodeGrader, program: str, detail: str
) -> None:
    got = grade(grader, stdio_problem(("7\n", "7")), program)
    assert (got.verdict, detail in got.detail) == (Verdict.ERROR, True), got
