"""`python -m snakemake --logger chains`, as make runs it: what a person sees of a run that fails and of a sound one."""

import subprocess
import sys
from pathlib import Path

from tests.patience import PATIENCE_SECONDS
from tests.workflow.project import environment

CHAIN = "7B-reinforce-py-3"
TARGET = "figures/fig3.pdf"


def run(project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "snakemake", *options, "--cores", "2", TARGET]
    return subprocess.run(
        command, cwd=project, capture_output=True, text=True, timeout=PATIENCE_SECONDS, env=environment()
    )


def lasting(output: str) -> list[str]:
    """What is the same in each dry run: no header, no times, and no reasons, whose files come in any order."""
    planned = output.partition("Job stats:")[2]
    return sorted(line for line in planned.splitlines() if not line.lstrip().startswith(("[", "reason:")))


def test_a_chain_has_one_line_a_failure_its_log_and_the_end_names_the_figure(project: Path) -> None:
    (project / f"results/tiny/chains/{CHAIN}/A3/s7/c02/trace.json").unlink()
    (project / "results/tiny/statistics/W4.json").unlink()
    (project / TARGET).unlink()
    plain, listened = run(project, "-n"), run(project, "--logger", "chains", "-n")
    assert "train_final_campaign" in listened.stdout
    assert lasting(plain.stdout) == lasting(listened.stdout), "a dry run is Snakemake's own"

    script = project / "workflow_scripts/figures/fig3.py"
    sound = script.read_text()
    script.write_text(sound + '\nraise SystemExit("error: a broken figure")\n')
    failed = run(project, "--logger", "chains")
    assert failed.returncode == 1
    told = failed.stderr.splitlines()
    chains = [line for line in told if CHAIN in line]
    assert len(chains) == 1
    assert f"[1/1] {CHAIN} A3 s7: campaign 2 in " in chains[0]
    assert ", last pass rate " in chains[0]
    assert f"FAILED: fig3, which makes {TARGET}" in told
    assert "error: a broken figure" in told
    assert "train_campaign --plan" not in failed.stderr
    (log,) = (line.removeprefix("full log: ") for line in told if line.startswith("full log: "))
    assert "Finished jobid" in (project / log).read_text()

    script.write_text(sound)
    done = run(project, "--logger", "chains")
    assert done.returncode == 0, done.stderr
    assert "done: 1 of 1 jobs in " in done.stderr
    assert f"  {TARGET}" in done.stderr.splitlines()
    assert "Nothing to be done" in run(project, "--logger", "chains").stderr
