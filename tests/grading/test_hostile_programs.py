"""Programs that try to earn, escape, outlive or overwhelm: none is rewarded or left, none changes the next verdict."""

import ctypes
import itertools
import os
import re
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.grading.conftest import LAYERS, LIMITS, assert_problem, call_problem, stdio_problem
from tests.grading.endurance import descendants
from tests.grading.hostile_programs import (
    FOLDER,
    MARK,
    PROBLEMS,
    RIGHT,
    RIGHT_CPP,
    ROOT,
    HostileProgram,
    hostile_programs,
    with_main,
)
from tests.patience import await_that
from workflow_scripts.grading.code_grader import CodeGrader, InfrastructureError, UnsupportedTests, Verdict
from workflow_scripts.grading.sandbox import seccomp_policy

PROGRAMS = hostile_programs()
_PR_SET_CHILD_SUBREAPER = 36
_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm", "/run", "/", str(Path.home()), str(ROOT), str(FOLDER))
_serial = itertools.count()


# Tighter than elsewhere, for many of these programs go to the limit; but a right program's compiler, which takes half a
# second of processor time on an idle machine, takes a multiple of that on a busy one.
TIGHT = replace(LIMITS, stack_bytes=8 << 20, cpu_seconds=0.4, wall_seconds=1.0, compile_cpu_seconds=5.0)


@pytest.fixture(scope="module")
def warm_grader(compiled: Path) -> Iterator[CodeGrader]:
    """A grader whose processes all run; orphans become children of this process, so that they are seen."""
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with pytest.MonkeyPatch.context() as patch, CodeGrader(TIGHT, LAYERS, cache_folder=compiled) as grader:
        # What no program may find.
        patch.setenv("GRADING_SECRET", "a secret of the grading process")
        start_all_processes(grader)
        yield grader
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def start_all_processes(grader: CodeGrader) -> None:
    """Grade a right program of each kind, as the processes that it needs start with the first."""
    for kind, problem in PROBLEMS.items():
        comment = f"// {next(_serial)}\n" if kind.startswith("cpp") else f"# {next(_serial)}\n"
        program = with_main(RIGHT_CPP if kind.startswith("cpp") else RIGHT, kind) + comment
        (grade,) = grader.grade(problem, [program])
        assert grade.verdict is Verdict.PASSED, (kind, grade)


def require_right_program_to_pass(grader: CodeGrader, kind: str) -> None:
    """Grade a right program that was not graded before."""
    problem, program = PROBLEMS[kind], with_main(RIGHT, kind) + f"# {next(_serial)}\n"
    if kind.startswith("cpp"):
        # A new question, not a new text: it would have to be compiled.
        number = next(_serial)
        problem = stdio_problem((f"{number}", f"{number * number}"), language="cpp")
        program = with_main(RIGHT_CPP, "cpp-stdio")
    (grade,) = grader.grade(problem, [program])
    assert grade.verdict is Verdict.PASSED, grade


def descriptors() -> list[str]:
    """What this process's descriptors are open on, but for compiled programs, of which the last are kept."""
    targets = []
    for link in Path("/proc/self/fd").iterdir():
        try:
            targets.append(os.readlink(link))
        except FileNotFoundError:  # the listing's own
            continue
    return sorted(re.sub(r"\d+", "", target) for target in targets if not target.startswith("/memfd:program"))


def held() -> tuple[set[int], list[str]]:
    """The processes below this one, and what its descriptors are open on."""
    return set(descendants(os.getpid())), descriptors()


def left_files() -> list[str]:
    """What programs left in the folders that they tried."""
    return [f"{folder}/{name}" for folder in (*_FOLDERS, os.getcwd()) for name in os.listdir(folder) if MARK in name]


@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_hostile_program_earns_nothing_and_leaves_nothing(warm_grader: CodeGrader, program: HostileProgram) -> None:
    before = held()
    try:
        (grade,) = warm_grader.grade(PROBLEMS[program.kind], [program.text])
    except InfrastructureError:
        start_all_processes(warm_grader)  # for the tests that follow
        raise
    assert grade.verdict in program.expected, grade
    require_right_program_to_pass(warm_grader, program.kind)
    # Equal also in that no process of the grader had to be replaced.
    await_that(lambda: held() == before, lambda: (before, held()))
    assert not left_files()


def test_the_suite_is_as_large_as_it_claims() -> None:
    assert len({program.name for program in PROGRAMS}) >= 150
    for kind in PROBLEMS:
        assert sum(program.kind == kind for program in PROGRAMS) >= 20
    # A pass is expected only where a program's own answers are right.
    passing = {program.name for program in PROGRAMS if Verdict.PASSED in program.expected}
    assert all(name.startswith("right_but_") for name in passing), passing


