"""The table that docs/extending.md adds, added as it says, in a copy of the project."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.workflow.project import ROOT, copy_project, environment, planned_jobs

HEADING = "\n## A new table\n"
TESTS = ("tests/tables/test_tab19.py", "tests/tables/test_every_table.py", "-k", "tab19")


def files_of(section: str) -> dict[str, str]:
    """The files that a section gives: each block of code by the path that begins the paragraph above it."""
    parts = re.split(r"^```(?:python|yaml)\n(.*?)^```\n", section, flags=re.DOTALL | re.MULTILINE)
    paths = [re.findall(r"^`([^`]+/[^`]+)`", words, re.MULTILINE)[-1] for words in parts[:-1:2]]
    return dict(zip(paths, parts[1::2], strict=True))


def test_a_table_is_a_script_and_a_file_of_published_numbers(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    shutil.copytree(ROOT / "tests", project / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(ROOT / "pyproject.toml", project / "pyproject.toml")
    section = (ROOT / "docs/extending.md").read_text(encoding="utf-8").partition(HEADING)[2].partition("\n## ")[0]
    files = files_of(section)
    assert len(files) == 3
    for path, text in files.items():
        (project / path).write_text(text, encoding="utf-8")

    own = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *TESTS],
        cwd=project,
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert own.returncode == 0, own.stdout

    planned = planned_jobs(project, "tab19")
    assert (planned["tab19"], planned["summarise_wave"]) == (1, 2)
