"""The pre-training corpus: right and wrong completions, disjoint from every split."""

import json
import random

import pytest

from tests.makers.corpus import corpus_part
from tests.makers.scripts import assert_equal_bytes
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.schemas import validate
from workflow_scripts.problems.build_corpus import build_part, parse_part, summarize
from workflow_scripts.problems.generate_problems import generate_problems
from workflow_scripts.problems.generated.behaviour import outputs, sample_inputs
from workflow_scripts.problems.generated.catalogue import PRIMITIVES, compositions
from workflow_scripts.problems.generated.compose import composition_hash, describe, reference_expressions
from workflow_scripts.problems.generated.corrupt import corrupt, edited_expressions
from workflow_scripts.problems.generated.primitive import compile_expression

LANGUAGES = ("python", "cpp")
COUNTS = {1: 100, 2: 1300, 3: 1000}


@pytest.fixture(scope="module")
def rows():
    return build_part(corpus_part("python", 2400, 0.75, "1:1,2:13,3:10"), seed=0)


def sample_results(row):
    scope = {}
    exec(row["prompt"] + row["completion"], scope)
    return [scope["solve"](x) for x in sample_inputs(PRIMITIVES[row["composition"][0]].input_type)]


def test_counts_fraction_and_schema(rows):
    assert {depth: sum(len(row["composition"]) == depth for row in rows) for depth in COUNTS} == COUNTS
    assert sum(row["corrupted"] for row in rows) == 1800
    for row in rows[:200]:
        validate(row, "corpus_row", source="corpus")


def test_right_completions_are_right_and_corrupted_ones_wrong(rows):
    for row in rows:
        right = outputs(tuple(row["composition"]))
        wrong = sum(a != b for a, b in zip(sample_results(row), right, strict=True))
        assert wrong >= 4 if row["corrupted"] else wrong == 0


def test_the_corpus_shares_no_composition_with_any_split_whatever_the_seeds(rows):
    problem_seed = 1  # the corpus was drawn with seed 0
    corpus = {composition_hash(tuple(row["composition"])) for row in rows}
    for split in ("train", "probe", "tuning", "main"):
        problems = generate_problems("py", split, {1: 8, 2: 100, 3: 100}, problem_seed, 6, 3)
        assert not corpus & {composition_hash(tuple(row["composition"])) for row in problems}
    hard = generate_problems("py", "hard", {3: 100}, problem_seed, 6, 3)
    assert not corpus & {composition_hash(tuple(row["composition"])) for row in hard}


@pytest.mark.parametrize(("fraction", "corrupted"), [(0.0, 0), (0.33, 13), (1.0, 40)])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_corrupted_fraction_is_exact(language, fraction, corrupted):
    rows = build_part(corpus_part(language, 40, fraction, "2:1"), seed=3)
    assert sum(row["corrupted"] for row in rows) == corrupted


def test_edits_change_one_place_and_run():
    assert "[v for v in x if v % 2 != 0]" in edited_expressions("keep_even")
    assert "[v for v in x if v % 3 == 0]" in edited_expressions("keep_even")
    assert all(edit != PRIMITIVES["keep_even"].python for edit in edited_expressions("keep_even"))
    for name, primitive in PRIMITIVES.items():
        for edit in edited_expressions(name):
            for value in sample_inputs(primitive.input_type):
                compile_expression(edit)(value)


def test_every_primitive_can_be_corrupted():
    for composition in compositions(1):
        wrong = corrupt(composition, random.Random(0))
        assert wrong is not None, composition
        assert wrong != reference_expressions(composition)


def test_six_tests_find_nearly_every_corruption():
    rng = random.Random(0)
    passed = total = 0
    for row in generate_problems("py", "train", {1: 20, 2: 100, 3: 100}, 0, 6, 3):
        expressions = corrupt(tuple(row["composition"]), rng)
        if expressions is None:
            continue
        total += 1
        passed += all(_passes(expressions, call) for call in row["tests"]["calls"])
    assert total > 200
    assert passed <= 0.02 * total


def _passes(expressions, call):
    value = call["arguments"][0]
    try:
        for expression in expressions:
            value = compile_expression(expression)(value)
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        return False
    return value == call["expected"]


def test_two_runs_are_byte_identical(tmp_path):
    parts = [corpus_part(language, 1000, 0.75, "1:8,2:52,3:40").model_dump_json() for language in LANGUAGES]
    options = [*(f"--part={part}" for part in parts), "--seed=0"]
    module = "workflow_scripts.problems.build_corpus"
    (corpus,) = assert_equal_bytes(module, tmp_path, *options, output="corpus.jsonl")
    assert corpus.count(b"\n") == 2000


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_part_may_be_stated_in_german(language):
    german, english = (
        build_part(corpus_part(language, 60, 0.5, "1:1,2:1", stated_in), seed=0) for stated_in in ("de", "en")
    )
    prompts = {tuple(row["composition"]): row["prompt"] for row in english}
    both = [row for row in german if tuple(row["composition"]) in prompts]
    assert both
    for row in both:
        assert describe(tuple(row["composition"]), "de") in row["prompt"] != prompts[tuple(row["composition"])]


def test_a_wrong_part_is_named():
    part = corpus_part("python", 60, 0.5, "1:1").model_dump()
    with pytest.raises(UserError, match=r"--part: corrupted_fraction: 2\.0"):
        parse_part(json.dumps(part | {"corrupted_fraction": 2.0}))
    with pytest.raises(UserError, match="--part: langauge"):
        parse_part(json.dumps(part | {"langauge": "cpp"}))


def test_the_summary_states_distinct_compositions(rows):
    assert "depth 3: 1000 rows of 1000 compositions" in summarize(rows)
