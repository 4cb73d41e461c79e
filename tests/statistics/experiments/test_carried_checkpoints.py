"""Carried checkpoints: what is measured where, doses of lineages by hand, and contrasts with Holm's correction."""

from pathlib import Path

import pytest

from tests.makers.carried import CAMPAIGNS, CONTROLLERS, SEEDS, make_chains
from tests.makers.scripts import run_script
from workflow_scripts.core.contracts.experiments import CarriedFindings
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, write_json
from workflow_scripts.statistics.experiments.carried_checkpoints import summarise
from workflow_scripts.statistics.intervals import Bootstrap

BOOTSTRAP = Bootstrap(level=0.95, max_atoms=1000, resamples=200)


@pytest.fixture(scope="module")
def carried() -> CarriedFindings:
    return summarise("W9", CONTROLLERS, SEEDS, CAMPAIGNS, make_chains(), [("NULL", "B1")], BOOTSTRAP)


def by_seed(carried: CarriedFindings, controller: str, metric: str) -> dict[int, float]:
    return {one["seed"]: one["value"] for one in carried["controllers"][controller][metric]["values"]}


def test_what_is_carried_is_the_last_campaigns_first_probe(carried: CarriedFindings) -> None:
    assert by_seed(carried, "A0", "carried") == pytest.approx({seed: 0.5 + 0.01 * seed for seed in SEEDS})
    assert by_seed(carried, "A0", "end") == pytest.approx({seed: 0.55 + 0.01 * seed for seed in SEEDS})
    assert by_seed(carried, "B1", "carried") == pytest.approx({seed: 0.7 + 0.01 * seed for seed in SEEDS})
    assert by_seed(carried, "B1", "base") == pytest.approx(dict.fromkeys(SEEDS, 0.3))


@pytest.mark.parametrize(
    ("controller", "updates", "rates", "squares"),
    [
        # Two whole campaigns of four updates, the first of each at half the rate.
        ("A0", 8, 2 * 3.5, 2 * 3.25),
        # The peak was sampled at step 3, before its update: two updates of each campaign.
        ("B1", 4, 2 * 1.5, 2 * 1.25),
        # Updates at a rate of 0 are no dose; the shared first campaign is.
        ("NULL", 4, 3.5, 3.25),
    ],
)
def test_a_dose_counts_what_the_checkpoint_went_through(
    carried: CarriedFindings, controller: str, updates: int, rates: float, squares: float
) -> None:
    for metric, expected in (("lineage", updates), ("sum_of_rates", rates), ("sum_of_squared_rates", squares)):
        assert by_seed(carried, controller, metric) == pytest.approx(dict.fromkeys(SEEDS, expected))
    assert by_seed(carried, controller, "steps") == dict.fromkeys(SEEDS, 12.0)


def test_a_chain_sent_back_to_the_base_starts_at_no_dose() -> None:
    chains = make_chains()
    for trace in chains:
        if trace["identity"]["campaign"] == CAMPAIGNS:
            trace["plan"]["init"] = {"campaign": 0, "checkpoint": "base"}
    found = summarise("W9", CONTROLLERS, SEEDS, CAMPAIGNS, chains, [], BOOTSTRAP)
    assert by_seed(found, "A0", "lineage") == dict.fromkeys(SEEDS, 0.0)


def test_contrasts_are_with_the_baseline_and_corrected_over_those_alone(carried: CarriedFindings) -> None:
    names = [one["contrast"] for one in carried["contrasts"]]
    assert names == ["B1-A0", "NULL-A0", "B1-NULL"]
    p_values = [one["carried"]["sign_flip"]["p_value"] for one in carried["contrasts"]]
    assert p_values == [0.25, 0.25, 0.25]  # three equal differences: the floor of three pairs
    tests = [one["carried"]["sign_flip"] for one in carried["contrasts"]]
    assert [(one["holm"], one["tests"]) for one in tests] == [(0.5, 2), (0.5, 2), (0.25, 1)]
    assert carried["contrasts"][0]["carried"]["mean"] == pytest.approx(0.2)


def test_an_unfinished_chain_is_left_out_and_named() -> None:
    chains = [
        trace for trace in make_chains() if (trace["identity"]["controller"], trace["identity"]["seed"]) != ("B1", 2)
    ]
    found = summarise("W9", CONTROLLERS, SEEDS, CAMPAIGNS, chains, [], BOOTSTRAP)
    assert set(by_seed(found, "B1", "carried")) == {1, 3}
    assert [(one["controller"], one["seed"]) for one in found["excluded"]] == [("B1", 2)]
    assert found["contrasts"][0]["carried"]["n"] == 2


def test_a_chain_that_was_not_probed_is_refused() -> None:
    chains = make_chains()
    chains[-1]["probe"] = []
    with pytest.raises(UserError, match="controller NULL, seed 3: no probe before the first update"):
        summarise("W9", CONTROLLERS, SEEDS, CAMPAIGNS, chains, [], BOOTSTRAP)


def test_no_chain_at_all_is_refused() -> None:
    with pytest.raises(UserError, match="no chain of the wave is complete"):
        summarise("W9", ("A0",), (1,), 9, make_chains()[:1], [], BOOTSTRAP)


def test_the_script_writes_what_the_function_finds(tmp_path: Path, carried: CarriedFindings) -> None:
    paths = []
    for number, trace in enumerate(make_chains()):
        paths.append(tmp_path / f"{number}.json")
        write_json(paths[-1], trace, "trace")
    options = ("--wave", "W9", "--controllers", *CONTROLLERS, "--seeds", *SEEDS, "--campaigns", CAMPAIGNS)
    options += ("--traces", *paths, "--confidence", 0.95, "--max-atoms", 1000, "--resamples", 200)
    module, output = "workflow_scripts.statistics.experiments.summarise_carried", tmp_path / "carried.json"
    done = run_script(module, *options, "--pairs", "NULL:B1", "--output", output)
    assert done.returncode == 0, done.stderr
    written = read_json(output, "carried")
    assert len(written.pop("inputs")) == len(paths)
    assert written == carried
    wrong = run_script(module, *options, "--pairs", "NULL:A9", "--output", output)
    assert wrong.returncode == 2
    assert "--pairs: 'A9' is not among --controllers" in wrong.stderr
