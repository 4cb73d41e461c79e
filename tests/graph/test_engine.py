"""What is done to Snakemake itself does what it is for: each of these fails where an upgrade takes the place away."""

import os
import re
import sys
import time
from pathlib import Path

import pytest

from tests.workflow.project import ROOT, planned_jobs, snakemake
from workflow_scripts.graph import engine

JOBS = 60
SNAKEFILE = f"""
import sys
import threading
from pathlib import Path

sys.path.insert(0, "{ROOT}")
from workflow_scripts.graph import engine

engine.ignore_file_times_without_records(Path(".snakemake/metadata"))


onstart:
    engine.look_for_jobs_when_there_are_some(workflow)
    print("planned:", engine.planned_rules(workflow))


rule all:
    input:
        [f"{{number}}.done" for number in range({JOBS})],


rule touch:
    input:
        "source",
    output:
        "{{number}}.done",
    shell:
        "touch {{output}}"


onsuccess:
    print("threads at the end:", threading.active_count())
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    (tmp_path / "source").touch()
    return tmp_path


def test_snakemake_looks_for_jobs_when_there_may_be_some(folder: Path) -> None:
    """Its rate limiter leaves a timer behind at each look, and each timer looks again."""
    result = snakemake(folder, "--scheduler", "greedy")
    assert result.returncode == 0, result.stderr
    shown = result.stdout + result.stderr
    assert "planned: {'all', 'touch'}" in shown or "planned: {'touch', 'all'}" in shown
    told = re.search(r"threads at the end: (\d+)", shown)
    assert told is not None
    assert int(told[1]) < 10


def test_newer_inputs_count_only_where_there_are_records(folder: Path) -> None:
    for number in range(JOBS):
        (folder / f"{number}.done").touch()
    in_a_minute = time.time() + 60
    os.utime(folder / "source", (in_a_minute, in_a_minute))
    assert planned_jobs(folder) == {}
    assert planned_jobs(folder) == {}  # a dry run leaves no record behind
    (folder / ".snakemake/metadata/a record").touch()
    assert planned_jobs(folder)["touch"] == JOBS


def test_a_cluster_job_starts_again_with_another_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(engine.os, "execv", lambda _, words: started.append(words))
    monkeypatch.setattr(sys, "argv", ["snakemake", "--executor", "slurm-jobstep", "one", "two"])
    engine.restart_with(lambda words: words)
    assert not started
    engine.restart_with(lambda words: words[:-1])
    assert started == [[sys.executable, "-m", "snakemake", "--executor", "slurm-jobstep", "one"]]
    monkeypatch.setattr(sys, "argv", ["snakemake", "one", "two"])
    engine.restart_with(lambda words: words[:-1])
    assert len(started) == 1
