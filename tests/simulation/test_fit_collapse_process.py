"""A process that made the traces is found again, and the command says how well it fits."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.simulation.synthetic_process import ASSUMED, make_process, make_traces
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, write_json
from workflow_scripts.simulation.collapse_fit import fit
from workflow_scripts.simulation.collapse_likelihood import CampaignTable, Recorded
from workflow_scripts.simulation.fit_collapse_process import parse_assumed
from workflow_scripts.simulation.goodness_of_fit import compare
from workflow_scripts.simulation.recorded_chains import group_chains

TRUE = make_process(prompts_per_step=8)
# With 20 chains of 5 campaigns of 12 steps; absolute.
TOLERANCES = {
    "start_skill": 0.05,
    "ceiling": 0.08,
    "drift": 0.06,
    "hazard_steps": 1.0,
    "hazard_shape": 1.5,
    "severity": 0.08,
    "severity_spread": 0.12,
    "fall_steps": 1.2,
    "peak_carryover": 0.06,
    "end_carryover": 0.12,
    "problem_correlation": 0.06,
}


@pytest.fixture(scope="module")
def traces():
    return make_traces(TRUE, chains=10, campaigns=5, steps=12, seed=1)


@pytest.fixture(scope="module")
def fitted(traces):
    return fit(group_chains(traces), ASSUMED)


def test_the_parameters_are_recovered(fitted):
    process, search = fitted
    found = asdict(process)
    errors = {name: found[name] - getattr(TRUE, name) for name in TOLERANCES}
    assert {name: error for name, error in errors.items() if abs(error) > TOLERANCES[name]} == {}
    assert search["converged"]
    assert (search["campaigns"], search["chains"]) == (100, 20)


def test_what_is_not_fitted_is_what_was_assumed_or_recorded(fitted):
    found = asdict(fitted[0])
    assert {name: found[name] for name in asdict(ASSUMED)} == asdict(ASSUMED)
    assert (found["prompts_per_step"], found["group_size"]) == (8, 16)
    assert found["reference_learning_rate"] == TRUE.reference_learning_rate


def test_the_fitted_process_makes_chains_like_the_recorded_ones(traces, fitted):
    for name, row in compare(fitted[0], group_chains(traces), 40, 0.3, seed=2).items():
        assert row["simulated"] == pytest.approx(row["observed"], abs=4 * row["observed_error"]), name


def test_the_true_process_is_likelier_than_others(traces):
    table = CampaignTable(
        [Recorded(tuple(step["CodeGrader/pass_rate/mean"] for step in one["steps"]), 0.0015, 0.0) for one in traces]
    )
    best = table.log_likelihood(TRUE)
    for change in ({"severity": 0.2}, {"hazard_steps": 20.0}, {"problem_correlation": 0.7}, {"drift": 0.01}):
        assert table.log_likelihood(make_process(prompts_per_step=8, **change)) < best - 5, change


def test_a_posterior_follows_the_rates_over_the_cliff():
    table = CampaignTable([Recorded((0.4, 0.45, 0.5, 0.5, 0.1, 0.15, 0.1), 0.0015, 0.0), Recorded((0.3,), 0.0015, 0.0)])
    long, short = table.posteriors(TRUE)
    assert len(long.skill) == 8
    assert long.skill[3] > 0.4
    assert long.skill[-1] < 0.25
    assert len(short.skill) == 2


def test_one_strategy_and_hardly_any_data_still_give_a_process():
    flat = make_traces(make_process(start_skill=0.0), chains=1, campaigns=2, steps=3, seed=1)
    process, _ = fit(group_chains(flat), ASSUMED)
    assert 0 <= process.start_skill < 0.1


def test_chains_of_two_kinds_are_refused(traces):
    other = [{**one, "identity": {**one["identity"], "chain": "3B-reinforce-py-20"}} for one in traces]
    with pytest.raises(UserError, match="several chains"):
        fit(group_chains([*traces, *other]), ASSUMED)


def test_a_missing_campaign_is_named(traces):
    holed = [one for one in traces if (one["identity"]["seed"], one["identity"]["campaign"]) != (3, 2)]
    with pytest.raises(UserError, match="A3/s3: campaign 2 is missing"):
        group_chains(holed)
    with pytest.raises(UserError, match="given twice"):
        group_chains([*traces, traces[0]])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"erosion": 2}, "erosion: is a share"),
        ({"erosion": "x"}, "at least 0"),
        ({"kl_half_coefficient": 0}, "above 0"),
        ({"evaluation_samples": 0.5}, "evaluation_samples"),
        ({"unknown": 1}, "exactly"),
    ],
)
def test_wrong_assumptions_are_named(change, message):
    with pytest.raises(UserError, match=message):
        parse_assumed(json.dumps({**asdict(ASSUMED), **change}))


def test_the_command_writes_a_valid_process_and_the_same_one_again(tmp_path: Path):
    paths = []
    for number, trace in enumerate(make_traces(TRUE, chains=2, campaigns=2, steps=6, seed=3)):
        paths.append(tmp_path / f"{number}.json")
        write_json(paths[-1], trace, "trace")
    outputs = [tmp_path / "one.json", tmp_path / "two.json"]
    for output in outputs:
        command = [
            *(sys.executable, "-m", "workflow_scripts.simulation.fit_collapse_process", "--traces", *map(str, paths)),
            *("--assumed", json.dumps(asdict(ASSUMED)), "--replicates", "5", "--collapse-ratio", "0.3"),
            *("--seed", "1", "--output", str(output)),
        ]
        subprocess.run(command, check=True)
    found = read_json(outputs[0], "collapse_process")
    assert found["source"]["traces"] == len(paths)
    assert found["source"]["controllers"] == ["A0", "A3"]
    assert set(found["assumed"]) == set(asdict(ASSUMED))
    assert outputs[0].read_bytes() == outputs[1].read_bytes()
