"""The whole graph through Snakemake at miniature size: 2 models, 2 seeds, 2 campaigns of 3 steps."""

import contextlib
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
import pytest
import yaml

from tests.patience import PATIENCE_SECONDS
from tests.workflow.project import (
    SNAKEMAKE,
    edit_config,
    environment,
    make_miniature,
    planned_jobs,
    snakemake,
    traces,
)
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, sha256_file, write_json
from workflow_scripts.reference import review_reference
from workflow_scripts.reference.archive import ARCHIVE, MANIFEST, packed_files, write_archive
from workflow_scripts.reference.pack_reference import describe

TRAINING = {"train_first_campaign", "train_campaign", "train_final_campaign"}


def test_everything_is_there_and_valid(finished: Path) -> None:
    found = [read_json(finished / path, schema="trace") for path in traces(finished)]
    assert len(found) == 2 * 2 * (1 + 2)  # models x seeds x (shared first campaign, one more per controller)
    for trace in found:
        assert trace["status"] == "completed"
        assert len(trace["steps"]) == trace["plan"]["max_steps"] == 3
        assert [point["step"] for point in trace["probe"]] == [0, 3]
    # A miniature that earned nothing would prove nothing about training.
    assert any(step["CodeGrader/pass_rate/mean"] > 0 and step["grad_norm"] > 0 for t in found for step in t["steps"])
    for wave in ("W4", "W7"):
        read_json(finished / f"results/tiny/statistics/{wave}.json", schema="statistics")
    assert (finished / "figures/fig3.pdf").read_bytes().startswith(b"%PDF")
    assert (finished / "figures/fig3.png").read_bytes().startswith(b"\x89PNG")
    assert "tiny-qwen2-404k" in (finished / "paper/tables/tab06.md").read_text()


def test_a_number_in_the_statistics_is_the_number_in_the_rollouts(finished: Path) -> None:
    statistics = json.loads((finished / "results/tiny/statistics/W4.json").read_text())
    values = {row["seed"]: row["value"] for row in statistics["controllers"]["A3"]["end_pass_rate"]["values"]}
    for seed, value in values.items():
        folder = finished / f"results/tiny/chains/7B-reinforce-py-3/A3/s{seed}/c02"
        rollouts = pd.read_parquet(folder / "rollouts.parquet")
        assert value == pytest.approx(rollouts[rollouts["step"] == 3]["reward"].mean())
        assert (rollouts["reward"] == (rollouts["verdict"] == "passed")).all()


def test_the_first_campaign_is_shared_and_checkpoints_follow_the_plan(finished: Path) -> None:
    chain = finished / "results/tiny/chains/7B-reinforce-py-3"
    assert not (chain / "A0/s7/c01").exists()
    for controller, which in (("A0", "end"), ("A3", "peak")):
        trace = json.loads((chain / f"{controller}/s7/c02/trace.json").read_text())
        assert trace["plan"]["init"] == {"campaign": 1, "checkpoint": which}
        weights = sha256_file(chain / f"first/s7/c01/{which}/model.safetensors")
        assert trace["inputs"]["initial_checkpoint"] == weights


def test_a_second_run_does_nothing(finished: Path) -> None:
    result = snakemake(finished, "all")
    assert "Nothing to be done" in result.stdout + result.stderr


def test_a_comment_plans_nothing_and_the_loss_plans_all_training(project: Path) -> None:
    loss = project / "workflow_scripts/training/update/update_rules.py"
    loss.write_text("# A remark.\n" + loss.read_text())
    assert planned_jobs(project, "figures/fig3.pdf") == {}
    loss.write_text(loss.read_text().replace("return -(weights", "return -2 * (weights"))
    planned = planned_jobs(project, "figures/fig3.pdf")
    assert {name: count for name, count in planned.items() if name in TRAINING} == {
        "train_first_campaign": 2,
        "train_final_campaign": 4,
    }
    assert planned["summarise_wave"] == 1
    assert not {"pretrain_model", "generate_problems", "build_corpus"} & set(planned)


def test_the_sandbox_counts_as_code_of_training(project: Path) -> None:
    candidate = project / "workflow_scripts/grading/inside/candidate.py"
    candidate.write_text(candidate.read_text() + "\nUNUSED = 1\n")
    assert planned_jobs(project, "figures/fig3.pdf")["train_final_campaign"] == 4


