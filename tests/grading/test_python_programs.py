"""Python programs by assert tests in another process and by standard input and output, and where time is counted."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.grading.conftest import LAYERS, LIMITS, call_problem, check, grade, stdio_problem
from workflow_scripts.grading.code_grader import CodeGrader, Grade, UnsupportedTests, Verdict
from workflow_scripts.grading.sandbox.zygote_process import _on_processor_or_queued
from workflow_scripts.grading.verdicts import BrokenTests


@pytest.mark.parametrize(
    "value",
    [
        *("None", "True", "1", "-(1 << 200)", "1.5", "float('inf')", "'a\\ud800b\\0'", "b'\\xff'", "1 + 2j"),
        *("[1, [2.0]]", "(1, (2,))", "{1, 2}", "frozenset({3})", "{1: {'a': (None,)}, (2,): []}", "range(1, 9, 2)"),
    ],
)
def test_plain_values_arrive_as_they_were_sent(grader: CodeGrader, value: str) -> None:
    problem = check(f"value = {value}", "got = candidate(value)", "assert got == value and type(got) is type(value)")
    assert grade(grader, problem, "def f(x):\n    return x\n").verdict is Verdict.PASSED
    wrong = grade(grader, problem, "def f(x):\n    return 'wrong'\n")
    assert wrong.verdict is Verdict.FAILED


def test_a_value_of_a_derived_type_arrives_as_its_plain_one(grader: CodeGrader) -> None:
    program = (
        "from collections import Counter, namedtuple\nfrom enum import IntEnum\nE = IntEnum('E', 'A B')\n"
        "P = namedtuple('P', 'x y')\ndef f(x):\n    return [Counter(x), P(1, 2), E.B]\n"
    )
    problem = check("assert candidate('aab') == [{'a': 2, 'b': 1}, (1, 2), 2]")
    assert grade(grader, problem, program).verdict is Verdict.PASSED


def test_helpers_of_the_prompt_keywords_and_several_calls(grader: CodeGrader) -> None:
    prompt = "def twice(x):\n    return 2 * x\n\ndef f(x, y=1):\n    '''Add.'''\n"
    problem = check("assert candidate(twice(2), y=3) == 7", "assert candidate(1) == 2") | {
        "prompt": prompt,
        "completion_kind": "continuation",
    }
    assert grade(grader, problem, "    return x + y\n").verdict is Verdict.PASSED
    # What the program makes of a helper is its own affair.
    assert grade(grader, problem, "    return x + y\ndef twice(x):\n    return 3\n").verdict is Verdict.PASSED


def test_arguments_are_copies(grader: CodeGrader) -> None:
    problem = check("xs = [3, 1]", "got = candidate(xs)", "assert xs == [3, 1]", "assert got == sorted(xs)")
    assert grade(grader, problem, "def f(xs):\n    xs.sort()\n    return xs\n").verdict is Verdict.PASSED
    # So a program cannot make the test compare two empty lists.
    assert grade(grader, problem, "def f(xs):\n    xs.clear()\n    return xs\n").verdict is Verdict.FAILED


def test_built_in_exceptions_reach_the_tests(grader: CodeGrader) -> None:
    lines = ("try:", "    candidate(-1)", "except ValueError:", "    pass", "else:", "    assert False")
    raises = "class Own(ValueError):\n    pass\ndef f(x):\n    raise Own('no')\n"
    assert grade(grader, check(*lines), raises).verdict is Verdict.PASSED
    assert grade(grader, check(*lines), "def f(x):\n    return 1\n").verdict is Verdict.FAILED
    assert grade(grader, check(*lines), "def f(x):\n    raise KeyError\n").verdict is Verdict.ERROR


@pytest.mark.parametrize(
    ("program", "verdict"),
    [
        ("import os\ndef f(x):\n    os._exit(0)\n", Verdict.ERROR),
        ("def f(x):\n    return 'x' * 10**6\n", Verdict.OUTPUT_LIMIT),
        ("def f(x):\n    raise SystemExit(0)\n", Verdict.ERROR),
        ("x = 1 / 0\n", Verdict.ERROR),
        ("def g(x):\n    return x\n", Verdict.ERROR),
    ],
)
def test_tests_that_swallow_everything_pass_no_lost_program(grader: CodeGrader, program: str, verdict: Verdict) -> None:
    problem = check("try:", "    candidate([1])", "except BaseException:", "    pass")
    assert grade(grader, problem, program).verdict is verdict


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["candidate(lambda x: x)"], "pass a function to f"),
        (["candidate([Node(1)])"], "the program could define: Node"),
        (["assert candidate(1) == 1 or Node(1)"], "the program could define: Node"),
        (["assert candidate.__name__ == 'f'"], "attribute '__name__' of f"),
    ],
)
def test_what_two_processes_cannot_express_is_unsupported(grader: CodeGrader, lines: list[str], words: str) -> None:
    program = "class Node:\n    def __init__(self, x):\n        self.x = x\ndef f(x):\n    return 1\n"
    with pytest.raises(UnsupportedTests, match=rf"problem test: .*{words}.*two processes"):
        grade(grader, check(*lines), program)
    with CodeGrader(LIMITS, LAYERS, allow_unsplit_asserts=True) as unprotected:
        unsplit = grade(unprotected, check(*lines), program)
        assert unsplit.verdict is Verdict.PASSED
        assert "could have forged" in unsplit.detail
        # What can be judged apart still is.
        assert "another process" in grade(unprotected, check("candidate(1)"), program).detail


def test_draws_in_tests_are_the_same_each_time(grader: CodeGrader) -> None:
    problem = check("import random", "assert candidate(random.random()) < 0.5")
    programs = [f"def f(x):\n    return x\n# {number}\n" for number in range(4)]
    assert len({got.verdict for got in grader.grade(problem, programs)}) == 1


@pytest.mark.parametrize(
    "program",
    [
        "n = int(input())\nprint(sum(map(int, input().split())))\n",
        "import sys\nlines = sys.stdin.read().split()\nprint(sum(map(int, lines[1:])))\n",
        "import sys\nprint(sum(map(int, sys.stdin.readlines()[1].split())))\n",
        "import sys\ndata = sys.stdin.buffer.read().split()\nsys.stdout.write(str(sum(map(int, data[1:]))))\n",
        "data = open(0).read().split()\nprint(' ', sum(map(int, data[1:])), '\\n\\n')\n",
        "import os\ndata = os.read(0, 10**6).split()\nos.write(1, b'%d' % sum(map(int, data[1:])))\n",
        "import sys\nfor line in sys.stdin:\n    last = line\nprint(sum(map(int, last.split())))\nsys.exit(0)\n",
        "if __name__ == '__main__':\n    input()\n    print(sum(map(int, input().split())))\n    exit()\n",
    ],
)
def test_scripts_read_and_write_in_every_usual_way(grader: CodeGrader, program: str) -> None:
    problem = stdio_problem(("3\n1 2 3\n", "6\n"), ("2\n10 20", "30"))
    got = grade(grader, problem, program)
    assert (got.verdict, got.detail) == (Verdict.PASSED, "2 cases")


def test_output_is_compared_token_by_token(grader: CodeGrader) -> None:
    problem = stdio_problem(("", "1 2\n3 4\n"))
    verdicts = [grade(grader, problem, f"print({text!r})\n").verdict for text in ("1  2 \r\n3\n4", "1 2 3", "12 34")]
    assert verdicts == [Verdict.PASSED, Verdict.FAILED, Verdict.FAILED]


def test_the_first_failing_case_is_named(grader: CodeGrader) -> None:
    problem = stdio_problem(("1", "1"), ("2", "4"), ("x", ""))
    got = grade(grader, problem, "print(int(input()))\n")
    assert (got.verdict, got.detail) == (Verdict.FAILED, "case 2 of 3: wrong output")
    assert grade(grader, stdio_problem(("x", "1")), "int(input())\n").verdict is Verdict.ERROR
    assert grade(grader, stdio_problem(("", "1")), "print(1)\nraise SystemExit(3)\n").verdict is Verdict.ERROR


def test_equal_programs_get_equal_details(grader: CodeGrader) -> None:
    problem = call_problem(([1], 1))
    program = "def f(x):\n    raise ValueError(f'{object()} at 0x1 of {0xab:#x}')\n"
    got = grade(grader, problem, program)
    assert got == Grade(Verdict.ERROR, "ValueError: <object object at 0x...> at 0x... of 0xab")


def test_a_large_input(grader: CodeGrader) -> None:
    problem = stdio_problem(("7\n" * 500_000, "3500000"))
    assert grade(grader, problem, "print(sum(map(int, open(0))))\n").verdict is Verdict.PASSED


def burn(seconds: float) -> str:
    return f"import time\nend = time.process_time() + {seconds}\nwhile time.process_time() < end:\n    pass\n"


def test_a_published_time_limit_is_relaxed_and_counts_per_case(grader: CodeGrader) -> None:
    problem = stdio_problem(("", "1"), ("", "1")) | {"time_limit_seconds": 0.2}
    short, long = (burn(seconds) + "print(1)\n" for seconds in (0.4, 0.7))
    assert grade(grader, problem, short).verdict is Verdict.PASSED
    assert grade(grader, problem, long).verdict is Verdict.TIME_LIMIT
    # Without one the grader's own holds.
    assert grade(grader, stdio_problem(("", "1")) | {"time_limit_seconds": None}, short).verdict is Verdict.PASSED
    assert grade(grader, stdio_problem(("", "1")), long).verdict is Verdict.TIME_LIMIT


@pytest.fixture(scope="module")
def impatient() -> Iterator[CodeGrader]:
    with CodeGrader(replace(LIMITS, cpu_seconds=2.0, wall_seconds=0.2), LAYERS) as grader:
        yield grader


def test_only_time_spent_sleeping_counts_towards_the_backstop(impatient: CodeGrader) -> None:
    computes, sleeps = burn(0.6), "import time\ntime.sleep(0.6)\n"
    naps = "import time\nfor _ in range(600):\n    time.sleep(0.001)\n"
    define = "def f(x):\n    return x\n"
    for problem in (call_problem(([1], 1)), check("assert candidate(1) == 1")):
        assert grade(impatient, problem, computes + define).verdict is Verdict.PASSED
        assert grade(impatient, problem, sleeps + define).verdict is Verdict.WALL_LIMIT
        assert grade(impatient, problem, naps + define).verdict is Verdict.WALL_LIMIT


def test_a_program_waits_for_slow_tests_and_tests_for_a_slow_program(impatient: CodeGrader) -> None:
    lines = [line.replace("\n", "") for line in burn(0.15).splitlines()]
    slow_tests = check(*lines, "assert candidate(1) == 1")
    assert grade(impatient, slow_tests, "def f(x):\n    return x\n").verdict is Verdict.PASSED
    slow = "def f(x):\n" + "".join(f"    {line}\n" for line in burn(0.7).splitlines()) + "    return x\n"
    assert grade(impatient, check("assert candidate(1) == 1"), slow).verdict is Verdict.PASSED
    endless_tests = check("candidate(1)", "while True:", "    pass")
    got = grade(impatient, endless_tests, "def f(x):\n    return x\n")
    assert got.verdict in (Verdict.TIME_LIMIT, Verdict.WALL_LIMIT)
    with pytest.raises(BrokenTests, match="_limit of the tests before they call"):
        grade(impatient, check("while True:", "    pass", "candidate(1)"), "def f(x):\n    return x\n")


def test_time_on_the_processor_is_told_by_the_kernel() -> None:
    before, began = _on_processor_or_queued(os.getpid()), time.process_time()
    while time.process_time() < began + 0.05:
        pass
    assert _on_processor_or_queued(os.getpid()) - before >= 0.04
    assert _on_processor_or_queued(2**22 + 1) == 0.0
