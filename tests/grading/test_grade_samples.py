"""Samples become grades in their order; what was not judged is said, and mistakes are found before anything runs."""

import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.grading.conftest import assert_problem, call_problem, stdio_problem
from tests.problems.published_samples import MBPP_FULL, MBPP_SANITIZED, apps_function_row, apps_row, contest_row
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json
from workflow_scripts.core.published_rows import PublishedRow, read_rows
from workflow_scripts.grading import grade_samples
from workflow_scripts.grading.code_grader import Grade, InfrastructureError
from workflow_scripts.grading.worker import Worker
from workflow_scripts.problems.formats.human_eval_formats import human_eval
from workflow_scripts.problems.formats.published_problem import problem_of
from workflow_scripts.problems.import_problems import converter, import_rows

PROJECT = Path(__file__).parents[2]
HUMAN_EVAL = PROJECT.parent / "shared/data/humaneval.jsonl.gz"
DOUBLE = "def f(x):\n    return 2 * x\n"


def whole_row(problem: dict[str, Any], task_id: str) -> dict[str, Any]:
    """A problem of this folder's tests with every key that the schema asks for."""
    row = problem_of(task_id, "python", "program", "", problem["entry_point"], None, problem["tests"])
    return row | {"prompt": problem["prompt"]}


CALLS = whole_row(call_problem(([3], 6), ([-1], -2)), "own/calls")
ASSERTS = whole_row(assert_problem("def check(candidate):\n    assert candidate(3) == 6\n"), "own/asserts")
STDIO = whole_row(stdio_problem(("3\n", "6\n"), ("4", "8")), "own/stdio") | {"entry_point": None}
# Its tests build an argument of the program's own class, which another process does not know.
UNSUPPORTED = whole_row(assert_problem("def check(candidate):\n    assert candidate(Node(3)) == 6\n"), "own/class")
NODE = "class Node:\n    def __init__(self, x): self.x = x\ndef f(node):\n    return 2 * node.x\n"


