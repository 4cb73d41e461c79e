"""Misuse ends in one clear error that names the file, the key or the target."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflow.project import SNAKEMAKE, edit_config, environment, make_miniature, read_config, snakemake


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_miniature(tmp_path_factory.mktemp("misuse"))


def refuse(project: Path, *arguments: str) -> str:
    """The output of a Snakemake that must fail and must not show a Python traceback as its answer."""
    result = snakemake(project, *arguments)
    output = result.stdout + result.stderr
    assert result.returncode != 0, output
    assert "Traceback (most recent call last)" not in output
    return output


def changed(project: Path, old: str, new: str) -> str:
    path = project / "config.yaml"
    before = path.read_text()
    assert old in before
    path.write_text(before.replace(old, new, 1))
    return before


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("confidence:", "confidense:", "statistics.confidense: unknown key; did you mean 'confidence'?"),
        ("- 7\n", "- '7'\n", "seeds.0: '7' is a str, expected integer"),
        ("model: 7B", "model: 8B", "waves.W4.model: testbed 'tiny' has no model '8B'; did you mean '7B'?"),
        ("testbed: tiny", "testbed: tinny", "testbed: 'tinny' is not declared; did you mean 'tiny'?"),
        ("testbed: tiny", "testbed: *tiny", ": not valid YAML: found undefined alias"),
        ("testbed: tiny", "testbed: tiny\ntestbed: qwen", ": testbed: stands twice, first in line "),
        ("pilot_steps:", "pilot_step:", "controllers.A2.settings.pilot_step: unknown key; did you mean 'pilot_steps'?"),
        ("module: a3_care", "module: a3_cares", "no such controller; the nearest is a3_care"),
    ],
)
def test_configuration(project: Path, old: str, new: str, message: str) -> None:
    before = changed(project, old, new)
    try:
        output = refuse(project, "-n", "figures/fig3.pdf")
    finally:
        (project / "config.yaml").write_text(before)
    assert message in output


def test_unknown_wave(project: Path) -> None:
    assert "wave 'W44' is not declared in config.yaml; did you mean 'W4'?" in refuse(
        project, "-n", "results/tiny/statistics/W44.json"
    )


def test_unknown_target(project: Path) -> None:
    assert re.search(r"No rule to produce figures/fig33\.pdf", refuse(project, "-n", "figures/fig33.pdf"))


def test_results_that_cannot_be_written(tmp_path: Path) -> None:
    """A file in the folder's place refuses every user, root included, as a read-only file system does."""
    project = make_miniature(tmp_path / "project")
    (project / "results").write_text("")
    assert "results/tiny: cannot be written" in refuse(project, "figures/fig3.pdf")
    assert "results/tiny: cannot be written" in refuse(project, "-n", "figures/fig3.pdf")


# Root may write anywhere; a program that it starts without these capabilities may not.
WITHOUT_PRIVILEGES = """
import ctypes, os, sys
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER = 24, 1, 2, 3
for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER):
    ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


def test_a_plan_needs_no_permission_to_write_results(tmp_path: Path) -> None:
    project = make_miniature(tmp_path / "project")
    (project / "results" / "tiny").mkdir(parents=True)
    (project / "results" / "tiny").chmod(0o555)
    command = [sys.executable, "-c", WITHOUT_PRIVILEGES, str(SNAKEMAKE), "--cores", "1", "figures/fig3.pdf"]
    run, plan = (
        subprocess.run([*command, *option], cwd=project, env=environment(), capture_output=True, text=True)
        for option in ([], ["-n"])
    )
    assert run.returncode == 1
    assert "results/tiny: cannot be written: no permission in results/tiny" in run.stdout + run.stderr
    assert plan.returncode == 0, plan.stdout + plan.stderr
    assert "train_final_campaign" in plan.stdout


def test_missing_compiler(project: Path) -> None:
    empty = project / "empty"
    empty.mkdir()
    splits = read_config(project)["testbeds"]["tiny"]["problems"]
    main = splits["splits"]["cpp"]
    result = subprocess.run(
        [
            *(sys.executable, "-m", "workflow_scripts.problems.generate_problems", "--domain", "py", "--split", "cpp"),
            *("--count", "10", "--depths", main["depths"], "--problem-seed", "1", "--tests", "6"),
            *("--distinct-outputs", "3", "--output", str(project / "cpp.jsonl")),
        ],
        cwd=project,
        env={**os.environ, "PATH": str(empty)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1
    assert "g++" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_second_snakemake_in_the_same_folder(project: Path) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from pathlib import Path; import sys, time\n"
            "from workflow_scripts.core.processes import single_workflow\n"
            "handle = single_workflow(Path('.snakemake')); print('held', flush=True); time.sleep(60)",
        ],
        cwd=project,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        output = refuse(project, "results/tiny/problems/py/probe.jsonl")
        assert f"another Snakemake (process {holder.pid}) is at work here" in output
    finally:
        holder.kill()
        holder.wait()
    edit_config(project)
    assert snakemake(project, "results/tiny/problems/py/probe.jsonl").returncode == 0
