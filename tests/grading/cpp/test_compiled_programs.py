"""C++ programs: tests apart from the program, standard input and output, and the compiler in its sandbox."""

import errno
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.grading.conftest import LAYERS, LIMITS, assert_problem, stdio_problem
from workflow_scripts.core.published_rows import read_rows
from workflow_scripts.grading import judging
from workflow_scripts.grading.code_grader import CodeGrader, Grade, UnsupportedTests, Verdict
from workflow_scripts.grading.cpp import compiled_programs, toolchain
from workflow_scripts.grading.cpp.compiled_programs import CompiledPrograms
from workflow_scripts.grading.sandbox.wire import SANDBOX_ENTERED, Ending
from workflow_scripts.grading.sandbox.zygote_process import Outcome
from workflow_scripts.grading.verdicts import BrokenTests
from workflow_scripts.problems.import_problems import converter, import_rows

HUMANEVAL_X = Path(__file__).resolve().parents[3] / "../shared/data/humaneval_x_cpp.jsonl.gz"
SUM = stdio_problem(("1 2", "3"), ("30 4", "34"), language="cpp", entry_point=None)
PROMPT = "#include <vector>\nusing namespace std;\nint half(int n) { return n / 2; }\nvector<int> f(vector<int> xs) {\n"
SORTED = assert_problem(
    "#include <cassert>\nint main() {\n    assert(f({3, 1, half(4)}) == vector<int>({1, 2, 3}));\n}\n",
    language="cpp",
    prompt=PROMPT,
    completion_kind="continuation",
)


def grade(grader: CodeGrader, problem: dict[str, Any], program: str) -> Grade:
    return grader.grade(problem, [program])[0]


def script(body: str) -> str:
    return f"#include <iostream>\nint main() {{\n    int a, b;\n    std::cin >> a >> b;\n    {body}\n}}\n"


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("std::cout << a + b << std::endl;", Verdict.PASSED),
        ("std::cout << a * b;", Verdict.FAILED),
        ("std::cout << a + b; return 1;", Verdict.ERROR),
        ("std::cout << undefined;", Verdict.ERROR),
        ("volatile int zero = 0; std::cout << a / zero;", Verdict.ERROR),
        ("throw 1;", Verdict.ERROR),
        ("for (;;) a += b;", Verdict.TIME_LIMIT),
        ("for (volatile char* all;; all[0] = 1) all = new char[1 << 20];", Verdict.MEMORY_LIMIT),
        ("for (;;) std::cout << a;", Verdict.OUTPUT_LIMIT),
    ],
)
def test_scripts(grader: CodeGrader, body: str, verdict: Verdict) -> None:
    got = grade(grader, SUM, script(body))
    assert got.verdict is verdict, got
    if verdict is Verdict.PASSED:
        assert got.detail == "2 cases"


def test_a_script_is_judged_by_its_problems_tolerance(grader: CodeGrader) -> None:
    problem = stdio_problem(("1 2", "3.0000001"), language="cpp", entry_point=None)
    program = script("std::cout << a + b << std::endl;")
    assert grade(grader, problem | {"tests": problem["tests"] | {"tolerance": 1e-6}}, program).verdict is Verdict.PASSED
    assert grade(grader, problem, program).verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("    sort(xs.begin(), xs.end());\n    return xs;\n}\n", Verdict.PASSED),  # <algorithm> comes with the header
        ("    return xs;\n}\n", Verdict.FAILED),
        ("    throw 1;\n}\n", Verdict.ERROR),
        ("    for (;;) xs[0] += xs[1];\n}\n", Verdict.TIME_LIMIT),
        ("    vector<int> all(1 << 30);\n    return all;\n}\n", Verdict.MEMORY_LIMIT),
        ("    return vector<int>(1 << 20);\n}\n", Verdict.OUTPUT_LIMIT),
    ],
)
def test_asserts(grader: CodeGrader, body: str, verdict: Verdict) -> None:
    got = grade(grader, SORTED, body)
    assert got.verdict is verdict, got


