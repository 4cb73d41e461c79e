"""A data set loaded by the package datasets gives the problems of its file; one that cannot be loaded is named."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.makers.scripts import run_script
from tests.problems.published_samples import MBPP_FULL, apps_function_row, apps_row, contest_row
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_jsonl
from workflow_scripts.core.published_rows import data_set_file, load_rows, read_rows
from workflow_scripts.problems.import_problems import converter, import_rows


def make_data_set(tmp_path: Path, *rows: dict[str, Any]) -> Path:
    folder = tmp_path / "data-set"
    folder.mkdir()
    (folder / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def import_data_set(tmp_path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    pytest.importorskip("datasets", reason="the package datasets is not installed")
    environment = {"HF_HOME": str(tmp_path / "cache"), "HF_HUB_OFFLINE": "1"}
    return run_script("workflow_scripts.problems.import_problems", *options, **environment)


@pytest.mark.parametrize(
    ("format_name", "rows"),
    [
        ("mbpp", [MBPP_FULL, MBPP_FULL | {"task_id": 12}]),
        ("apps", [apps_row(), apps_function_row([[2], [4]], "", "def f(x):\n    return 2 * x")]),
        ("code-contests", [contest_row(), contest_row(name="b", time_limit=None)]),
    ],
)
def test_a_data_set_gives_the_problems_of_its_file(
    format_name: str, rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    folder = make_data_set(tmp_path, *rows)
    output = tmp_path / "problems.jsonl"
    done = import_data_set(
        tmp_path, f"--format={format_name}", f"--data-set={folder}", "--split=train", f"--output={output}"
    )
    assert done.returncode == 0, done.stderr
    expected = list(import_rows(read_rows(folder / "train.jsonl"), converter(format_name)))
    assert len(expected) == len(rows)
    assert read_jsonl(output, "problem") == expected


def test_a_data_set_that_cannot_be_loaded_is_one_clear_line(tmp_path: Path) -> None:
    folder = make_data_set(tmp_path, MBPP_FULL)
    done = import_data_set(tmp_path, "--format=mbpp", f"--data-set={folder}", f"--output={tmp_path}/problems.jsonl")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"error: --data-set {folder}: cannot be loaded: ValueError: ")
    assert "['train']" in done.stderr
    assert "Traceback" not in done.stderr


def test_one_file_of_a_data_set_gives_its_problems(tmp_path: Path) -> None:
    folder = make_data_set(tmp_path, MBPP_FULL)
    # What keeps the package datasets from loading such a repository.
    (folder / "apps.py").write_text("raise RuntimeError('a loading script')\n")
    output = tmp_path / "problems.jsonl"
    done = import_data_set(
        tmp_path, "--format=mbpp", f"--data-set={folder}", "--file=train.jsonl", f"--output={output}"
    )
    assert done.returncode == 0, done.stderr
    assert read_jsonl(output, "problem") == list(import_rows(read_rows(folder / "train.jsonl"), converter("mbpp")))


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("{folder}", ["--file=test.jsonl"], "error: --file test.jsonl: is no file of the folder {folder}"),
        ("{folder}", ["--file=train.jsonl", "--revision=main"], "error: --revision main: {folder} is a local folder, "),
        ("nobody/nothing", ["--file=train.jsonl"], "error: --data-set nobody/nothing: train.jsonl cannot be had: "),
    ],
)
def test_a_file_that_cannot_be_had_is_one_clear_line(
    name: str, options: list[str], message: str, tmp_path: Path
) -> None:
    folder = make_data_set(tmp_path, MBPP_FULL)
    data_set = f"--data-set={name.format(folder=folder)}"
    done = import_data_set(tmp_path, "--format=mbpp", data_set, *options, f"--output={tmp_path}/problems.jsonl")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(message.format(folder=folder))
    assert "Traceback" not in done.stderr


def test_a_hub_file_is_asked_for_as_a_data_set_at_its_revision(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import huggingface_hub

    asked: list[Any] = []

    def download(*arguments: Any, **options: Any) -> str:
        asked.append((arguments, options))
        return str(tmp_path / "train.jsonl")

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    assert data_set_file("codeparrot/apps", "train.jsonl", "21e74dd") == tmp_path / "train.jsonl"
    assert asked == [(("codeparrot/apps", "train.jsonl"), {"repo_type": "dataset", "revision": "21e74dd"})]


def test_a_missing_hub_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(UserError, match="the package huggingface_hub is not installed; install it"):
        data_set_file("codeparrot/apps", "train.jsonl", None)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(UserError, match="the package datasets is not installed; install it"):
        list(load_rows("mbpp", None, "test", None))
