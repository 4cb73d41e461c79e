"""rules/problems.smk makes splits from data-set folders, and again only what a changed setting concerns."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.problems.published_samples import apps_row, contest_row
from tests.workflow.project import planned_jobs, snakemake
from workflow_scripts.core.files import read_jsonl

PROJECT = Path(__file__).parents[2]
# What rules/common.smk makes for this file, of a testbed without models.
SNAKEFILE = """\
import json
import sys
from pathlib import Path

sys.path.insert(0, {project!r})
from workflow_scripts.core.processes import prepare_environment
from workflow_scripts.graph.options import SANDBOX, Options, code
from workflow_scripts.graph.study import Study

prepare_environment(Path({project!r}))
study = Study(json.loads(Path("config.json").read_text()))
options = Options(study)


wildcard_constraints:
    testbed=study.testbed,
    domain="[a-z]+",
    split="[a-z]+",


include: "{project}/rules/problems.smk"
"""
SPLITS = [f"results/qwen/problems/py/{split}.jsonl" for split in ("train", "main", "alone")]


def bed(hub: Path) -> dict[str, Any]:
    medium: dict[str, Any] = {"levels": ["introductory"], "ratings": [800, 1600], "count": None}
    return {
        "problems": {
            "seed": 5,
            "sources": {
                "apps": {"format": "apps", "data_set": str(hub), "file": "train.jsonl"},
                "contests": {"format": "code-contests", "data_set": str(hub), "file": "train.json"},
            },
            "selection": {"max_cases": 3, "max_case_bytes": 1000, "max_prompt_characters": 4000, "verify": True},
            "splits": {
                "train": {"sources": ["apps", "contests"], "range": [0, 0.5], **medium},
                "main": {"sources": ["apps", "contests"], "range": [0.5, 1], **medium},
                "alone": {"sources": ["contests"], "exclude": ["apps"], "range": [0.5, 1], **medium},
            },
        },
        "grading": {
            "cpu_seconds": 1.0,
            "wall_seconds": 20.0,
            "memory_bytes": 268435456,
            "stack_bytes": 268435456,
            "required_layers": ["rlimits", "seccomp", "split_tests"],
        },
    }


def declare(folder: Path, testbed: dict[str, Any]) -> None:
    config = {"testbed": "qwen", "testbeds": {"qwen": testbed | {"models": {}}}, "waves": {}}
    (folder / "config.json").write_text(json.dumps(config))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    apps = [apps_row(problem_id=number, question=f"Form {number}.") for number in range(6)]
    contests = [contest_row(name=f"{number}", description=f"Case {number}.", cf_rating=800) for number in range(6)]
    (tmp_path / "hub").mkdir()
    (tmp_path / "hub/train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in apps))
    (tmp_path / "hub/train.json").write_text(json.dumps([*contests, contest_row(name="copy", description="Form 1.")]))
    declare(tmp_path, bed(tmp_path / "hub"))
    (tmp_path / "Snakefile").write_text(SNAKEFILE.format(project=str(PROJECT)))
    return tmp_path


def test_splits_are_made_and_made_again_only_where_a_setting_concerns_them(folder: Path) -> None:
    done = snakemake(folder, *SPLITS, cores=1)
    assert done.returncode == 0, done.stdout + done.stderr
    train, main, alone = ({row["task_id"] for row in read_jsonl(folder / split, "problem")} for split in SPLITS)
    assert len(train | main) == len(train) + len(main) == 12
    assert alone == {task_id for task_id in main if task_id.startswith("codeforces/")}
    assert planned_jobs(folder, *SPLITS) == {}

    settings = bed(folder / "hub")
    settings["problems"]["splits"]["main"]["count"] = 1
    declare(folder, settings)
    assert planned_jobs(folder, *SPLITS) == {"select_problems": 1}
    settings["problems"]["sources"]["contests"]["limit"] = 4
    declare(folder, settings)
    assert planned_jobs(folder, *SPLITS) == {"import_source": 1, "select_problems": 3}