@pytest.mark.parametrize("text", ["def f(n:\n", "def f(n):\n    return '\0'\n", "def f(n):\n    return '\ud800'\n"])
@pytest.mark.parametrize("kind", ["calls", "asserts", "stdio"])
def test_text_that_no_file_can_hold_is_an_error(warm_grader: CodeGrader, kind: str, text: str) -> None:
    (grade,) = warm_grader.grade(PROBLEMS[kind], [with_main(text, kind)])
    assert grade.verdict in (Verdict.ERROR, Verdict.FAILED), grade


@pytest.mark.parametrize(
    "test",
    [
        "assert all(map(lambda n: candidate(n) == n * n, range(1, 9)))",
        "assert [n for n in map(candidate, range(1, 9)) if n not in (1, 4, 9, 16, 25, 36, 49, 64)] == []",
        "for n in filter(candidate, range(1, 9)): assert candidate(n) == n * n",
        "assert len(list(iter(lambda: candidate(3), 9))) == 0",
        "assert not any(candidate(n) != n * n for n in range(1, 9))",
    ],
)
@pytest.mark.parametrize("exception", ["StopIteration", "GeneratorExit", "StopAsyncIteration"])
def test_no_exception_ends_a_loop_of_the_tests_well(warm_grader: CodeGrader, test: str, exception: str) -> None:
    problem = assert_problem(f"def check(candidate):\n    {test}\n")
    (right,) = warm_grader.grade(problem, ["def f(n):\n    return n * n\n"])
    (wrong,) = warm_grader.grade(problem, [f"def f(n):\n    raise {exception}\n"])
    assert right.verdict is Verdict.PASSED, right
    assert wrong.verdict in (Verdict.ERROR, Verdict.FAILED), wrong


def test_no_program_makes_tests_unsupported_that_others_can_pass(warm_grader: CodeGrader) -> None:
    problem = assert_problem(
        "def check(candidate):\n    try:\n        answer = candidate(3)\n    except ValueError:\n        pass\n"
        "    assert answer == 9\n"
    )
    right, raises = "def f(n):\n    return n * n\n", "def f(n):\n    raise ValueError\n"
    try:
        verdicts = [grade.verdict for grade in warm_grader.grade(problem, [right, raises, right + "# again\n"])]
    except UnsupportedTests as error:
        pytest.fail(f"one program spoiled a batch: {error}")
    assert verdicts[::2] == [Verdict.PASSED, Verdict.PASSED]
    assert verdicts[1] in (Verdict.FAILED, Verdict.ERROR)


