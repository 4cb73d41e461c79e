"""What jobs leave of their time, made up: Snakemake's metadata, benchmarks and logs, SLURM's logs, timing.json."""

import json
import os
import time
from base64 import urlsafe_b64encode
from pathlib import Path

CHAIN = "7B-reinforce-py-20"
RESULTS = Path("results/tiny")
# 10 s of a campaign, of which 8 are training.
TIMING = {"start": 0.5, "campaign": 10.0, "sampling": 4.0, "grading": 2.0, "probe": 1.0, "update": 0.9}
TIMING["synchronisation"] = 0.1
START = time.mktime((2026, 11, 21, 12, 0, 0, 0, 0, -1))


def campaign_name(owner: str, campaign: int) -> str:
    return f"chains/{CHAIN}/{owner}/s7/c{campaign:02d}"


def write_campaign(project: Path, name: str, plan_seconds: float = 0.2, train_seconds: float = 11.0) -> None:
    """The files of a finished campaign, with the seconds of its two jobs."""
    folder, benchmarks = project / RESULTS / name, (project / RESULTS / "benchmarks" / name).parent
    folder.mkdir(parents=True, exist_ok=True)
    benchmarks.mkdir(parents=True, exist_ok=True)
    (folder / "plan.json").write_text("{}")
    (folder / "trace.json").write_text("{}")
    (folder / "timing.json").write_text(json.dumps(TIMING))
    for end, seconds in ((".plan.tsv", plan_seconds), (".tsv", train_seconds)):
        (benchmarks / f"{folder.name}{end}").write_text(f"s\tmax_rss\n{seconds}\t1.0\n")


def write_metadata(project: Path, output: Path, start: float, end: float) -> None:
    metadata = project / ".snakemake/metadata"
    metadata.mkdir(parents=True, exist_ok=True)
    name = urlsafe_b64encode(str(output).encode()).decode()
    (metadata / name).write_text(json.dumps({"rule": "any", "starttime": start, "endtime": end}))


def write_run(project: Path, start: float, end: float, text: str = "") -> None:
    """A log of Snakemake's own, which was at work from ``start`` to ``end``."""
    logs = project / ".snakemake/log"
    logs.mkdir(parents=True, exist_ok=True)
    log = logs / f"{time.strftime('%Y-%m-%dT%H%M%S', time.localtime(start))}.000000.snakemake.log"
    log.write_text(text)
    os.utime(log, (end, end))


def write_local_campaign(project: Path, name: str, planned: float, trained: float) -> None:
    """A campaign whose plan took 0.25 s from ``planned`` on, and whose training 11.05 s from ``trained`` on."""
    write_campaign(project, name)
    write_metadata(project, RESULTS / name / "plan.json", planned, planned + 0.25)
    write_metadata(project, RESULTS / name / "trace.json", trained, trained + 11.05)


def job_block(start: float, output: str, number: int, indent: str = "") -> str:
    lines = [
        f"[{time.asctime(time.localtime(start))}]",
        f"{'' if indent else 'local'}rule any:",
        "    input: results/tiny/problems/py/train.jsonl",
        f"    output: {output}, results/tiny/another",
        f"    jobid: {number}",
    ]
    return "".join(f"{indent}{line}\n" for line in lines)


def header(start: float) -> str:
    return f"SNAKEMAKE\n=========\n  Date: {time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(start))}\n"


def finished(end: float, number: int) -> str:
    return f"[{time.asctime(time.localtime(end))}]\nFinished jobid: {number} (Rule: any)\n"
