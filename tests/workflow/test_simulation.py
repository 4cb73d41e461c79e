"""Controllers are simulated from recorded traces alone: no training rule is needed, and nothing runs twice."""

from pathlib import Path

import pytest

from tests.simulation.synthetic_process import make_process, make_traces
from tests.workflow.project import copy_project, edit_config, planned_jobs, read_config, snakemake
from workflow_scripts.core.files import read_json, write_json

CHAIN = "7B-reinforce-py-20"
JOBS = {"fit_collapse_process": 1, "simulate_controllers": 1, "controller_simulation": 1}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with the traces of one wave, of two campaigns and two seeds, and nothing else computed."""
    project = copy_project(tmp_path_factory.mktemp("simulation"))
    for trace in make_traces(make_process(), chains=2, campaigns=2, steps=20, seed=1):
        identity = trace["identity"]
        for owner in ("A0", "A3"):  # both roll on from the same first campaigns, with the same seeds
            own = "first" if identity["campaign"] == 1 else owner
            identity |= {"controller": own}
            trace["plan"]["controller"] = own
            place = f"{CHAIN}/{own}/s{identity['seed']}/c{identity['campaign']:02d}"
            write_json(project / "results/tiny/chains" / place / "trace.json", trace, "trace")
    config = read_config(project)
    waves = {**config["waves"], "W4": {**config["waves"]["W4"], "campaigns": 2}}
    simulation = {**config["simulation"], "controllers": ["A0", "A5", "B3"], "chains": 20, "campaigns": 3}
    edit_config(project, campaigns="frozen", seeds=[0, 1, 2, 3], waves=waves, simulation=simulation)
    return project


def test_the_figure_needs_traces_and_nothing_is_done_twice(project: Path) -> None:
    target = "figures/controller_simulation.pdf"
    assert {name: count for name, count in planned_jobs(project, target).items() if name != "total"} == JOBS
    result = snakemake(project, target)
    assert result.returncode == 0, result.stdout + result.stderr
    found = read_json(project / "results/tiny/simulation/controllers.json", "simulation")
    assert [one["controller"] for one in found["simulated"]["controllers"]] == ["A0", "A5"]
    assert [one["controller"] for one in found["simulated"]["left_out"]] == ["B3"]
    assert [one["controller"] for one in found["replayed"]["controllers"]] == ["A0"]
    assert "chains of 3 campaigns a second" in (project / "results/tiny/logs/simulation/controllers.log").read_text()
    assert planned_jobs(project, target) == {}


def test_more_chains_fit_nothing_again(project: Path) -> None:
    simulation = read_config(project)["simulation"]
    edit_config(project, simulation={**simulation, "chains": 30})
    planned = planned_jobs(project, "figures/controller_simulation.pdf")
    assert "fit_collapse_process" not in planned
    assert planned["simulate_controllers"] == 1


def test_an_undeclared_controller_is_named(project: Path) -> None:
    simulation = read_config(project)["simulation"]
    edit_config(project, simulation={**simulation, "controllers": ["A0", "A99"]})
    result = snakemake(project, "--dry-run", "figures/controller_simulation.pdf")
    assert result.returncode != 0
    assert "simulation.controllers: 'A99' is not declared" in result.stdout + result.stderr
