"""The reward ladder: measures that selection does not bias, verdicts by the rule written down first, exact tests."""

import itertools
import statistics
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from tests.makers.ladder import STEPS, luck, make_campaign, make_ladder
from tests.makers.scripts import run_script
from workflow_scripts.core.contracts.experiments import Condition, LadderFindings
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, write_json
from workflow_scripts.statistics.experiments.reward_ladder import seed_values, summarise, verdict
from workflow_scripts.statistics.intervals import Bootstrap

BOOTSTRAP = Bootstrap(level=0.95, max_atoms=1000, resamples=200)
SIGNS = dict.fromkeys(
    ("rise", "fall", "change", "pass@n_change", "entropy_change_after_peak", "training_change_after_peak"), 0
)


@pytest.fixture(scope="module")
def ladder() -> LadderFindings:
    return summarise(make_ladder(), BOOTSTRAP)


def condition(ladder: LadderFindings, reward: str) -> Condition:
    return next(one for one in ladder["conditions"] if one["reward"] == reward)


def test_each_condition_does_what_its_courses_do(ladder: LadderFindings) -> None:
    graded, shuffled, still = (condition(ladder, reward) for reward in ("graded", "shuffled", "none"))
    assert graded["rises"]
    assert (graded["falls"], graded["mechanism"]) == (True, "narrowing")
    assert not shuffled["rises"]
    assert (shuffled["falls"], shuffled["mechanism"]) == (True, "melting")
    assert (still["rises"], still["falls"], still["mechanism"]) == (False, False, None)
    assert graded["peak_steps"] == [6, 6, 6]
    assert shuffled["peak_steps"] == [0, 0, 0]


def test_measures_are_those_of_the_traces(ladder: LadderFindings) -> None:
    """Recomputed from the courses without the code under test."""
    graded = condition(ladder, "graded")
    for number, seed in enumerate((1, 2, 3)):
        fall = (0.5 + 0.12 + luck(seed, 6)) - (0.5 + 0.12 - 0.05 * 6 + luck(seed, STEPS))
        assert graded["metrics"]["fall"]["values"][number] == {"seed": seed, "value": pytest.approx(fall)}
        training = [0.5 + 0.04 * step + luck(seed, step) for step in range(1, STEPS + 1)]
        change = statistics.mean(training[-5:]) - statistics.mean(training[1:6])
        assert graded["metrics"]["training_change_after_peak"]["values"][number]["value"] == pytest.approx(change)
    assert graded["clipped_share"] == pytest.approx(2 / 12)  # steps 11 and 12 have norms above 1
    assert graded["curves"]["held_out"]["steps"] == [0, 3, 6, 9, 12]


def test_comparisons_are_tested_over_every_split_of_the_seeds(ladder: LadderFindings) -> None:
    values = {
        reward: [one["value"] for one in condition(ladder, reward)["metrics"]["end"]["values"]]
        for reward in ("graded", "shuffled")
    }
    both = values["shuffled"] + values["graded"]
    observed = abs(statistics.mean(values["shuffled"]) - statistics.mean(values["graded"]))
    splits = list(itertools.combinations(range(6), 3))
    extreme = 0
    for chosen in splits:
        first = statistics.mean(both[index] for index in chosen)
        second = statistics.mean(both[index] for index in range(6) if index not in chosen)
        extreme += abs(first - second) >= observed - 1e-12
    found = next(one for one in ladder["comparisons"] if one["question"] == "H2: end, shuffled - graded")
    assert found["p_value"] == pytest.approx(extreme / len(splits))
    assert found["floor"] == pytest.approx(2 / 20)
    assert found["method"].endswith("exact")
    assert found["n"] == [3, 3]


def test_a_seeds_own_luck_does_not_choose_its_peak() -> None:
    """On pure noise a maximum over probes would be above the end; read where the others are highest it is not."""
    rng = np.random.default_rng(5)
    falls, own = [], []
    for _ in range(400):
        held = rng.normal(0.5, 0.05, size=(5, 13))
        steps = {name: np.zeros((5, 60)) for name in ("training", "entropy", "distinct")}
        values, _ = seed_values(range(0, 65, 5), {"held_out": held, "held_out_pass@n": held}, steps)
        falls.append(values["fall"].mean())
        own.append((held.max(axis=1) - held[:, -1]).mean())
    assert abs(np.mean(falls)) < 4 * np.std(falls) / 20
    assert np.mean(own) > 0.05


