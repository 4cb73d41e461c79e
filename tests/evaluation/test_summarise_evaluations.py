"""Evaluations by hand: pass@k of a few counts, intervals over problems and over seeds, groups, pairs, refusals."""

import itertools
import json
import math
import statistics
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.evaluation.graded_files import end_of, write_grades
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, sha256_file
from workflow_scripts.core.schemas import validate
from workflow_scripts.evaluation import summarise_evaluations
from workflow_scripts.evaluation.graded_checkpoints import problem_interval, read_graded
from workflow_scripts.evaluation.summarise_evaluations import summarise
from workflow_scripts.statistics.intervals import Bootstrap

BOOTSTRAP = Bootstrap(0.95, 1_000_000, 2_000)
MODELS = {"7B": "tiny"}


def summary(paths: list[str], groups: dict[str, list[str]], bootstrap: Bootstrap = BOOTSTRAP) -> dict[str, Any]:
    found = summarise("tiny", MODELS, [read_graded(path) for path in paths], groups, bootstrap)
    validate(found, "evaluations", "test")
    return found


def enumerated(values: list[float]) -> tuple[float, float]:
    """The 2.5 % and 97.5 % atoms of the mean over all n^n resamples."""
    means = sorted(statistics.mean(draw) for draw in itertools.product(values, repeat=len(values)))
    return means[math.ceil(0.025 * len(means)) - 1], means[math.ceil(0.975 * len(means)) - 1]


def test_pass_at_k_by_hand(tmp_path: Path) -> None:
    """Three problems of 16 samples, of which 0, 4 and 16 passed.

    pass@1 = (0 + 1/4 + 1) / 3. pass@4 of 4 in 16: 1 - C(12,4)/C(16,4) = 1 - 495/1820; pass@8: 1 - C(12,8)/C(16,8) =
    1 - 495/12870; pass@16: 1.
    """
    path = write_grades(tmp_path, "base/7B", "main", [(16, 0), (16, 4), (16, 16)])
    found = summary([path], {})["checkpoints"]["base/7B"]["main"]
    assert found["pass@1"] == pytest.approx(1.25 / 3)
    assert found["pass@4"] == pytest.approx((2 - 495 / 1820) / 3)
    assert found["pass@8"] == pytest.approx((2 - 495 / 12870) / 3)
    assert found["pass@16"] == pytest.approx(2 / 3)
    assert (found["n"], found["samples"], found["unit"]) == (3, 16, "problem")
    assert found["grades_sha256"] == sha256_file(path)
    interval = found["intervals"]["pass@1"]
    assert interval["method"] == "exact bootstrap over problems"
    assert (interval["low"], interval["high"]) == pytest.approx(enumerated([0, 0.25, 1]))


def test_more_than_the_samples_is_null(tmp_path: Path) -> None:
    """One problem with 7 judged samples leaves no pass@8, and pass@4 as it is."""
    path = write_grades(tmp_path, "base/7B", "main", [(16, 8), (7, 7)])
    found = summary([path], {"W4 A0": []})["checkpoints"]["base/7B"]["main"]
    assert (found["pass@8"], found["pass@16"], found["intervals"]["pass@8"]) == (None, None, None)
    assert found["pass@4"] == pytest.approx((1 - 70 / 1820 + 1) / 2)  # C(8,4) = 70 of C(16,4) = 1820
    assert found["samples"] == 7


def test_a_drawn_interval_is_near_the_enumerated_one() -> None:
    values = [0.0, 0.25, 0.5, 0.5, 0.75, 1.0]
    exact = problem_interval(values, BOOTSTRAP, 1)
    drawn = problem_interval(values, Bootstrap(0.95, 10, 20_000), 1)
    assert (drawn["method"], drawn["note"]) == ("resampled bootstrap over problems", "20000 resamples, since 6^6 > 10")
    assert (drawn["low"], drawn["high"]) == pytest.approx((exact["low"], exact["high"]), abs=0.05)
    assert problem_interval(values, Bootstrap(0.95, 10, 20_000), 1) == drawn


def test_an_interval_without_spread_says_so() -> None:
    """20 problems never solved: a share q of solvable ones is missed with (1 - q)^20 = 0.025 at q = 16.8 %."""
    found = problem_interval([0.0] * 20, BOOTSTRAP, 1)
    assert (found["low"], found["high"]) == (0, 0)
    missed = (1 - 0.168) ** 20
    assert missed == pytest.approx(0.025, rel=0.02)
    assert "up to 16.8% of others may differ" in found["note"]
    assert problem_interval([0.5], BOOTSTRAP, 1)["note"] == "1 problem: at least 2 are needed for an interval"


def test_groups_are_means_over_seeds(tmp_path: Path) -> None:
    """A0 at 0.25, 0.5 and 0.75 by seed: mean 0.5, and the exact bootstrap over three seeds."""
    seeds = {7: 1, 11: 2, 17: 3}
    paths = [write_grades(tmp_path, end_of("A0", seed), "main", [(4, c), (4, c)]) for seed, c in seeds.items()]
    found = summary(paths, {"W4 A0": [end_of("A0", seed) for seed in seeds]})["groups"]["W4 A0"]
    metric = found["splits"]["main"]["pass@1"]
    assert metric["values"] == [{"seed": 7, "value": 0.25}, {"seed": 11, "value": 0.5}, {"seed": 17, "value": 0.75}]
    assert (metric["mean"], metric["n"], metric["unit"]) == (0.5, 3, "seed")
    exact, student, bca = metric["intervals"]
    assert exact["method"] == "exact bootstrap over seeds"
    assert (exact["low"], exact["high"]) == pytest.approx(enumerated([0.25, 0.5, 0.75]))
    assert bca["method"] == "exact BCa over seeds"
    # sd 0.25, so 0.5 +- 4.303 * 0.25 / sqrt(3)
    assert student["high"] == pytest.approx(0.5 + 4.302653 * 0.25 / math.sqrt(3))
    assert found["splits"]["main"]["pass@16"]["n"] == 0
    assert (found["wave"], found["controller"], found["missing"]) == ("W4", "A0", [])


