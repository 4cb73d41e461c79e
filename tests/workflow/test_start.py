"""What a workflow starts with, in one of trivial jobs."""

import re
from pathlib import Path

from tests.workflow.project import ROOT, snakemake

JOBS = 60
SNAKEFILE = f"""
import sys
import threading

sys.path.insert(0, "{ROOT}")
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
