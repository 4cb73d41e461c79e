"""HumanEval as human-eval judges it: references, empty bodies and hundreds of mutants get the same verdict here."""

from pathlib import Path
from typing import Any

import pytest

from tests.grading import human_eval_oracle
from tests.grading.conftest import LAYERS, LIMITS
from tests.grading.mutations import mutants
from workflow_scripts.core.published_rows import read_rows
from workflow_scripts.grading.code_grader import CodeGrader, Verdict
from workflow_scripts.problems.import_problems import converter, import_rows

DATA = Path(__file__).resolve().parents[2] / "../shared/data"
MUTANTS_PER_PROBLEM = 4


def problems_of(name: str, file: str) -> list[dict[str, Any]]:
    """The problems of a published file; skips where it is not at hand."""
    if not (DATA / file).exists():
        pytest.skip(f"{file} is not at hand in ../shared/data")
    imported = list(import_rows(read_rows(DATA / file), converter(name)))
    problems = [problem for problem in imported if isinstance(problem, dict)]
    assert len(problems) == len(imported), [left_out for left_out in imported if not isinstance(left_out, dict)]
    return problems


def test_human_eval_references_pass_and_empty_bodies_do_not(grader: CodeGrader) -> None:
    problems = problems_of("humaneval", "humaneval.jsonl.gz")
    assert len(problems) == 164
    for problem in problems:
        reference, empty = grader.grade(problem, [problem["reference"], "    pass\n"])
        assert reference.verdict is Verdict.PASSED, (problem["task_id"], reference)
        assert empty.verdict is not Verdict.PASSED, problem["task_id"]


def test_verdicts_equal_human_evals_on_mutants() -> None:
    """One small change in a reference: what human-eval's rule passes passes, and nothing else."""
    graded, passed, differences = 0, 0, []
    with CodeGrader(LIMITS, LAYERS) as grader:
        for problem in problems_of("humaneval", "humaneval.jsonl.gz"):
            name = problem["task_id"]
            completions = mutants(problem["prompt"], problem["reference"], MUTANTS_PER_PROBLEM, seed=name)
            oracle = human_eval_oracle.passes(problem, [problem["reference"], *completions], LIMITS.cpu_seconds)
            ours = grader.grade(problem, [problem["reference"], *completions])
            assert oracle[0], f"{name}: the oracle fails its reference"
            graded, passed = graded + len(completions), passed + sum(oracle[1:])
            differences += [
                (name, completion, theirs, grade)
                for completion, theirs, grade in zip([problem["reference"], *completions], oracle, ours, strict=True)
                if theirs != (grade.verdict is Verdict.PASSED)
            ]
    assert not differences
    # Enough of them, and enough that pass: tests that are weak must be so here too.
    assert graded >= 500
    assert passed >= 50


def test_an_iterator_is_an_answer_as_in_human_eval(grader: CodeGrader) -> None:
    """Of HumanEval/33 the tests make a tuple of whatever is returned."""
    problem = next(row for row in problems_of("humaneval", "humaneval.jsonl.gz") if row["task_id"] == "HumanEval/33")
    completion = "    l = list(l)\n    l[::3] = sorted(l[::3])\n    return iter(l)\n"
    assert human_eval_oracle.passes(problem, [completion], LIMITS.cpu_seconds) == [True]
    (grade,) = grader.grade(problem, [completion])
    assert grade.verdict is Verdict.PASSED


def test_human_eval_xl_references_in_chinese_pass(grader: CodeGrader) -> None:
    problems = problems_of("humaneval-xl", "humaneval_xl_python_chinese.jsonl")
    assert len(problems) == 80
    for problem in problems:
        assert problem["natural_language"] == "zh"
        (grade,) = grader.grade(problem, [problem["reference"]])
        assert grade.verdict is Verdict.PASSED, (problem["task_id"], grade)
