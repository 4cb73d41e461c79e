"""Every published form becomes problems whose published solutions pass; what is wrong or does not fit is named."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.problems.published_samples import MBPP_FULL, MBPP_SANITIZED, apps_row, contest_row
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_jsonl
from workflow_scripts.core.published_rows import PublishedRow, read_rows
from workflow_scripts.problems import import_problems
from workflow_scripts.problems.import_problems import LeftOut, converter, import_rows

PROJECT = Path(__file__).parents[2]
DATA = PROJECT.parent / "shared/data"
PUBLISHED = [
    ("humaneval", "humaneval.jsonl.gz", 164),
    ("humaneval-x-cpp", "humaneval_x_cpp.jsonl.gz", 164),
    ("humaneval-xl", "humaneval_xl_python_chinese.jsonl", 80),
]


def published_file(name: str) -> Path:
    if not (DATA / name).exists():
        pytest.skip(f"{name} is not at hand in {DATA}")
    return DATA / name


def imported(format_name: str, *rows: dict[str, Any], language: Any = "python") -> list[Any]:
    """What each row becomes: a problem, or the reason why it is left out."""
    published = [PublishedRow(f"row {number}", row) for number, row in enumerate(rows, start=1)]
    items = list(import_rows(published, converter(format_name, language)))
    return [item.reason if isinstance(item, LeftOut) else item for item in items]


def write_lines(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def run_main(monkeypatch: pytest.MonkeyPatch, *options: Any) -> None:
    monkeypatch.setattr(sys, "argv", ["import_problems", *map(str, options)])
    import_problems.main()


def run_asserts(problem: dict[str, Any]) -> None:
    """Run the reference with its tests as the published harnesses do; these programs are ours."""
    scope: dict[str, Any] = {}
    exec(problem["reference"], scope)
    candidate = scope[problem["entry_point"]]
    # The tests know the entry point and nothing else of the program.
    tests = {problem["entry_point"]: candidate}
    exec(problem["tests"]["code"], tests)
    tests["check"](candidate)
    with pytest.raises((AssertionError, TypeError)):
        tests["check"](lambda *_: None)


def run_calls(problem: dict[str, Any]) -> None:
    scope: dict[str, Any] = {}
    exec(problem["prompt"] + problem["reference"], scope)
    for call in problem["tests"]["calls"]:
        assert scope[problem["entry_point"]](*call["arguments"]) == call["expected"]


@pytest.mark.parametrize(("format_name", "name", "count"), PUBLISHED)
def test_published_files_are_imported_whole(
    format_name: str, name: str, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "problems.jsonl"
    run_main(monkeypatch, "--format", format_name, "--input", published_file(name), "--output", output)
    problems = read_jsonl(output, "problem")
    assert len(problems) == count
    assert [problem["task_id"] for problem in problems] == [row.values["task_id"] for row in read_rows(DATA / name)]
    for problem in problems:
        assert problem["completion_kind"] == "continuation"
        assert problem["entry_point"] in problem["prompt"]
        assert problem["entry_point"] in problem["tests"]["code"] or "candidate" in problem["tests"]["code"]
    assert {problem["natural_language"] for problem in problems} == {"zh" if format_name == "humaneval-xl" else "en"}


def test_humaneval_x_begins_with_the_header_lines_that_the_published_harness_adds() -> None:
    problems = {row["task_id"]: row for row in imported("humaneval-x-cpp", *published_rows("humaneval_x_cpp.jsonl.gz"))}
    for row in published_rows("humaneval_x_cpp.jsonl.gz"):
        added = problems[row["task_id"]]["prompt"].removesuffix(row["prompt"])
        assert all(line not in row["prompt"] for line in added.splitlines())
        for name in (
            "stdlib.h",
            "algorithm",
            "math.h",
            "stdio.h",
            "vector",
            "string",
            "climits",
            "cstring",
            "iostream",
        ):
            assert (added + row["prompt"]).count(f"#include<{name}>") == 1
    # Where helper functions come first, or a body has begun.
    assert problems["CPP/10"]["entry_point"] == "make_palindrome"
    assert problems["CPP/32"]["entry_point"] == "find_zero"
    assert problems["CPP/38"]["entry_point"] == "decode_cyclic"


def published_rows(name: str) -> list[dict[str, Any]]:
    return [dict(row.values) for row in read_rows(published_file(name))]


def test_mbpp_in_both_its_forms() -> None:
    full, sanitized = imported("mbpp", MBPP_FULL, MBPP_SANITIZED)
    assert (full["task_id"], full["entry_point"], full["completion_kind"]) == ("MBPP/11", "double", "program")
    assert (sanitized["task_id"], sanitized["entry_point"]) == ("MBPP/56", "check")
    assert "assert double(1) == 2\nassert double(math.floor(2.5)) == 4\n" in full["prompt"]
    assert full["tests"]["code"] == (
        "import math\ndef check(candidate):\n    double = candidate\n"
        "    assert double(1) == 2\n    assert double(math.floor(2.5)) == 4\n"
    )
    run_asserts(full)
    run_asserts(sanitized)


def test_mbpp_tests_may_build_arguments_of_the_programs_own_class() -> None:
    code = "class Node:\n    pass\ndef depth(node):\n    return 1"
    tests = {"test_setup_code": "root = Node()", "test_list": ["assert depth(root) == 1", "assert depth(Node()) == 1"]}
    (problem,) = imported("mbpp", MBPP_FULL | tests | {"code": code})
    assert problem["entry_point"] == "depth"
    assert problem["tests"]["code"].startswith("root = Node()\ndef check(candidate):\n    depth = candidate\n")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"test_list": []}, "it has no tests"),
        ({"test_list": ["assert triple(1) == 3"]}, "its tests call no function that its code defines"),
        ({"code": "print 'a'"}, "its code cannot be read by this Python"),
        (
            {"code": "def a(x): return x\ndef b(x): return x", "test_list": ["assert b(a(1)) == 1"]},
            "its tests call several functions of the program: a, b",
        ),
        ({"test_list": ["assert double(1) =="]}, "its tests cannot be read by this Python"),
    ],
)
def test_mbpp_rows_that_do_not_fit_are_left_out(changes: dict[str, Any], reason: str) -> None:
    (found,) = imported("mbpp", MBPP_FULL | changes)
    assert found.startswith(reason)


SEVERAL = "If there are multiple answers, print any of them."


def test_contest_problems_have_the_tolerance_that_they_state() -> None:
    text = "The answer is right if its absolute or relative error does not exceed 10^{-6}."
    (problem,), (stated,) = imported("apps", apps_row()), imported("apps", apps_row(question=text))
    assert "tolerance" not in problem["tests"]
    assert stated["tests"] == problem["tests"] | {"tolerance": 1e-6}
    (contest,) = imported("code-contests", contest_row(description=text), language="cpp")
    assert contest["tests"]["tolerance"] == 1e-6


def test_further_solutions_are_kept_where_the_statement_allows_several_answers() -> None:
    assert "solutions" not in imported("apps", apps_row())[0]
    printed = [f"print({number})" for number in range(12)]
    (python,) = imported("apps", apps_row(question=SEVERAL, solutions=[printed[0], " print(0)\n", *printed]))
    assert (python["reference"], python["solutions"]) == (printed[0], printed[1:11])
    (contest,) = imported("code-contests", contest_row(description=SEVERAL))
    assert contest["solutions"] == ["print('another')\n"]
    # Of one published solution in C++, and of none.
    assert imported("code-contests", contest_row(description=SEVERAL), language="cpp")[0]["solutions"] == []
    assert "solutions" not in imported("apps", apps_row(question=SEVERAL), language="cpp")[0]


def test_code_contests_in_both_languages() -> None:
    python, cpp = (imported("code-contests", contest_row(), language=language)[0] for language in ("python", "cpp"))
    assert [case["input"] for case in python["tests"]["cases"]] == ["1 2\n", "5 6\n", "-1 1\n", "2 2\n"]
    assert (python["task_id"], python["time_limit_seconds"]) == ("codeforces/76_B. Mice", 1.5)
    assert python["reference"] == "print(sum(map(int, input().split())))\n"
    assert cpp["reference"].startswith("#include <iostream>")
    assert cpp["language"] == "cpp"


def test_code_contests_without_limit_solution_or_tests() -> None:
    none = {"input": [], "output": []}
    bare = contest_row(time_limit=None, solutions={"language": [], "solution": []})
    problem, same_name, no_tests, file = imported(
        "code-contests",
        bare,
        contest_row(),
        contest_row(name="b", public_tests=none, private_tests=none, generated_tests=none),
        contest_row(name="c", input_file="input.txt"),
    )
    assert (problem["time_limit_seconds"], problem["reference"]) == (None, None)
    assert same_name == "its task_id 'codeforces/76_B. Mice' is that of an earlier row"
    assert no_tests == "it has no tests"
    assert file == "its programs use a file: input_file is 'input.txt'"


@pytest.mark.parametrize(
    ("format_name", "row", "message"),
    [
        ("mbpp", {"task_id": 1}, r"problems\.jsonl:2: test_list: is missing \(it has: task_id\)"),
        ("mbpp", MBPP_FULL | {"code": 3}, r"problems\.jsonl:2: code: 3 is not a string"),
        ("apps", apps_row() | {"solutions": "{"}, r"problems\.jsonl:2: solutions: not valid JSON"),
        ("apps", apps_row(input_output={"inputs": ["1"]}), r"problems\.jsonl:2: input_output: .* lists of one length"),
        ("code-contests", contest_row(source=9), r"problems\.jsonl:2: source: 9 is not a number from 0 to 7"),
        ("apps", apps_row() | {"difficulty": 3}, r"problems\.jsonl:2: difficulty: 3 is not a string"),
        ("code-contests", contest_row(cf_rating="800"), r"problems\.jsonl:2: cf_rating: '800' is not an integer"),
        ("code-contests", contest_row(time_limit=2), r"problems\.jsonl:2: time_limit: 2 is not null or an object"),
        ("humaneval", [1], r"problems\.jsonl:2: '\[1\]' is not an object"),
        ("humaneval-xl", {"language": "python", "natural_language": "?"}, r"natural_language: '\?' is not one of"),
    ],
)  # fmt: skip
def test_a_row_of_another_form_is_one_error_that_names_line_and_key(
    format_name: str, row: Any, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "problems.jsonl"
    source.write_text("\n" + json.dumps(row) + "\n")
    with pytest.raises(UserError, match=message):
        run_main(monkeypatch, "--format", format_name, "--input", source, "--output", tmp_path / "out.jsonl")
    assert [path.name for path in tmp_path.iterdir()] == ["problems.jsonl"]


def test_left_out_rows_are_named_and_counted_and_the_rest_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [MBPP_FULL | {"task_id": number} for number in range(4)]
    source = write_lines(tmp_path / "mbpp.jsonl", rows[0] | {"test_list": []}, *rows[1:])
    output = tmp_path / "problems.jsonl"
    run_main(monkeypatch, "--format", "mbpp", "--input", source, "--output", output, "--limit", 2)
    assert [row["task_id"] for row in read_jsonl(output, "problem")] == ["MBPP/1", "MBPP/2"]
    said = capsys.readouterr().err
    assert f"left out: {source}:1: it has no tests\n" in said
    assert f"{output}: 2 problems, 1 rows left out: 1 because it has no tests\n" in said


def test_no_problem_at_all_is_an_error_and_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_lines(tmp_path / "mbpp.jsonl", MBPP_FULL | {"test_list": []})
    output = tmp_path / "problems.jsonl"
    output.write_text("old")
    with pytest.raises(UserError, match=r"problems\.jsonl: no problem to write: 0 problems, 1 rows left out"):
        run_main(monkeypatch, "--format", "mbpp", "--input", source, "--output", output)
    assert output.read_text() == "old"


@pytest.mark.parametrize(
    "options",
    [
        ["--format=mbpp", "--input=a", "--data-set=b"],
        ["--format=mbpp", "--input=a", "--split=train"],
        ["--format=mbpp", "--input=a", "--file=b"],
        ["--format=mbpp", "--data-set=a", "--file=b", "--split=train"],
        ["--format=mbpp", "--input=a", "--language=cpp"],
        ["--format=mbpp", "--input=a", "--limit=0"],
        ["--format=mbpp", "--input=a", "--max-solutions=2"],
        ["--format=code-contests", "--input=a", "--limits={}"],
        ["--format=apps", "--input=a", "--max-solutions=0"],
        ["--format=mbpp"],
    ],
)
def test_options_that_do_not_go_together_are_refused(options: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match="2"):
        run_main(monkeypatch, *options, "--output=out.jsonl")