def test_names_that_clash_with_the_standard_library(grader: CodeGrader) -> None:
    """Such a program does not compile after the precompiled header, but with its own includes it does."""
    program = (
        "#include <iostream>\nusing namespace std;\nint gcd = 3, y1 = 1;\nint main() {\n    cout << gcd * y1;\n}\n"
    )
    assert grade(grader, stdio_problem(("", "3"), language="cpp"), program).verdict is Verdict.PASSED


@pytest.mark.parametrize(
    "body",
    [
        "    set<int> all(xs.begin(), xs.end());\n    return {all.begin(), all.end()};\n}\n",  # after the containers
        '    stringstream s("1 2 3");\n    for (int& x : xs) s >> x;\n    return xs;\n}\n',
        '    if (!regex_match(to_string(xs[0]), regex("3"))) throw 1;\n    return {1, 2, 3};\n}\n',
        '#define JOIN(a, b) a##b\n    JOIN(reg, ex) r("3");\n    return {1, 2, 3};\n}\n',  # words that cannot be told
    ],
)
def test_a_program_may_use_the_whole_standard_library(grader: CodeGrader, body: str) -> None:
    assert grade(grader, SORTED, body).verdict is Verdict.PASSED


def test_a_program_means_what_it_means_after_the_whole_standard_library(grader: CodeGrader) -> None:
    """beta(double, double) of C++17 is a better match than the program's own function: it must not be left out."""
    problem = SORTED | {"prompt": PROMPT.replace("int half", "int beta(int a, int b) { return 1; }\nint half")}
    assert grade(grader, problem, "    return {int(beta(1.0, 0.25)), 2, 3};\n}\n").verdict is Verdict.FAILED
    assert grade(grader, problem, "    return {int(beta(1, 2)), 2, 3};\n}\n").verdict is Verdict.PASSED