def test_what_was_not_graded_is_listed(tmp_path: Path) -> None:
    paths = [
        write_grades(tmp_path, end_of("A0", 7), "main", [(4, 2)]),
        write_grades(tmp_path, end_of("A0", 7), "cpp", [(4, 0)]),
        write_grades(tmp_path, end_of("A0", 11), "main", [(4, 4)]),
    ]
    found = summary(paths, {"W4 A0": [end_of("A0", seed) for seed in (7, 11)]})["groups"]["W4 A0"]
    assert found["missing"] == [{"checkpoint": end_of("A0", 11), "split": "cpp"}]
    assert (found["splits"]["main"]["pass@1"]["n"], found["splits"]["cpp"]["pass@1"]["n"]) == (2, 1)


def test_pairs_are_taken_within_the_seed_and_the_problem(tmp_path: Path) -> None:
    """Seed 7: A0 at (0, 1/2), A3 at (1/2, 1): 1/2 more on each problem, so no spread. Seed 11: (1, 0) and (0, 1)."""
    of = {("A0", 7): [0, 2], ("A3", 7): [2, 4], ("A0", 11): [4, 0], ("A3", 11): [0, 4]}
    paths = [write_grades(tmp_path, end_of(*who), "main", [(4, c) for c in passed]) for who, passed in of.items()]
    groups = {f"W4 {name}": [end_of(name, seed) for seed in (7, 11)] for name in ("A0", "A3")}
    pair = summary(paths, {**groups, "W3 A0": [end_of("A0", 7)]})["paired"]
    assert list(pair) == ["W4 A3-A0"]
    first, second = pair["W4 A3-A0"]["main"]["seeds"]
    assert (first["earlier"], first["later"], first["difference"]) == (0.25, 0.75, 0.5)
    assert (first["interval"]["low"], first["interval"]["high"]) == (0.5, 0.5)
    assert (second["difference"], second["interval"]["low"], second["interval"]["high"]) == (0, -1, 1)
    contrast = pair["W4 A3-A0"]["main"]["contrast"]
    assert (contrast["mean"], contrast["n"], contrast["sign_flip"]["floor"]) == (0.25, 2, 0.5)
    assert (contrast["sign_flip"]["holm"], contrast["sign_flip"]["tests"]) == (contrast["sign_flip"]["p_value"], 1)


def test_a_group_of_other_problems_is_refused(tmp_path: Path) -> None:
    paths = [
        write_grades(tmp_path, end_of("A0", seed), "main", [(4, 2)], problems)
        for seed, problems in ((7, "a"), (11, "c"))
    ]
    with pytest.raises(UserError, match=r"W4 A0: .*s11.* is of other problems than .*s7"):
        summary(paths, {"W4 A0": [end_of("A0", 7), end_of("A0", 11)]})
    longer = write_grades(tmp_path, end_of("A3", 7), "main", [(4, 2), (4, 2)])
    with pytest.raises(UserError, match=r"W4 A3-A0 main: .* is of other problems"):
        summary([paths[0], longer], {"W4 A0": [end_of("A0", 7)], "W4 A3": [end_of("A3", 7)]})


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ({"W4": []}, "'W4' is not \"WAVE CONTROLLER\""),
        ({"W4 A0": ["base/7B"]}, "'base/7B' names no seed"),
        ({"W4 A0": [end_of("A0", 7), end_of("A0", 7, 5)]}, "seed 7 is there twice"),
    ],
)
def test_wrong_groups(tmp_path: Path, groups: dict[str, list[str]], words: str) -> None:
    path = write_grades(tmp_path, "base/7B", "main", [(4, 2)])
    with pytest.raises(UserError, match=words):
        summary([path], groups)


def test_wrong_grades(tmp_path: Path) -> None:
    path = write_grades(tmp_path, "base/7B", "main", [(4, 2)])
    with pytest.raises(UserError, match=r"base/7B, split main: given twice"):
        summary([path, path], {})
    with pytest.raises(UserError, match=r"is not evaluations/CHECKPOINT/SPLIT\.grades\.json"):
        read_graded(str(tmp_path / "main.grades.json"))
    with pytest.raises(UserError, match=r"problem main/1: has no judged sample"):
        read_graded(write_grades(tmp_path, "base/3B", "main", [(4, 2), (0, 0)]))


def test_files_in_and_file_out_in_any_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [write_grades(tmp_path, end_of("A0", seed), "main", [(4, 1), (4, 3)]) for seed in (11, 7)]
    written = []
    for name, given in (("first", paths), ("second", paths[::-1])):
        words = ["--testbed=tiny", f"--models={json.dumps(MODELS)}", "--grades", *given]
        words += [f"--groups={json.dumps({'W4 A0': [end_of('A0', 7), end_of('A0', 11)]})}", "--confidence=0.95"]
        words += ["--max-atoms=1000000", "--resamples=100", f"--output={tmp_path / name}"]
        monkeypatch.setattr(sys, "argv", ["summarise_evaluations", *words])
        summarise_evaluations.main()
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
    assert read_json(tmp_path / "first", "evaluations")["inputs"] == {path: sha256_file(path) for path in paths}
    monkeypatch.setattr(sys, "argv", ["summarise_evaluations", *words, "--groups=[1]"])
    with pytest.raises(UserError, match=r"--groups: must be a JSON object, got \[1\]"):
        summarise_evaluations.main()
