"""What a workflow starts with, in one of trivial jobs."""

import os
import re
import subprocess
from pathlib import Path

from tests.workflow.project import ROOT, snakemake

JOBS = 60
SNAKEFILE = f"""
import sys
import threading

sys.path.insert(0, "{ROOT}")
TESTBED = "trivial"
BED = {{"training": {{"sharding": "several processes, which start cold"}}}}


def or_explain(function, *arguments):
    return function(*arguments)


include: "{ROOT}/rules/start.smk"


rule all:
    input:
        [f"{{number}}.done" for number in range({JOBS})],


rule touch:
    output:
        "{{number}}.done",
    shell:
        "touch {{output}}"


onsuccess:
    print("threads at the end:", threading.active_count())
"""


def test_snakemake_looks_for_jobs_when_there_may_be_some(tmp_path: Path) -> None:
    """Its rate limiter leaves a timer behind at each look, and each timer looks again."""
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    (tmp_path / ".snakemake").mkdir()
    result = snakemake(tmp_path, "--scheduler", "greedy")
    assert result.returncode == 0, result.stderr
    told = re.search(r"threads at the end: (\d+)", result.stdout + result.stderr)
    assert told is not None
    assert int(told[1]) < 10


def cache_of_make(**variables: str) -> str:
    """Where the Makefile has Snakemake keep its copies of what it reads; "" for the user's own place."""
    kept = {name: value for name, value in os.environ.items() if name not in ("XDG_CACHE_HOME", "MAKEFLAGS")}
    rule = "shown: ; @echo $${XDG_CACHE_HOME-}"
    command = ["make", "--silent", "--no-print-directory", f"--eval={rule}", "shown"]
    return subprocess.run(
        command, cwd=ROOT, env=kept | variables, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_a_home_that_cannot_be_written_keeps_no_copies(tmp_path: Path) -> None:
    """Below a file nobody can write, root included."""
    (tmp_path / "file").touch()
    for refused in ({"HOME": f"{tmp_path}/file"}, {"HOME": f"{tmp_path}", "XDG_CACHE_HOME": f"{tmp_path}/file/cache"}):
        assert cache_of_make(**refused) == str(ROOT / ".snakemake" / "cache")
    assert cache_of_make(HOME=f"{tmp_path}") == ""
    own = str(tmp_path / "my cache")
    assert cache_of_make(HOME=f"{tmp_path}/file", XDG_CACHE_HOME=own) == own