def test_a_refusal_reads_as_after_the_whole_standard_library(
    grader: CodeGrader, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = "    return jthread(xs);\n}\n"
    got = grade(grader, SORTED, body)
    monkeypatch.setattr(compiled_programs, "PARTIAL_DIALECTS", ())
    assert grade(grader, SORTED, body) == got
    assert got.detail.startswith("does not compile: "), got


def test_tests_that_need_more_than_values_are_unsupported(grader: CodeGrader, compiled: Path) -> None:
    problem = SORTED | {"prompt": PROMPT.replace("vector<int> xs)", "vector<int>& xs)")}
    completion = "    return xs;\n}\n"
    with pytest.raises(UnsupportedTests, match="problem test"):
        grade(grader, problem, completion)
    with pytest.raises(UnsupportedTests, match="not by calls"):
        grade(
            grader, SORTED | {"tests": {"kind": "calls", "calls": [{"arguments": [[1]], "expected": [1]}]}}, completion
        )
    code = "#include <cassert>\nint main() {\n    vector<int> xs = {1};\n    assert(f(xs).size() == 1);\n}\n"
    problem["tests"] = {"kind": "asserts", "code": code}
    with CodeGrader(LIMITS, LAYERS, allow_unsplit_asserts=True, cache_folder=compiled) as unprotected:
        got = grade(unprotected, problem, completion)
        assert got.verdict is Verdict.PASSED
        assert "could have forged" in got.detail


BROKEN = {
    "a crash": ("int* nowhere = nullptr; *nowhere = 1;", "ended by SIGSEGV"),
    "an exception": ("throw 1;", "ended by"),
    "an assertion about itself": ("assert(half(4) == 3);", "an assertion failed"),
    "an endless loop": ("for (volatile int i = 0;;) i = 1;", "time_limit"),
    "memory": ("vector<char> all(1 << 30);", "memory_limit"),
    "an exit": ("exit(3);", "exit status 3"),
}


def test_a_program_that_crashes_is_not_to_blame_for_such_tests(grader: CodeGrader) -> None:
    problem = SORTED | {"tests": {"kind": "asserts", "code": "int main() { throw 1; }"}}
    with pytest.raises(BrokenTests, match="ended by"):
        grade(grader, problem, "    return xs;\n}\nint early = (throw 1, 1);\n")


@pytest.mark.parametrize("tests", BROKEN)
def test_tests_that_end_before_they_call_the_program_are_no_verdict(grader: CodeGrader, tests: str) -> None:
    line, reason = BROKEN[tests]
    code = f"#include <cassert>\n#include <cstdlib>\nint main() {{\n    {line}\n}}\n"
    problem = SORTED | {"tests": {"kind": "asserts", "code": code}}
    with pytest.raises(BrokenTests, match=f"problem test: its tests end before they call the program: .*{reason}"):
        grade(grader, problem, "    return xs;\n}\n")


def test_tests_that_the_kernel_does_not_execute_are_no_verdict(grader: CodeGrader) -> None:
    code = SORTED["tests"]["code"] + INTERPRETER.format("/nowhere")
    with pytest.raises(BrokenTests, match="the compiled program is none: E"):
        grade(grader, SORTED | {"tests": {"kind": "asserts", "code": code}}, "    return xs;\n}\n")


INTERPRETER = 'asm(".section .interp,\\"a\\"\\n.asciz \\"{}\\"\\n.text");\n'


@pytest.mark.parametrize("path", ["/nowhere", "/usr", "/etc/passwd", "/proc/self/exe", "a/" * 3000, "/usr/bin/ldd"])
def test_a_program_that_the_kernel_does_not_execute_is_an_error(grader: CodeGrader, path: str) -> None:
    """Its own loader is another file, a folder, one that it may not read, too long a path, a script."""
    got = grade(grader, SORTED, f"    return {{1, 2, 3}};\n}}\n{INTERPRETER.format(path)}")
    assert got.verdict is Verdict.ERROR, got


def test_whatever_the_kernel_says_of_a_program_is_an_error() -> None:
    for refused in [*errno.errorcode.values(), "unknown"]:
        outcome = Outcome(Ending.EXITED, 0, SANDBOX_ENTERED + json.dumps({"refused": refused}).encode(), b"")
        grade = judging.judge_native_output(outcome, "")
        assert grade == Grade(Verdict.ERROR, f"the compiled program is none: {refused}")


HALVES = assert_problem(
    """#include <cassert>
#include <cmath>
int main() {
    if (fabs(f(1)[0] - 0.5) > 1e-4) return 1;
    assert(!(fabs(f(2)[0] - 1.0) > 1e-4));
}
""",
    language="cpp",
    prompt="#include <vector>\n#include <cmath>\nusing namespace std;\nvector<double> f(float x) {\n",
    completion_kind="continuation",
)


def test_a_nan_is_no_answer_unless_the_problem_speaks_of_it(grader: CodeGrader) -> None:
    for body, verdict in (("return {x / 2};", Verdict.PASSED), ("return {0.0, -NAN};", Verdict.FAILED)):
        assert grade(grader, HALVES, f"    {body}\n}}\n").verdict is verdict
    got = grade(grader, HALVES, "    return {NAN};\n}\n")
    assert (got.verdict, "NaN" in got.detail) == (Verdict.FAILED, True)
    spoken = HALVES | {"prompt": "// An odd x gives NaN.\n" + HALVES["prompt"]}
    assert grade(grader, spoken, "    return {NAN};\n}\n").verdict is Verdict.PASSED


def test_a_compiled_program_has_a_largest_size(grader: CodeGrader) -> None:
    got = grade(grader, SUM, "int a[50000000] = {1}; int main() {}")
    assert (got.verdict, "64 MiB" in got.detail) == (Verdict.ERROR, True), got


def test_open_programs_are_bounded_by_their_size(grader: CodeGrader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_programs, "_OPEN_BYTES", 1)
    programs = grader._workers[0]._compiled
    assert grade(grader, SUM, script("std::cout << a + b; // of two")).verdict is Verdict.PASSED
    assert len(programs._binaries) == 2


@pytest.fixture(scope="module")
def own_folder(compiled: Path, grader: CodeGrader, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the headers of the others' at least."""
    assert grade(grader, SUM, script("std::cout << a + b;")).verdict is Verdict.PASSED
    return shutil.copytree(compiled, tmp_path_factory.mktemp("own"), dirs_exist_ok=True)


@pytest.mark.whole
def test_what_was_damaged_is_made_anew(own_folder: Path) -> None:
    programs = [script("std::cout << a + b; // 1"), script("std::cout << a; // 1")]
    expected = [Verdict.PASSED, Verdict.FAILED]

    def verdicts() -> list[Verdict]:
        with CodeGrader(LIMITS, LAYERS, cache_folder=own_folder) as grader:
            return [got.verdict for got in grader.grade(SUM, programs)]

    assert verdicts() == expected
    files = [path for path in own_folder.rglob("*") if path.is_file() and path.suffix != ".sha256"]
    kept = [path for path in files if path.stat().st_size]
    assert {path.suffix for path in kept} >= {"", ".hpp", ".gch"}
    for path in kept:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert verdicts() == expected
    for path in kept:
        assert path.stat().st_size > 0
    for path in (own_folder / "programs").glob("*/*"):
        path.write_bytes(Path("/bin/true").read_bytes())
    assert verdicts() == expected


def test_a_folder_that_takes_nothing_is_no_reason_to_fail(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    taken = tmp_path / "taken"
    taken.write_text("")
    tools = toolchain.Toolchain(taken / "cache")
    tools.prepare()
    tools.prepare()
    assert "/cache: Not a directory: what is compiled is not kept\n" in capfd.readouterr().err
    assert Path(tools.scratch).is_dir()
    tools.close()


def test_nothing_is_compiled_twice(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    compile_unit = CompiledPrograms._compile
    monkeypatch.setattr(
        CompiledPrograms,
        "_compile",
        lambda self, unit, *rest: (compiled.append(unit), compile_unit(self, unit, *rest))[1],
    )
    programs = [script("std::cout << a + b;"), script("std::cout << a;"), script("nonsense;")]
    verdicts = []
    for _ in range(2):
        with CodeGrader(LIMITS, LAYERS, cache_folder=own_folder) as grader:
            verdicts.append([got.verdict for got in grader.grade(SUM, programs)])
        assert (own_folder / "scratch").exists()
        assert not list((own_folder / "scratch").iterdir())
    assert verdicts == [[Verdict.PASSED, Verdict.FAILED, Verdict.ERROR]] * 2
    assert len(compiled) == len(set(compiled))


def test_a_machine_without_a_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolchain.shutil, "which", lambda _: None)
    with CodeGrader(LIMITS, LAYERS) as grader, pytest.raises(toolchain.UserError, match=r"g\+\+ was not found"):
        grade(grader, SUM, script(""))


@pytest.mark.parametrize("each", [8, pytest.param(1, marks=pytest.mark.whole)])
def test_references_of_humaneval_x_that_compile_as_published_pass(compiled: Path, each: int) -> None:
    if not HUMANEVAL_X.exists():
        pytest.skip("HumanEval-X is not at hand in ../shared/data")
    problems = list(import_rows(read_rows(HUMANEVAL_X), converter("humaneval-x-cpp")))
    assert len(problems) == 164
    failed = []
    with CodeGrader(LIMITS, LAYERS, workers=2, cache_folder=compiled) as several:
        grades = several.grade_each((problem, problem["reference"]) for problem in problems[::each])
        for problem, got in zip(problems[::each], grades, strict=True):
            if not isinstance(got, Grade) or got.verdict is not Verdict.PASSED:
                failed.append((problem, got))
    for problem, got in failed:
        assert not compiles_as_published(problem), (problem["task_id"], got)
    assert len(failed) <= 3, [problem["task_id"] for problem, _ in failed]


def compiles_as_published(problem: dict[str, Any]) -> bool:
    """Whether CodeGeeX's harness gets as far as running a reference: one unit, C++11, two libraries for one problem."""
    unit = problem["prompt"] + problem["reference"] + "\n" + problem["tests"]["code"]
    libraries = ["-lcrypto", "-lssl"] if problem["task_id"] == "CPP/162" else []
    command = ["g++", "-std=c++11", "-w", "-x", "c++", "-", "-o", "/dev/null", *libraries]
    return subprocess.run(command, input=unit, capture_output=True, text=True, check=False).returncode == 0
