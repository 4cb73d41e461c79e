"""A copy of the project in a folder of its own, with a miniature configuration, and Snakemake run in it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.patience import PATIENCE_SECONDS
from workflow_scripts.core.configuration import read_configuration

ROOT = Path(__file__).resolve().parents[2]
PARTS = (
    *("Snakefile", "config.yaml", "testbeds", "rules", "workflow_scripts", "snakemake_logger_plugin_chains"),
    *("paper/published", "paper/claims.yaml", "paper/headline.yaml", "envs", "profiles", "slurm"),
)
SNAKEMAKE = Path(sys.executable).parent / "snakemake"


def copy_project(folder: Path) -> Path:
    """What a clone would hold of the workflow, in ``folder``."""
    for part in PARTS:
        source, target = ROOT / part, folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, target)
    return folder


def read_config(project: Path) -> dict[str, Any]:
    """The project's configuration with its testbeds."""
    return read_configuration(project / "config.yaml")


def edit_config(project: Path, testbeds: dict[str, Any] | None = None, **changes: Any) -> None:
    """Set top-level keys of the project's config.yaml, and whole testbeds."""
    for name, bed in (testbeds or {}).items():
        (project / f"testbeds/{name}.yaml").write_text(yaml.safe_dump(bed))
    path = project / "config.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), **changes}))


def make_miniature(folder: Path) -> Path:
    """The project with 2 seeds, 2 campaigns of 3 steps and models that are pre-trained for seconds."""
    project = copy_project(folder)
    config = read_config(project)
    waves = {name: config["waves"][name] | {"campaigns": 2, "steps": 3} for name in ("W4", "W7")}
    bed = config["testbeds"]["tiny"]
    for model in bed["models"].values():
        model |= {"hidden_size": 64, "intermediate_size": 128, "layers": 2, "steps": 450, "batch_size": 32}
    # Right solutions, short programs and a high rate: just enough for a model that earns some rewards.
    bed["pretraining"] |= {"learning_rate": 8e-3, "warmup_steps": 20}
    python = bed["problems"]["corpus"][0]
    bed["problems"]["corpus"] = [python | {"pairs": 1500, "corrupted_fraction": 0.0, "depths": "1:1,2:1"}]
    bed["problems"]["splits"]["train"] = {"count": 60, "depths": "1:1,2:3"}
    bed["problems"]["splits"]["probe"] = {"count": 20, "depths": "1:1,2:3"}
    bed["training"] |= {"group_size": 8, "probe_steps": [0, 3], "warmup_steps": 3}
    evaluations = {"waves": {}, "models": [], "splits": ["main"]}
    edit_config(project, seeds=[7, 11], waves=waves, testbeds=config["testbeds"], evaluations=evaluations)
    return project


def snakemake(
    project: Path, *arguments: str, cores: int = 2, timeout: float = PATIENCE_SECONDS
) -> subprocess.CompletedProcess[str]:
    """Run Snakemake in the project's folder, as inside the activated environment."""
    return subprocess.run(
        [str(SNAKEMAKE), "--cores", str(cores), *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=timeout,
        env=environment(),
    )


def environment() -> dict[str, str]:
    """The caller's variables without those that an outer Snakemake or pytest leaves behind."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "SNAKEMAKE_PROFILE")}
    return {**kept, "PATH": f"{SNAKEMAKE.parent}{os.pathsep}{os.environ['PATH']}"}


def planned_jobs(project: Path, *arguments: str) -> dict[str, int]:
    """Number of jobs by rule in a dry run; empty where nothing is to be done."""
    result = snakemake(project, "--dry-run", *arguments)
    assert result.returncode == 0, result.stdout + result.stderr
    table = re.search(r"^job +count\n-+  -+\n(.*?)^total", result.stdout, flags=re.MULTILINE | re.DOTALL)
    if table is None:
        assert "Nothing to be done" in result.stdout + result.stderr
        return {}
    return {name: int(count) for name, count in re.findall(r"^(\w+) +(\d+)$", table[1], flags=re.MULTILINE)}


def traces(project: Path) -> dict[str, bytes]:
    """Every trace.json of the project by its path below results/."""
    return {str(path.relative_to(project)): path.read_bytes() for path in sorted(project.rglob("trace.json"))}
