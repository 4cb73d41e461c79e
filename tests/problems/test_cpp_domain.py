"""The C++ domain: problems whose references pass, and a corpus whose right and wrong programs are what they say."""

import random

import pytest

from tests.makers.corpus import corpus_part
from workflow_scripts.core.schemas import validate
from workflow_scripts.problems.build_corpus import build_part
from workflow_scripts.problems.generate_problems import SPLITS, generate_problems
from workflow_scripts.problems.generated.behaviour import outputs, sample_inputs
from workflow_scripts.problems.generated.catalogue import PRIMITIVES
from workflow_scripts.problems.generated.problem_rows import cpp_literal
from workflow_scripts.problems.generated.verify_cpp import verify_cpp_references

COUNTS = {1: 4, 2: 8, 3: 4}
SAMPLED = 50


def split(domain, name):
    return generate_problems(domain, name, {3: 8} if name == "hard" else COUNTS, 0, 6, 3)


@pytest.mark.parametrize("name", SPLITS)
def test_a_split_poses_the_problems_of_the_python_domain_in_cpp(name):
    ours, theirs = split("cpp", name), split("py", name)
    for row, other in zip(ours, theirs, strict=True):
        validate(row, "problem", source=row["task_id"])
        assert row["task_id"] == other["task_id"].replace("py/", "cpp/")
        assert (row["language"], row["composition"]) == ("cpp", other["composition"])
        assert row["natural_language"] == ("de" if name == "ood" else "en")


def test_prompts_are_those_of_split_cpp_of_the_python_domain():
    ours, theirs = split("cpp", "main"), split("py", "cpp")
    for key in ("prompt", "reference", "tests"):
        assert [row[key] for row in ours] == [row[key] for row in theirs]
    german = split("cpp", "ood")
    assert [row["tests"] for row in german] == [row["tests"] for row in ours]
    assert all(a["prompt"] != b["prompt"] for a, b in zip(german, ours, strict=True))


@pytest.fixture(scope="module")
def corpus():
    return build_part(corpus_part("cpp", 2000, 0.8, "1:1,2:7,3:2"), seed=0)


def test_references_pass_and_a_sample_of_the_corpus_is_as_it_says(corpus):
    sample = random.Random(0).sample(corpus, SAMPLED)
    assert 30 < sum(row["corrupted"] for row in sample) < SAMPLED
    verify_cpp_references(
        [*split("cpp", "train"), *split("cpp", "ood"), *(as_problem(number, row) for number, row in enumerate(sample))]
    )


def as_problem(number, row):
    """A corpus row as a problem whose tests count the differences from the right results."""
    composition = tuple(row["composition"])
    first, last = PRIMITIVES[composition[0]], PRIMITIVES[composition[-1]]
    counted = "".join(
        f"    wrong += !(solve({cpp_literal(x, first.input_type)}) == {cpp_literal(y, last.output_type)});\n"
        for x, y in zip(sample_inputs(first.input_type), outputs(composition), strict=True)
    )
    bound = "wrong >= 4" if row["corrupted"] else "wrong == 0"
    tests = {"code": f"int main() {{\n    int wrong = 0;\n{counted}    assert({bound});\n}}\n"}
    return {"task_id": str(number), "prompt": row["prompt"], "reference": row["completion"], "tests": tests}


def test_rows_ask_for_what_the_python_corpus_asks_for(corpus):
    validate(corpus[0], "corpus_row", source="corpus")
    python = build_part(corpus_part("python", 2000, 0.8, "1:1,2:7,3:2"), seed=0)
    assert {tuple(row["composition"]) for row in corpus} <= {tuple(row["composition"]) for row in python}
    assert sum(row["corrupted"] for row in corpus) == 1600
    assert all(row["prompt"].startswith("#include <bits/stdc++.h>\n") for row in corpus)