# A program that serves its channel (descriptor 3) itself, and answers every call with the same bytes.
_SERVES_ITSELF = """
import os
while request := os.read(3, 65536):
    os.write(3, {reply!r})
os._exit(0)
"""
_FRAMES = [
    b'{"value": true}',
    b'{"value": NaN}',
    b'{"value": 9, "value": 0}',
    b'{"value": {"other": "int"}}',
    b'{"value": {"int": "9"}, "raised": ["ValueError", ""]}',
    b'{"value": {"int": 9}}',
    b'{"value": {"int": "0x"}}',
    b'{"value": {"int": "' + b"9" * 10_000 + b'"}}',
    b'{"value": ' + b"9" * 10_000 + b"}",
    b'{"value": 1e999}',
    b'{"value": {"tuple": 9}}',
    b'{"value": {"set": [[]]}}',
    b'{"value": {"set": [{"dict": []}]}}',
    b'{"value": {"dict": [[1, 2, 3]]}}',
    b'{"value": {"dict": [[[], 1]]}}',
    b'{"value": {"range": [0, 9, 0]}}',
    b'{"value": {"range": [0.5, 9, 1]}}',
    b'{"value": {"complex": [9]}}',
    b'{"value": {"complex": [NaN, NaN]}}',
    b'{"value": {"bytes": "9"}}',
    b'{"value": {"__class__": "int"}}',
    b'{"value": {"int": "0x9", "tuple": []}}',
    b'{"value": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    b'{"value": ' + b'{"tuple": [' * 5_000 + b"]}" * 5_000 + b"}",
    *(
        b'{"raised": ["%b", ""]}' % name
        for name in (b"SystemExit", b"StopIteration", b"AssertionError", b"BaseException", b"type", b"MemoryError")
    ),
    *(
        b'{"raised": ["%b", ""]}' % name
        for name in (b"GeneratorExit", b"KeyboardInterrupt", b"ExceptionGroup", b"__import__")
    ),
    b'{"raised": "SystemExit"}',
    b'{"raised": [1, 2]}',
    b'{"limit": "output"}',
    b'{"limit": "none"}',
    b"{}",
    b"[]",
    b"null",
    b"",
    b"\xff\xfe",
]


@pytest.mark.parametrize("content", _FRAMES, ids=lambda content: content[:40].decode(errors="replace"))
def test_no_forged_answer_passes(warm_grader: CodeGrader, content: bytes) -> None:
    problem = assert_problem(
        "def check(candidate):\n    for n in (3, 4):\n        try:\n            answer = candidate(n)\n"
        "        except Exception:\n            answer = None\n        assert answer == n * n\n"
    )
    reply = struct.pack(">I", len(content)) + content
    (grade,) = warm_grader.grade(problem, [_SERVES_ITSELF.format(reply=reply)])
    assert grade.verdict in (Verdict.ERROR, Verdict.FAILED, Verdict.OUTPUT_LIMIT, Verdict.MEMORY_LIMIT), grade


_OUTPUTS = [
    "true",
    "9.0",
    "[9, 9]",
    '[{"int": "9"}]',
    '[{"tuple": 9}]',
    '[{"dict": [["a", 1], ["a", 1]]}]',
    '[{"set": [9]}]',
    "[NaN]",
    '["9"]',
    "[" * 30_000,
    "[9" + "9" * 5_000 + "]",
    '{"0": 9}',
]


@pytest.mark.parametrize("outputs", _OUTPUTS, ids=lambda outputs: outputs[:20])
def test_no_forged_report_passes(warm_grader: CodeGrader, outputs: str) -> None:
    report = f'{{"outputs": {outputs}, "end": "returned"}}'.encode()
    program = f"import os\nfor handle in range(3, 32):\n    try:\n        os.write(handle, {report!r})\n"
    program += "    except OSError:\n        pass\nos._exit(0)\n"
    (grade,) = warm_grader.grade(call_problem(([3], 9)), [program])
    assert grade.verdict in (Verdict.ERROR, Verdict.FAILED), grade


def test_every_system_call_outside_of_the_tables_is_refused(warm_grader: CodeGrader) -> None:
    tables = (seccomp_policy.ALLOWED, seccomp_policy.ALLOWED_WITH, seccomp_policy.ZYGOTE_ONLY_BUT_FOR)
    column = os.uname().machine == "aarch64"
    known = {entry[column] for entry in seccomp_policy.ALLOWED.values()}
    known |= {entry[0][column] for table in tables[1:] for entry in table.values()}
    ending = {
        entry[column]
        for table in (seccomp_policy.FORBIDDEN, seccomp_policy.ZYGOTE_ONLY_FORBIDDEN)
        for entry in table.values()
    }
    # The kernel keeps 335 and 336 of x86_64 from every filter: probes that it put into a program itself make them.
    numbers = sorted(set(range(470)) - known - ending - {335, 336})
    # EPERM is 1. Whatever is let through by mistake gets arguments that are no addresses and no descriptors.
    attempts = (
        "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "def attempt(number):\n    ctypes.set_errno(0)\n"
        "    return libc.syscall(ctypes.c_long(number), *[ctypes.c_long(-1)] * 6), ctypes.get_errno()\n"
        "def f(numbers):\n    return [number for number in numbers if attempt(number) != (-1, 1)]\n"
    )
    (refused,) = warm_grader.grade(call_problem(([numbers], [])), [attempts])
    assert refused.verdict is Verdict.PASSED, refused
    for number in sorted(ending - {None}):
        (ended,) = warm_grader.grade(call_problem(([[number]], [])), [attempts])
        assert ended.verdict is Verdict.FORBIDDEN, (number, ended)


def test_verdicts_are_repeatable(warm_grader: CodeGrader) -> None:
    draws = "import random\ndef f(n):\n    return random.random() < 0.5\n# {}\n"
    hashes = "def f(n):\n    return hash('x') % 2 == 0\n# {}\n"
    problem = call_problem(([1], True))
    for program in (draws, hashes):
        copies = [program.format(index) for index in range(8)]
        before = {grade.verdict for grade in warm_grader.grade(problem, copies)}
        with CodeGrader(LIMITS, LAYERS) as another:
            assert before == {grade.verdict for grade in another.grade(problem, copies)}
        assert len(before) == 1