def test_a_fresh_clone_with_the_same_results_plans_nothing(finished: Path, tmp_path: Path) -> None:
    clone = make_miniature(tmp_path / "clone")
    for part in ("results", "figures", "paper/tables"):
        # copyfile gives every file a new time, in no particular order
        shutil.copytree(finished / part, clone / part, copy_function=shutil.copyfile)
    assert planned_jobs(clone, "all") == {}


def test_frozen_campaigns_rebuild_statistics_and_cannot_train(project: Path) -> None:
    edit_config(project, campaigns="frozen")
    for path in ("results/tiny/statistics/W4.json", "figures/fig3.pdf"):
        (project / path).unlink()
    assert planned_jobs(project, "figures/fig3.pdf") == {"summarise_wave": 1, "fig3": 1}
    assert snakemake(project, "figures/fig3.pdf").returncode == 0
    assert planned_jobs(project, "figures/fig3.pdf") == {}
    trace = project / "results/tiny/chains/7B-reinforce-py-3/A3/s7/c02/trace.json"
    trace.write_text(trace.read_text().replace('"status": "completed"', '"status": "non_finite_loss"'))
    assert planned_jobs(project, "figures/fig3.pdf") == {"summarise_wave": 1, "fig3": 1}
    trace.unlink()
    (project / "results/tiny/statistics/W4.json").unlink()
    result = snakemake(project, "--dry-run", "figures/fig3.pdf")
    assert result.returncode != 0
    assert "A3/s7/c02/trace.json" in result.stdout + result.stderr


def test_a_packed_reference_is_rebuilt_with_equal_bytes_and_a_changed_number_is_found(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = packed_files(finished, "tiny")
    reference, folder = tmp_path / "reference", tmp_path / "review"
    write_archive(finished, files, reference / ARCHIVE)
    manifest = describe(finished, files, "tiny", "0" * 40, ["all"])
    write_json(reference / MANIFEST, manifest)
    monkeypatch.setattr(sys, "argv", ["review", f"--reference={reference}", f"--folder={folder}"])
    review_reference.main()
    total = len(manifest["built"])
    assert f"12 campaigns of testbed tiny: {total} of {total} files" in capsys.readouterr().out
    assert "train_campaign" not in (folder / "review.log").read_text()
    manifest["built"]["figures/fig3.pdf"] = "0" * 64
    assert review_reference.differing(manifest, folder) == ["figures/fig3.pdf"]
    (folder / MANIFEST).unlink()
    with pytest.raises(UserError, match="review: exists and is no earlier review"):
        review_reference.prepare(reference, folder)


def wait_for_training(project: Path, other_than: int = 0) -> psutil.Process:
    """A campaign's process that runs in the project's folder, as soon as there is one beside ``other_than``."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        for process in psutil.process_iter(["cmdline"]):
            command = process.info["cmdline"] or []
            with contextlib.suppress(psutil.Error):
                trains = "workflow_scripts.training.train_campaign" in command
                serves = "workflow_scripts.warm.server" in command
                if trains and not serves and process.pid != other_than and process.cwd() == str(project):
                    return process
        time.sleep(0.02)
    raise AssertionError("nothing was trained")


def test_equal_seeds_give_equal_bytes_on_one_core_after_kills(finished: Path, tmp_path: Path) -> None:
    """Snakemake dies by SIGKILL and leaves an orphan that trains on; then a campaign's process dies by SIGKILL."""
    again = make_miniature(tmp_path / "again")
    command = [str(SNAKEMAKE), "--cores", "1", "figures/fig3.pdf"]
    options: dict[str, Any] = {
        "cwd": again,
        "env": environment(),
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
    }
    first = subprocess.Popen(command, **options)
    orphan = wait_for_training(again)
    first.kill()
    first.wait()

    second = subprocess.Popen(command, **options)
    wait_for_training(again, other_than=orphan.pid).kill()
    assert second.wait(timeout=PATIENCE_SECONDS) != 0

    result = snakemake(again, "figures/fig3.pdf", cores=1)
    assert result.returncode == 0, result.stdout + result.stderr
    expected = {path: content for path, content in traces(finished).items() if "7B-" in path}
    assert traces(again) == expected
    assert (again / "figures/fig3.pdf").read_bytes() == (finished / "figures/fig3.pdf").read_bytes()


def test_the_cluster_profile_plans_from_a_checkout(finished: Path) -> None:
    clone = make_miniature(finished.parent / "cluster")
    result = snakemake(clone, "--profile", "slurm", "-n", "figures/fig3.pdf")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "train_final_campaign" in result.stdout
    assert yaml.safe_load((clone / "slurm/config.yaml").read_text())["executor"] == "slurm"
