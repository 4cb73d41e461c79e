"""Evaluations in the graph: of any checkpoint on request, and before the plans of controllers that decide by them."""

import re
import shutil
from pathlib import Path

import pytest

from tests.evaluation.graded_files import write_grades
from tests.workflow.project import edit_config, make_miniature, planned_jobs, read_config, snakemake

CHAIN = "3B-reinforce-py-3"
EVALUATIONS = f"results/tiny/evaluations/{CHAIN}"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The miniature with 3 campaigns of 3B, for A0 and for A4, which decides by the C++ split."""
    project = make_miniature(tmp_path_factory.mktemp("evaluation"))
    config = read_config(project)
    care = config["controllers"]["A3"]["settings"]
    controllers = {**config["controllers"], "A4": {"module": "a4_capability_override", "settings": care}}
    waves = {name: {**wave, "campaigns": 3} for name, wave in config["waves"].items()}
    waves["W7"]["controllers"] = ["A0", "A4"]
    edit_config(project, waves=waves, controllers=controllers, seeds=[7])
    return project


@pytest.mark.parametrize(
    ("checkpoint", "others"),
    [
        ("base/3B", {}),
        (f"{CHAIN}/first/s7/c01-peak", {"plan_campaign": 1, "train_first_campaign": 1}),
        (
            f"{CHAIN}/A0/s7/c02-end",
            {"train_first_campaign": 1, "plan_campaign": 2, "train_campaign": 1},
        ),
    ],
)
def test_a_checkpoint_is_sampled_and_graded(project: Path, checkpoint: str, others: dict[str, int]) -> None:
    planned = planned_jobs(project, f"results/tiny/evaluations/{checkpoint}/hard.grades.json")
    splits = 3 if others else 1  # train and probe come with training
    made = {"build_corpus": 1, "pretrain_model": 1, "generate_problems": splits}
    assert planned == {**made, **others, "sample_checkpoint": 1, "grade_samples": 1}


def test_one_vector_of_several_splits(project: Path) -> None:
    planned = planned_jobs(project, "results/tiny/evaluations/base/3B/capabilities-main-hard-cpp-ood.json")
    assert (planned["sample_checkpoint"], planned["grade_samples"], planned["measure_capabilities"]) == (4, 4, 1)


def test_a_plan_waits_for_the_capabilities_it_is_decided_by(project: Path) -> None:
    """Campaign 3 of A4 reads those of its two campaigns and of the base model; A0's reads none."""
    plan = f"results/tiny/chains/{CHAIN}/{{}}/s7/c03/plan.json"
    planned = planned_jobs(project, plan.format("A4"))
    assert (planned["sample_checkpoint"], planned["measure_capabilities"], planned["plan_campaign"]) == (3, 3, 3)
    assert "sample_checkpoint" not in planned_jobs(project, plan.format("A0"))
    shown = snakemake(project, "--dry-run", "--printshellcmds", plan.format("A4"))
    command = next(line for line in shown.stdout.splitlines() if "--campaign 03" in line)
    capabilities = re.search(r"--capabilities (.*) --base-capabilities (\S+)", command)
    assert capabilities is not None
    assert capabilities[1].split() == [
        f"{EVALUATIONS}/{folder}-peak/capabilities-cpp.json" for folder in ("first/s7/c01", "A4/s7/c02")
    ]
    assert capabilities[2] == "results/tiny/evaluations/base/3B/capabilities-cpp.json"


@pytest.mark.parametrize("checkpoint", ["A0/s7/c01-end", "A0/s7/c02-middle"])
def test_there_is_no_such_checkpoint(project: Path, checkpoint: str) -> None:
    refused = snakemake(project, "--dry-run", f"{EVALUATIONS}/{checkpoint}/main.grades.json")
    assert refused.returncode != 0
    assert "No rule to produce" in refused.stdout + refused.stderr


def test_frozen_grades_are_summarised_again_and_never_made(project: Path, tmp_path: Path) -> None:
    frozen = shutil.copytree(project, tmp_path / "frozen", symlinks=True)
    evaluations = {"waves": {"W7": ["A0"]}, "models": ["3B"], "splits": ["main"]}
    edit_config(frozen, campaigns="frozen", evaluations=evaluations)
    results, summary = frozen / "results/tiny", "results/tiny/statistics/evaluations.json"
    untrained = Path(write_grades(results, "base/3B", "main", [(4, 1), (4, 3)]))
    write_grades(results, f"{CHAIN}/A0/s7/c03-end", "main", [(4, 4), (4, 2)])
    assert planned_jobs(frozen, summary) == {"summarise_evaluations": 1}
    assert snakemake(frozen, summary).returncode == 0
    assert planned_jobs(frozen, summary) == {}
    write_grades(results, "base/3B", "main", [(4, 2), (4, 3)])
    assert planned_jobs(frozen, summary) == {"summarise_evaluations": 1}, "by content, whatever its time"
    untrained.unlink()
    missing = snakemake(frozen, "--dry-run", summary)
    assert missing.returncode != 0
    assert "base/3B/main.grades.json" in missing.stdout + missing.stderr
