"""Right programs pass, wrong ones do not, and a failure of the sandbox is never a verdict."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.grading.conftest import LAYERS, LIMITS, call_problem
from tests.grading.endurance import children
from tests.makers.scripts import run_script
from tests.patience import await_that, runs
from workflow_scripts.core.errors import UserError
from workflow_scripts.grading.code_grader import CodeGrader, Grade, InfrastructureError, Verdict, program_of
from workflow_scripts.grading.self_test import require_layers
from workflow_scripts.grading.worker import Worker

ROOT = Path(__file__).resolve().parents[2]


def verdicts(grader: CodeGrader, problem: dict[str, Any], *programs: str) -> list[Verdict]:
    return [grade.verdict for grade in grader.grade(problem, programs)]


def test_program_of_both_kinds() -> None:
    assert program_of({"completion_kind": "continuation", "prompt": "a"}, "b") == "ab"
    assert program_of({"completion_kind": "program", "prompt": "a"}, "b") == "b"


def test_first_failing_call_decides(grader: CodeGrader) -> None:
    problem = call_problem(([1], 1), ([0], 0))
    wrong_first = "def f(n):\n    return 7 // n\n"
    raises_first = "def f(n):\n    return 1 // (n - 1)\n"
    assert verdicts(grader, problem, wrong_first, raises_first) == [Verdict.FAILED, Verdict.ERROR]


@pytest.mark.parametrize(
    "module",
    [
        *("abc", "array", "base64", "bisect", "calendar", "cmath", "collections", "copy", "dataclasses", "datetime"),
        *("decimal", "enum", "fractions", "functools", "graphlib", "hashlib", "heapq", "itertools", "json", "math"),
        *("operator", "queue", "random", "re", "secrets", "statistics", "string", "typing", "unicodedata"),
        # Of libraries that lie outside of what a program may read.
        *("bz2", "gzip", "lzma", "zlib"),
    ],
)
def test_common_modules_import(grader: CodeGrader, module: str) -> None:
    program = f"import {module}\nfrom {module} import *\ndef f(n):\n    return n\n"
    grade = grader.grade(call_problem(([1], 1)), [program])[0]
    assert grade.verdict is Verdict.PASSED, grade


def test_programs_do_not_see_how_their_process_was_started(grader: CodeGrader) -> None:
    program = "import os\ndef f(n):\n    return 'LD_BIND_NOW' in os.environ\n"
    assert verdicts(grader, call_problem(([1], False)), program) == [Verdict.PASSED]


def test_digests_dataclasses_and_main_guard(grader: CodeGrader) -> None:
    program = (
        "import hashlib\nfrom dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\n"
        "def f(n):\n    print('ignored')\n    return hashlib.md5(b'a').hexdigest()[:P(n).x]\n"
        "if __name__ == '__main__':\n    raise SystemExit\n"
    )
    assert verdicts(grader, call_problem(([3], "0cc")), program) == [Verdict.PASSED]


def test_a_returned_value_changed_later_counts_as_returned(grader: CodeGrader) -> None:
    program = "seen = []\ndef f(n):\n    seen.append(n)\n    return seen\n"
    assert verdicts(grader, call_problem(([1], [1]), ([2], [1, 2])), program) == [Verdict.PASSED]


def test_equal_programs_are_judged_once(grader: CodeGrader, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = call_problem(([1], 1))
    judged: list[str] = []
    judge = Worker.judge
    monkeypatch.setattr(
        Worker, "judge", lambda worker, problem, program: (judged.append(program), judge(worker, problem, program))[1]
    )
    once = "def f(n):\n    return n  # judged once\n"
    assert verdicts(grader, problem, once, once, once) == [Verdict.PASSED] * 3
    assert verdicts(grader, problem, once) == [Verdict.PASSED]
    assert judged == [once]
    # The same program under other expected values is another question.
    assert verdicts(grader, call_problem(([1], 2)), once) == [Verdict.FAILED]


def test_several_workers_keep_the_order() -> None:
    programs = [f"def f(n):\n    return {index % 2}\n# {index}\n" for index in range(20)]
    with CodeGrader(LIMITS, LAYERS, workers=2) as grader:
        assert verdicts(grader, call_problem(([0], 1)), *programs) == [Verdict.FAILED, Verdict.PASSED] * 10
        assert len(grader.worker_pids()) == 2
        # Equal programs that are at work at the same time, and a caller who stops in the middle.
        assert verdicts(grader, call_problem(([0], 1)), *programs[:1] * 30) == [Verdict.FAILED] * 30
        slow = "import time\ntime.sleep(0.2)\ndef f(n):\n    return 1\n# {}\n"
        problem = call_problem(([0], 1))
        taken: list[int] = []
        grades = grader.grade_each((problem, slow.format(index)) for index in range(100) if not taken.append(index))
        assert isinstance(grade := next(grades), Grade)
        assert grade.verdict is Verdict.PASSED
        grades.close()
        assert len(taken) < 20
        assert verdicts(grader, problem, programs[1]) == [Verdict.PASSED]


def test_pairs_are_taken_as_they_are_needed(grader: CodeGrader) -> None:
    taken = []

    def pairs() -> Iterator[tuple[dict[str, Any], str]]:
        for number in range(3):
            taken.append(number)
            yield call_problem(([number], number)), "def f(n):\n    return n\n"

    grades = grader.grade_each(pairs())
    next(grades)
    assert taken == [0]
    assert len(list(grades)) == 2


def test_worker_killed_while_it_grades() -> None:
    slow = "import time\ndef f(n):\n    time.sleep(0.5)\n    return n\n"
    with CodeGrader(LIMITS, LAYERS) as grader:
        grader.self_test()
        victims = grader.worker_pids()
        timers = [threading.Timer(0.2, os.kill, (victim, signal.SIGKILL)) for victim in victims]
        for timer in timers:
            timer.start()
        programs = [slow, "def f(n):\n    return n\n", "def f(n):\n    return -n\n"]
        assert verdicts(grader, call_problem(([1], 1)), *programs) == [Verdict.PASSED, Verdict.PASSED, Verdict.FAILED]
        assert not set(grader.worker_pids()) & set(victims)


def test_worker_that_keeps_dying_is_no_verdict() -> None:
    slow = "import time\ndef f(n):\n    time.sleep(1)\n    return n\n"
    with CodeGrader(LIMITS, LAYERS) as grader:
        grader.self_test()
        done = threading.Event()

        def kill_every_worker() -> None:
            while not done.wait(0.3):
                for pid in grader.worker_pids():
                    os.kill(pid, signal.SIGKILL)

        killer = threading.Thread(target=kill_every_worker)
        killer.start()
        with pytest.raises(InfrastructureError):
            grader.grade(call_problem(([1], 1)), [slow])
        done.set()
        killer.join()
        # A later grading starts afresh.
        assert verdicts(grader, call_problem(([1], 1)), "def f(n):\n    return n\n") == [Verdict.PASSED]


def test_a_failure_of_the_sandbox_costs_no_other_program_its_grade(monkeypatch: pytest.MonkeyPatch) -> None:
    def judge(*arguments: Any) -> Grade:
        if "fail" in arguments[-1]:
            raise InfrastructureError("no fork")
        return Grade(Verdict.PASSED, "")

    monkeypatch.setattr(CodeGrader, "_prepare", lambda *_: None)
    monkeypatch.setattr(Worker, "judge", judge)
    problem = call_problem(([1], 1))
    with CodeGrader(LIMITS, ()) as grader:
        pairs = [(problem, text) for text in ("a", "fail", "b", "fail 1", "fail 2", "fail 3", "c")]
        outcomes = list(grader.grade_each(pairs))
        assert [isinstance(outcome, Grade) for outcome in outcomes] == [True, False, True] + [False] * 4
        assert str(outcomes[1]) == "no fork"
        assert str(outcomes[-1]) == "not tried after 3 failures in a row: no fork"
        # A later grading tries again, and remembers no failure.
        assert verdicts(grader, problem, "c") == [Verdict.PASSED]
        with pytest.raises(InfrastructureError):
            verdicts(grader, problem, "fail")
    with CodeGrader(LIMITS, (), workers=2) as grader:
        outcomes = list(grader.grade_each(pairs[:3]))
        assert [isinstance(outcome, Grade) for outcome in outcomes] == [True, False, True]


def test_everything_ends_with_the_parent() -> None:
    code = (
        "import sys; from tests.grading.conftest import *; from dataclasses import replace\n"
        "grader = CodeGrader(replace(LIMITS, wall_seconds=60), LAYERS); grader.self_test()\n"
        "print(*grader.worker_pids(), flush=True)\n"
        "problem = assert_problem('def check(f):\\n    f(1)\\n')\n"
        "grader.grade(problem, ['import time\\ndef f(n):\\n    time.sleep(50)'])\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        assert parent.stdout is not None
        zygotes = [int(pid) for pid in parent.stdout.readline().split()]
        # Of each zygote: the first process of its namespace, and the program or the tests.
        await_that(lambda: all(len(children(zygote)) == 2 for zygote in zygotes))
        family = zygotes + [child for zygote in zygotes for child in children(zygote)]
        assert len(family) == 6
        parent.kill()
    await_that(lambda: not any(runs(pid) for pid in family))


def test_a_zygote_leaves_nothing_when_it_is_killed() -> None:
    with CodeGrader(LIMITS, LAYERS) as grader:
        grader.self_test()
        family = [child for zygote in grader.worker_pids() for child in children(zygote)]
        assert family
    await_that(lambda: not any(runs(pid) for pid in family))


def test_missing_layer_is_an_error_that_names_it() -> None:
    with CodeGrader(LIMITS, ["sand"]) as grader, pytest.raises(UserError, match="'sand': unknown"):
        grader.self_test()
    with pytest.raises(UserError, match=r"landlock.*no such system call"):
        require_layers({"landlock": "no such system call"}, ["landlock"])
    with pytest.raises(UserError, match=r"'sand': unknown; this sandbox has landlock"):
        require_layers({"landlock": "active"}, ["sand"])


def check_without_landlock(required: str) -> subprocess.CompletedProcess[str]:
    check = [sys.executable, "-m", "workflow_scripts.grading.check_sandbox", "--require", required]
    command = [sys.executable, "-m", "tests.grading.without_landlock", *check]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_kernel_without_landlock_is_one_line_with_two_ways_on() -> None:
    found = check_without_landlock("landlock")
    assert found.returncode == 1
    (line,) = found.stderr.splitlines()
    assert "required layer 'landlock' is not active on this machine: [Errno 38] Landlock: Function not" in line
    assert "either grade where it is (docs/installing.md" in line
    assert "or take it out of required_layers" in line


def test_whoever_does_not_require_landlock_grades_without_it() -> None:
    found = check_without_landlock("seccomp")
    assert found.returncode == 0, found.stderr
    assert "landlock: [Errno 38] Landlock: Function not implemented\n" in found.stdout
    assert "the sandbox is ready" in found.stdout


def test_layers_are_active_here(grader: CodeGrader) -> None:
    assert {grader.layers[layer] for layer in LAYERS} == {"active"}


def test_limits_too_low_for_an_interpreter_are_no_verdict() -> None:
    with (
        CodeGrader(replace(LIMITS, cpu_seconds=1e-9), ()) as grader,
        pytest.raises(InfrastructureError, match="too low"),
    ):
        grader.self_test()


def test_check_sandbox_prints_layers_and_names_what_is_missing() -> None:
    good = run_script("workflow_scripts.grading.check_sandbox")
    assert (good.returncode, good.stdout.splitlines()[0]) == (0, "rlimits: active")
    bad = run_script("workflow_scripts.grading.check_sandbox", "--require", "sand")
    assert (bad.returncode, bad.stderr[:31]) == (1, "error: required layer 'sand': u")
