"""The miniature's measurement: what `snakemake science` plans where the two waves are declared, and only there."""

from pathlib import Path

import yaml

from tests.workflow.project import edit_config, make_miniature, planned_jobs, read_config


def test_science_plans_what_is_measured_again(tmp_path: Path) -> None:
    project = make_miniature(tmp_path)
    declared = yaml.safe_load((project / "config.yaml").read_text())["waves"]
    controls = read_config(Path(__file__).parents[2])["waves"]["W104"]
    assert planned_jobs(project, "science") == {"science": 1}
    long = {"campaigns": 3, "steps": 6}
    edit_config(project, waves={name: own | long for name, own in (declared | {"W104": controls}).items()})
    jobs = planned_jobs(project, "science")
    # Two seeds: peak and end of the last campaigns of A0 and A3; campaigns of A0, A3 and NULL after the shared first.
    assert jobs["sample_checkpoint"] == jobs["grade_samples"] == 2 * 2 * 2
    assert jobs["regrade_rollouts"] == jobs["summarise_measurement"] == jobs["measurement_table"] == 1
    trained = {name: count for name, count in jobs.items() if name.startswith("train_")}
    assert trained == {"train_first_campaign": 2, "train_campaign": 2 * 3, "train_final_campaign": 2 * 3}
