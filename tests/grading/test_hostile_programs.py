"""Programs that try to earn, escape, outlive or overwhelm: none is rewarded or left, none changes the next verdict."""

from pathlib import Path

import pytest

from tests.grading.conftest import LAYERS, LIMITS, call_problem
from workflow_scripts.grading.code_grader import CodeGrader, Verdict

SQUARES = call_problem(*(([n], n * n) for n in range(2, 8)))
RIGHT = "def f(n):\n    return n * n\n"

HOSTILE = {
    # Ending early or claiming success
    "exit_at_once": ("import sys\nsys.exit(0)\n", Verdict.ERROR),
    "exit_process": ("import os\nos._exit(0)\n", Verdict.ERROR),
    "exit_in_call": ("def f(n):\n    raise SystemExit(0)\n", Verdict.ERROR),
    "no_entry_point": ("x = 1\n", Verdict.ERROR),
    "syntax_error": ("def f(n:\n", Verdict.ERROR),
    "null_byte": ("def f(n):\n    return '\0'\n", Verdict.ERROR),
    "lone_surrogate": ("def f(n):\n    return '\ud800'\n", Verdict.ERROR),
    "forged_report": (
        "import os\nfor handle in range(3, 32):\n    try:\n"
        '        os.write(handle, b\'{"outputs": [1, 1, 1, 1, 1, 1], "verdict": "passed"}\')\n'
        "    except OSError:\n        pass\nos._exit(0)\n",
        Verdict.FAILED,
    ),
    "garbled_report": (
        "import os\nfor handle in range(3, 32):\n    try:\n        os.write(handle, b'[' * 60000)\n"
        "    except OSError:\n        pass\nos._exit(0)\n",
        Verdict.ERROR,
    ),
    "always_equal_object": (
        "class Any:\n    def __eq__(self, other):\n        return True\n    __hash__ = None\n"
        "def f(n):\n    return Any()\n",
        Verdict.FAILED,
    ),
    "always_equal_int": (
        "class Any(int):\n    def __eq__(self, other):\n        return True\n"
        "    __hash__ = int.__hash__\ndef f(n):\n    return Any(n * n)\n",
        Verdict.FAILED,
    ),
    "patched_modules": (
        "import builtins, json, sys\nfor module in list(sys.modules.values()):\n"
        "    for name in ('matches', 'judge', 'encode'):\n        if hasattr(module, name):\n"
        "            setattr(module, name, lambda *a: True)\nbuiltins.all = lambda items: True\n"
        "def f(n):\n    return 0\n",
        Verdict.FAILED,
    ),
    "reads_frames": (
        "import sys\ndef f(n):\n    frame = sys._getframe(1)\n    while frame:\n"
        "        for value in frame.f_locals.values():\n"
        "            if isinstance(value, dict) and 'expected' in value:\n"
        "                return value['expected']\n        frame = frame.f_back\n    return 0\n",
        Verdict.FAILED,
    ),
    "reads_tests": (f"def f(n):\n    return open({str(Path(__file__).resolve())!r}).read()\n", Verdict.FORBIDDEN),
    "reads_processes": ("def f(n):\n    return open('/proc/self/mem', 'rb').read(1)\n", Verdict.FORBIDDEN),
    # Using up the machine
    "endless_loop": ("while True:\n    pass\n", Verdict.TIME_LIMIT),
    "ignores_signals": (
        "import signal\nfor number in range(1, 65):\n    try:\n        signal.signal(number, signal.SIG_IGN)\n"
        "    except (OSError, ValueError):\n        pass\nwhile True:\n    pass\n",
        Verdict.TIME_LIMIT,
    ),
    "catches_everything": (
        "def f(n):\n    while True:\n        try:\n            while True:\n                pass\n"
        "        except BaseException:\n            pass\n",
        Verdict.TIME_LIMIT,
    ),
    "sleeps": ("import time\ndef f(n):\n    time.sleep(1000)\n", Verdict.TIME_LIMIT),
    "closes_pipe_and_stays": ("import os, time\nos.closerange(0, 32)\ntime.sleep(1000)\n", Verdict.TIME_LIMIT),
    "memory_bomb": ("x = 'x' * (1 << 20)\nwhile True:\n    x += x\n", Verdict.MEMORY_LIMIT),
    "list_bomb": ("def f(n):\n    return [0] * (1 << 32)\n", Verdict.MEMORY_LIMIT),
    "recursion": ("def f(n):\n    return f(n + 1)\n", Verdict.ERROR),
    "cyclic_answer": ("def f(n):\n    x = []\n    x.append(x)\n    return x\n", Verdict.ERROR),
    "huge_string": ("def f(n):\n    return 'x' * (1 << 20)\n", Verdict.OUTPUT_LIMIT),
    "huge_int": ("def f(n):\n    return 1 << (1 << 24)\n", Verdict.OUTPUT_LIMIT),
    "shared_lists": (
        "def f(n):\n    x = [0]\n    for _ in range(40):\n        x = [x, x]\n    return x\n",
        Verdict.OUTPUT_LIMIT,
    ),
    "floods_pipe": (
        "import os\nwhile True:\n    for handle in range(3, 32):\n        try:\n"
        "            os.write(handle, b'x' * 65536)\n        except OSError:\n            pass\n",
        Verdict.OUTPUT_LIMIT,
    ),
    # Leaving the sandbox
    "forks": ("import os\nos.fork()\ndef f(n):\n    return n * n\n", Verdict.FORBIDDEN),
    "fork_bomb": ("import os\nwhile True:\n    os.fork()\n", Verdict.FORBIDDEN),
    "starts_thread": (
        "import threading\nthreading.Thread(target=print).start()\ndef f(n):\n    return n * n\n",
        Verdict.FORBIDDEN,
    ),
    "runs_shell": ("import os\nos.system('true')\ndef f(n):\n    return n * n\n", Verdict.FORBIDDEN),
    "executes": ("import os\nos.execv('/bin/true', ['true'])\n", Verdict.FORBIDDEN),
    "kills_parent": ("import os\nos.kill(os.getppid(), 9)\n", Verdict.FORBIDDEN),
    "kills_itself": ("import os\nos.kill(os.getpid(), 9)\n", Verdict.FORBIDDEN),
    "opens_socket": ("import _socket\n_socket.socket()\n", Verdict.FORBIDDEN),
    "writes_file": ("open('left_behind', 'w')\n", Verdict.ERROR),
    "writes_to_tmp": ("open('/tmp/left_behind', 'w')\n", Verdict.FORBIDDEN),
    "removes_file": (f"import os\nos.remove({str(Path(__file__).resolve())!r})\n", Verdict.FORBIDDEN),
    "raises_limits": (
        "import resource\nresource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
        "def f(n):\n    return n * n\n",
        Verdict.ERROR,
    ),
    "traces_parent": (
        "import ctypes, os\nctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0)\ndef f(n):\n    return n * n\n",
        Verdict.FORBIDDEN,
    ),
    "aims_signals": (
        "import fcntl, os\nfcntl.fcntl(1, fcntl.F_SETOWN, os.getppid())\ndef f(n):\n    return n * n\n",
        Verdict.FORBIDDEN,
    ),
}


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_program_earns_nothing_and_leaves_nothing(grader: CodeGrader, name: str) -> None:
    program, expected = HOSTILE[name]
    grades = grader.grade(SQUARES, [program, RIGHT + f"# after {name}\n"])
    assert grades[0].verdict is expected, grades[0]
    assert grades[1].verdict is Verdict.PASSED, grades[1]
    assert [children_of(pid) for pid in grader.worker_pids()] == [[]]
    assert Path(__file__).exists()
    assert not Path("/tmp/left_behind").exists()


