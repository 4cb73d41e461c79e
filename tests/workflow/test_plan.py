"""The plan against what then runs: deleted chains of the miniature are planned, trained again, counted by rule."""

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from tests.patience import PATIENCE_SECONDS
from tests.workflow.project import environment, snakemake

TARGET = "figures/fig3.pdf"
CHAIN = "results/tiny/chains/7B-reinforce-py-3"


def plan(project: Path, *options: str) -> Any:
    """The plan as JSON, made in the project's folder."""
    result = subprocess.run(
        [sys.executable, "-m", "workflow_scripts.audit.plan_run", "--target", TARGET, "--json", *options],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        env=environment(),
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_the_plan_is_what_runs(project: Path) -> None:
    """Jobs by rule exactly, disk by order of magnitude; what time it takes is the machine's."""
    assert plan(project)["jobs"] == 0
    shutil.rmtree(project / CHAIN / "first/s7")
    shutil.rmtree(project / CHAIN / "A3")
    # As long as these exist, nothing needs the traces.
    (project / "results/tiny/statistics/W4.json").unlink()
    (project / TARGET).unlink()
    planned = plan(project)
    to_do = Counter({row["rule"]: 0 for row in planned["rows"]})
    for row in planned["rows"]:
        to_do[row["rule"]] += row["to_do"]
    result = snakemake(project, TARGET)
    assert result.returncode == 0, result.stdout + result.stderr
    finished = Counter(re.findall(r"^Finished jobid: \d+ \(Rule: (\w+)\)", result.stdout + result.stderr, re.MULTILINE))
    assert +to_do == finished
    assert planned["campaigns"] == sum(count for rule, count in finished.items() if rule.startswith("train_")) > 0
    assert {row["kind"] for row in planned["rows"] if row["to_do"]} == {"measured"}
    assert 0 < planned["critical_path_seconds"] <= planned["wall_seconds"]
    assert 0 < planned["disk"]["stays"] <= planned["disk"]["peak"] < 100e6


def test_a_target_that_does_not_exist_is_one_clear_error(project: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "workflow_scripts.audit.plan_run", "--target", "figures/none.pdf"],
        cwd=project,
        capture_output=True,
        text=True,
        env=environment(),
    )
    assert result.returncode == 1
    assert "figures/none.pdf" in result.stderr
    assert "Traceback" not in result.stderr