def write_lines(path: Path, rows: Sequence[Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def sample(problem: dict[str, Any], completion: str) -> dict[str, Any]:
    return {"task_id": problem["task_id"], "completion": completion, "temperature": 0.8}


def files_of(tmp_path: Path, problems: Sequence[Any], samples: Sequence[Any]) -> list[str]:
    """The options that name the files: problems, samples and the grades to write, which is in a folder of its own."""
    problem_file = write_lines(tmp_path / "problems.jsonl", problems)
    sample_file = write_lines(tmp_path / "samples.jsonl", samples)
    return [f"--problems={problem_file}", f"--samples={sample_file}", f"--output={tmp_path}/out/grades.json"]


def run_main(monkeypatch: pytest.MonkeyPatch, options: Sequence[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["grade_samples", *options])
    grade_samples.main()


def test_every_kind_of_tests_in_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    samples = [
        sample(STDIO, "print(2 * int(input()))"),
        sample(CALLS, DOUBLE),
        sample(ASSERTS, DOUBLE),
        sample(CALLS, "def f(x):\n    return x\n"),
        sample(CALLS, "def f(x):\n    return x.y\n"),
        sample(CALLS, "raise ValueError('\ud800')\n"),
        sample(STDIO, "import socket\nsocket.socket()\n"),
        sample(CALLS, DOUBLE),
    ]
    idle = CALLS | {"task_id": "own/idle"}
    run_main(monkeypatch, [*files_of(tmp_path, [CALLS, ASSERTS, STDIO, idle], samples), "--cpu-seconds=0.5"])
    grades = read_json(tmp_path / "out/grades.json", "grades")
    assert [row["task_id"] for row in grades["samples"]] == [row["task_id"] for row in samples]
    assert [row["verdict"] for row in grades["samples"]] == [
        "passed", "passed", "passed", "failed", "error", "error", "forbidden", "passed",
    ]  # fmt: skip
    assert grades["problems"] == [
        {"task_id": "own/calls", "n": 5, "c": 2, "unjudged": 0},
        {"task_id": "own/asserts", "n": 1, "c": 1, "unjudged": 0},
        {"task_id": "own/stdio", "n": 2, "c": 1, "unjudged": 0},
        {"task_id": "own/idle", "n": 0, "c": 0, "unjudged": 0},
    ]
    assert {verdict: count for verdict, count in grades["verdicts"].items() if count} == {
        "passed": 4, "failed": 1, "error": 2, "forbidden": 1,
    }  # fmt: skip
    assert (grades["limits"]["cpu_seconds"], grades["limits"]["memory_bytes"]) == (0.5, 512 << 20)
    assert grades["isolation"]["seccomp"] == "active"
    assert (
        f"{tmp_path}/out/grades.json: 8 samples: 4 passed, 1 failed, 2 error, 1 forbidden\n" in capsys.readouterr().err
    )


@pytest.mark.skipif(not HUMAN_EVAL.exists(), reason=f"HumanEval is not at hand: {HUMAN_EVAL}")
def test_human_evals_references_pass_and_empty_bodies_fail_whatever_the_number_of_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    problems = [human_eval(row) for row in read_rows(HUMAN_EVAL)][:30]
    samples = [sample(problem, body) for problem in problems for body in (problem["reference"], "    pass\n")]
    options = files_of(tmp_path, problems, samples)
    compressed = tmp_path / "samples.jsonl.gz"
    compressed.write_bytes(gzip.compress((tmp_path / "samples.jsonl").read_bytes()))
    run_main(monkeypatch, [*options, "--workers=2"])
    grades = read_json(tmp_path / "out/grades.json", "grades")
    assert grades["problems"] == [
        {"task_id": problem["task_id"], "n": 2, "c": 1, "unjudged": 0} for problem in problems
    ]
    assert [row["verdict"] == "passed" for row in grades["samples"]] == [True, False] * len(problems)

    run_main(monkeypatch, [*options, f"--samples={compressed}", f"--output={tmp_path}/again.json"])
    again = read_json(tmp_path / "again.json", "grades")
    assert again["inputs"].pop("samples") != grades["inputs"].pop("samples")
    assert again == grades


def test_published_solutions_pass_as_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    method = "class Solution:\n    def f(self, x: List[int]) -> int:\n        return reduced(gcd, x)\n"
    rows = {
        "mbpp": [MBPP_FULL, MBPP_SANITIZED],
        "apps": [
            apps_row(),
            apps_function_row([[2]], method, "from functools import reduce as reduced\n" + method, [[[4, 6]]]),
        ],
        "code-contests": [contest_row()],
    }
    problems = [
        problem
        for format_name, published in rows.items()
        for problem in import_rows([PublishedRow("row", row) for row in published], converter(format_name))
    ]
    assert len(problems) == 5
    samples = [sample(problem, problem["reference"]) for problem in problems]
    samples += [sample(problem, "    pass\n") for problem in problems]
    run_main(monkeypatch, files_of(tmp_path, problems, samples))
    grades = read_json(tmp_path / "out/grades.json", "grades")
    assert [row["verdict"] == "passed" for row in grades["samples"]] == [True] * 5 + [False] * 5


def test_a_long_integer_is_expected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = files_of(tmp_path, [CALLS], [sample(CALLS, "def f(x):\n    return 10**5000 + x\n")])
    problem = (tmp_path / "problems.jsonl").read_text().replace('"expected": 6', '"expected": 1' + 4999 * "0" + "3")
    (tmp_path / "problems.jsonl").write_text(problem.replace('"expected": -2', '"expected": ' + 5000 * "9"))
    run_main(monkeypatch, options)
    assert read_json(tmp_path / "out/grades.json", "grades")["verdicts"]["passed"] == 1


def test_answers_of_a_chat_model_are_graded_by_the_program_in_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = f"Of course:\n\n```python\n{DOUBLE}```\nIt doubles.\n"
    options = files_of(tmp_path, [CALLS], [sample(CALLS, answer), sample(CALLS, DOUBLE)])
    run_main(monkeypatch, options)
    grades = read_json(tmp_path / "out/grades.json", "grades")
    assert [row["verdict"] for row in grades["samples"]] == ["error", "passed"]
    assert "prompt_format" not in grades

    run_main(monkeypatch, [*options, "--prompt-format=chat"])
    grades = read_json(tmp_path / "out/grades.json", "grades")
    assert [row["verdict"] for row in grades["samples"]] == ["passed", "passed"]
    assert grades["prompt_format"] == "chat"


def test_what_cannot_be_judged_is_written_without_a_verdict_and_ends_in_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = files_of(tmp_path, [UNSUPPORTED, CALLS], [sample(UNSUPPORTED, NODE), sample(CALLS, DOUBLE)])
    message = r"out/grades\.json: 1 of 2 samples, of 1 problems, were not judged; the first: .*Node"
    with pytest.raises(UserError, match=message):
        run_main(monkeypatch, options)
    grades = read_json(tmp_path / "out/grades.json", "grades")
    assert [row["verdict"] for row in grades["samples"]] == [None, "passed"]
    assert grades["problems"][0] == {"task_id": "own/class", "n": 0, "c": 0, "unjudged": 1}
    assert (grades["unjudged"], grades["unsplit_asserts_allowed"]) == (1, False)

    run_main(monkeypatch, [*options, "--allow-unsplit-asserts"])
    grades = read_json(tmp_path / "out/grades.json", "grades")
    assert [row["verdict"] for row in grades["samples"]] == ["passed", "passed"]
    assert (grades["unjudged"], grades["unsplit_asserts_allowed"]) == (0, True)


def test_a_failure_of_the_sandbox_leaves_the_other_grades(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    samples = [sample(CALLS, DOUBLE), sample(CALLS, f"{DOUBLE}# fails\n"), sample(CALLS, "def f(x):\n    return x\n")]
    judge = Worker.judge

    def fail_once(worker: Worker, problem: dict[str, Any], program: str) -> Grade:
        if "# fails" in program:
            raise InfrastructureError("a binary could not be executed")
        return judge(worker, problem, program)

    monkeypatch.setattr(Worker, "judge", fail_once)
    message = "1 of 3 samples, of 1 problems, were not judged; the first: the sandbox failed: a binary could not"
    with pytest.raises(UserError, match=message):
        run_main(monkeypatch, files_of(tmp_path, [CALLS], samples))
    grades = read_json(tmp_path / "out/grades.json", "grades")
    assert [row["verdict"] for row in grades["samples"]] == ["passed", None, "failed"]


@pytest.mark.parametrize(
    ("problems", "samples", "message"),
    [
        ([CALLS], [{"task_id": "own/call", "completion": ""}],
         r"samples\.jsonl:1: task_id: 'own/call' is no problem of --problems; the nearest is 'own/calls'"),
        ([CALLS, CALLS], [], r"problems\.jsonl:2: task_id: 'own/calls' is there twice"),
        ([CALLS | {"language": "perl"}], [], r"problems\.jsonl:1: language: 'perl' is not one of"),
        ([CALLS], [{"task_id": "own/calls"}], r"samples\.jsonl:1: completion: is missing \(it has: task_id\)"),
        ([CALLS], [sample(CALLS, DOUBLE), {"task_id": "own/calls", "completion": 3}],
         r"samples\.jsonl:2: completion: 3 is not a string"),
        ([CALLS], [], r"samples\.jsonl: holds no sample"),
        ([], [], r"problems\.jsonl: holds no problem"),
    ],
)  # fmt: skip
def test_mistakes_in_the_files_are_found_before_anything_runs(
    problems: list[Any],
    samples: list[Any],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(UserError, match=message):
        run_main(monkeypatch, files_of(tmp_path, problems, samples))
    assert capsys.readouterr().err == ""
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--require", "selinux"], "required layer 'selinux': unknown; this sandbox has rlimits, "),
        (["--require", "--cpu-seconds=0.00001"], "the sandbox failed, no grades were written: "),
    ],
)
def test_a_machine_that_cannot_grade_writes_nothing(
    options: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UserError, match=message):
        run_main(monkeypatch, [*files_of(tmp_path, [CALLS], [sample(CALLS, DOUBLE)]), *options])
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("problems.jsonl/grades.json", "problems.jsonl: cannot be written"),
        ("folder", "folder: is a folder; give a file"),
    ],
)
def test_a_place_that_cannot_be_written_is_found_before_anything_runs(
    output: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(UserError, match=message):
        run_main(monkeypatch, [*files_of(tmp_path, [CALLS], [sample(CALLS, DOUBLE)]), f"--output={tmp_path}/{output}"])
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_an_interrupted_grading_leaves_no_file(number: int, status: int, tmp_path: Path) -> None:
    slow = [sample(CALLS, f"for _ in range(3_000_000):\n    pass\n{DOUBLE}# {index}\n") for index in range(60)]
    command = [sys.executable, "-m", "workflow_scripts.grading.grade_samples", *files_of(tmp_path, [CALLS], slow)]
    with subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("graded 6 of 60 (10 %)")
        os.kill(process.pid, number)
        rest = process.stderr.read()
    assert process.returncode == status
    assert "Traceback" not in rest
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["problems.jsonl", "samples.jsonl"]
