"""A change plans exactly the jobs that it needs: dry runs of table 6 on the finished miniature, counted by rule.

The miniature has table 6's waves W7 (3B) and W4 (7B): two seeds, two controllers, two campaigns, the first one shared.
"""

import os
import shutil
import time
from pathlib import Path
from typing import Any

import yaml

from tests.workflow.project import edit_config, planned_jobs, snakemake

TABLE = "paper/tables/tab06.md"
SEEDS = [7, 11]


def declare(project: Path, *waves: str, **changes: Any) -> None:
    """Change what config.yaml declares of these waves."""
    declared = yaml.safe_load((project / "config.yaml").read_text())["waves"]
    edit_config(project, waves=declared | {name: declared[name] | changes for name in waves})


def edit_text(path: Path, old: str, new: str) -> None:
    """Replace the one occurrence of ``old``."""
    assert path.read_text().count(old) == 1
    path.write_text(path.read_text().replace(old, new))


def test_nothing_changed(project: Path) -> None:
    assert planned_jobs(project, TABLE) == {}


def entries(project: Path) -> dict[str, tuple[int, int, int]]:
    """Mode, size and modification time of all that is no record of Snakemake's, and whether it is locked."""
    stats = {path: path.lstat() for path in project.rglob("*") if "__pycache__" not in path.parts}
    own = {path for path in stats if ".snakemake" in path.parts and path.name != "workflow.lock"}
    return {
        str(path): (stat.st_mode, stat.st_size, stat.st_mtime_ns)
        for path, stat in stats.items()
        if path not in own and path.name != ".snakemake"
    }


def test_file_times_plan_nothing_and_a_dry_run_changes_no_file(project: Path) -> None:
    """As after a copy: inputs newer than outputs, and Snakemake's records, with its checksums of small inputs, lost."""
    shutil.rmtree(project / ".snakemake")
    results = sorted((project / "results").rglob("*"))
    assert {"peak", "trace.json"} <= {path.name for path in results}
    for age, path in enumerate(results):
        os.utime(path, (10**9 - age, 10**9 - age))
    before = entries(project)
    assert planned_jobs(project, TABLE) == {}
    for only_shown in ("--summary", "--unlock", "--lint", "--list-target-rules"):
        assert snakemake(project, only_shown).returncode == 0
    assert entries(project) == before


def test_a_result_from_the_future_stops_no_job(project: Path) -> None:
    """Of a machine whose clock is ahead: what is made from it now would be older than it."""
    ahead = time.time() + 3600
    os.utime(project / "results/tiny/statistics/W4.json", (ahead, ahead))
    (project / TABLE).unlink()
    result = snakemake(project, TABLE)
    assert result.returncode == 0, result.stderr
    assert (project / "results/tiny/statistics/W4.json").stat().st_mtime < ahead


def test_a_seed_more_in_one_wave_plans_its_chains_there(project: Path) -> None:
    declare(project, "W7", seeds=[*SEEDS, 101])
    assert planned_jobs(project, TABLE) == {
        "train_first_campaign": 1,
        "plan_campaign": 3,
        "train_final_campaign": 2,
        "summarise_wave": 1,
        "tab06": 1,
    }


def test_a_seed_less_in_one_wave_plans_no_training(project: Path) -> None:
    declare(project, "W7", seeds=SEEDS[:1])
    assert planned_jobs(project, TABLE) == {"summarise_wave": 1, "tab06": 1}


def test_more_campaigns_in_one_wave_continue_its_chains(project: Path) -> None:
    """Campaigns 3 and 4 of four chains, as campaigns 11 and 12 of the paper's ten."""
    declare(project, "W7", campaigns=4)
    assert planned_jobs(project, TABLE) == {
        "plan_campaign": 8,
        "train_campaign": 4,
        "train_final_campaign": 4,
        "summarise_wave": 1,
        "tab06": 1,
    }


def test_more_campaigns_in_all_waves_do_not_train_the_last_ones_again(project: Path) -> None:
    """Campaign 2 is then one between, which another rule trains: it counts as done all the same."""
    declare(project, "W4", "W7", campaigns=4)
    assert planned_jobs(project, TABLE) == {
        "plan_campaign": 16,
        "train_campaign": 8,
        "train_final_campaign": 8,
        "summarise_wave": 2,
        "tab06": 1,
    }


def test_statistics_code_rebuilds_statistics_and_what_reads_them(project: Path) -> None:
    contrasts = project / "workflow_scripts/statistics/contrasts.py"
    contrasts.write_text("# A remark.\n" + contrasts.read_text())
    assert planned_jobs(project, TABLE) == {}
    edit_text(contrasts, "2 / 2**n", "2 * 2**-n")
    assert planned_jobs(project, TABLE) == {"summarise_wave": 2, "tab06": 1}


def test_a_published_value_rebuilds_the_table_alone(project: Path) -> None:
    edit_text(project / "paper/published/tab06.yaml", "value: 4.9", "value: 5.0")
    assert planned_jobs(project, "figures/fig3.pdf", TABLE) == {"tab06": 1}