@pytest.mark.parametrize(
    ("signs", "expected"),
    [
        ({}, (False, False, None)),
        ({"rise": 1}, (True, False, None)),
        ({"rise": 1, "fall": 1, "entropy_change_after_peak": -1}, (True, True, "narrowing")),
        ({"fall": 1, "entropy_change_after_peak": -1, "training_change_after_peak": 1}, (False, True, "narrowing")),
        ({"fall": 1, "entropy_change_after_peak": 1, "training_change_after_peak": -1}, (False, True, "melting")),
        ({"fall": 1, "entropy_change_after_peak": -1, "training_change_after_peak": -1}, (False, True, "mixed")),
        ({"fall": 1}, (False, True, "mixed")),
    ],
)
def test_the_rule_of_the_preregistration(signs: dict[str, int], expected: tuple[bool, bool, str | None]) -> None:
    found = verdict({**SIGNS, **signs})
    assert (found["rises"], found["falls"], found["mechanism"]) == expected


@pytest.mark.parametrize(
    ("pass_at_n", "change", "loses"), [(-1, 0, True), (-1, 1, True), (-1, -1, False), (0, 1, False)]
)
def test_less_variety_is_told_from_a_fall(pass_at_n: int, change: int, loses: bool) -> None:
    assert verdict({**SIGNS, "pass@n_change": pass_at_n, "change": change})["loses_variety"] is loses


def test_a_campaign_that_did_not_complete_is_left_out_and_named() -> None:
    traces = make_ladder()
    traces[0]["status"] = "non_finite_loss"
    found = summarise(traces, BOOTSTRAP)
    assert found["excluded"] == [
        {"reward": "graded", "learning_rate": 1e-3, "seed": 1, "reason": "ended with non_finite_loss"}
    ]
    assert condition(found, "graded")["seeds"] == [2, 3]


def test_one_seed_has_no_verdict_and_no_interval() -> None:
    found = summarise(make_ladder()[:3], BOOTSTRAP)
    graded = condition(found, "graded")
    assert (graded["rises"], graded["falls"]) == (False, False)
    assert graded["curves"]["training"]["low"] == [None] * STEPS


def test_probes_at_different_steps_are_refused() -> None:
    traces = make_ladder()
    del traces[0]["probe"][1]
    with pytest.raises(UserError, match=r"graded at 0\.001: campaigns are probed at different steps"):
        summarise(traces, BOOTSTRAP)


def test_campaigns_of_different_lengths_are_refused() -> None:
    traces = make_ladder()
    del traces[0]["steps"][-1]
    with pytest.raises(UserError, match=r"graded at 0\.001: campaigns have different numbers of steps"):
        summarise(traces, BOOTSTRAP)


def test_the_script_writes_what_the_function_finds(tmp_path: Path, ladder: LadderFindings) -> None:
    paths = []
    for number, trace in enumerate(make_ladder()):
        paths.append(tmp_path / f"{number}.json")
        write_json(paths[-1], trace, "trace")
    output = tmp_path / "ladder.json"
    done = run_script(
        "workflow_scripts.statistics.experiments.summarise_ladder",
        *("--traces", *paths, "--confidence", 0.95, "--max-atoms", 1000, "--resamples", 200, "--output", output),
    )
    assert done.returncode == 0, done.stderr
    written = read_json(output, "ladder")
    assert {path: len(digest) for path, digest in written.pop("inputs").items()} == {str(path): 64 for path in paths}
    assert written == ladder


def test_it_agrees_with_scipys_interval(ladder: LadderFindings) -> None:
    metric = condition(ladder, "graded")["metrics"]["rise"]
    values = [one["value"] for one in metric["values"]]
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    student = next(one for one in metric["intervals"] if one["method"] == "Student t")
    assert (student["low"], student["high"]) == pytest.approx((expected.low, expected.high))


def test_campaigns_of_one_course_are_compared_with_nothing() -> None:
    alone = [make_campaign(seed, lambda seed, step: 0.5 + luck(seed, step)) for seed in (1, 2)]
    assert summarise(alone, BOOTSTRAP)["comparisons"] == []