def test_one_program_cannot_find_another_ones_text_or_answers(grader: CodeGrader) -> None:
    secret = "marker_" + "of_the_right_program"
    right = f"def f(n):\n    {secret} = n * n\n    return {secret}\n"
    thief = (
        "import gc\nneedle = 'marker_' + 'of_the_right'\n"
        "found = [x for x in gc.get_objects() if isinstance(x, dict) for v in list(x.values())"
        " if isinstance(v, (str, bytes)) and needle in str(v) and v is not needle]\n"
        "def f(n):\n    return len(found)\n"
    )
    problem = call_problem(([3], 9))
    verdicts = [grade.verdict for grade in grader.grade(problem, [right, thief])]
    assert verdicts == [Verdict.PASSED, Verdict.FAILED]


def test_verdicts_are_repeatable(grader: CodeGrader) -> None:
    draws = "import random\ndef f(n):\n    return random.random() < 0.5\n# {}\n"
    hashes = "def f(n):\n    return hash('x') % 2 == 0\n# {}\n"
    problem = call_problem(([1], True))
    for program in (draws, hashes):
        copies = [program.format(index) for index in range(8)]
        before = {grade.verdict for grade in grader.grade(problem, copies)}
        with CodeGrader(LIMITS, LAYERS) as another:
            assert before == {grade.verdict for grade in another.grade(problem, copies)}
        assert len(before) == 1
