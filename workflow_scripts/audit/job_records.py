"""When jobs began and ended, as Snakemake recorded it.

Where Snakemake ran a job itself, its metadata hold both, to the microsecond. Of a job in a cluster's allocation they
hold only when Snakemake noticed that the allocation had ended; what ran when is then in the log that SLURM keeps of the
allocation, to the second.
"""

import os
import re
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workflow_scripts.core.files import read_json

METADATA, SLURM = "Snakemake's metadata", "SLURM's logs"

_CLOCK = re.compile(r"^\[(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})\]$")
_DATE = re.compile(r"^  Date: (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)$")
_RULE = re.compile(r"^(?:local)?rule \w+:$")
_FINISHED = re.compile(r"^Finished jobid: (\d+) ")
# A job of a group, as the Snakemake that submits the group announces it.
_ANNOUNCED = re.compile(r"^ +\[([^\]]+)\]\n +(?:local)?rule \w+:\n(?: +input: .*\n)? +output: (.*)$", re.MULTILINE)

Span = tuple[float, float]


@dataclass(frozen=True)
class JobRecord:
    """Seconds since 1970. ``allocated``: when Snakemake began in the job's allocation; without one, the job's start."""

    start: float
    end: float
    allocated: float
    source: str


def metadata_record(snakemake_folder: Path, output: str) -> JobRecord | None:
    """Of the job that made ``output``, from ``.snakemake/metadata``; None where that does not say how long it ran."""
    metadata = snakemake_folder / "metadata"
    with suppress(FileNotFoundError, KeyError, TypeError):
        record = read_json(_metadata_path(metadata, output))
        start, end = float(record["starttime"]), float(record["endtime"])
        if end > start:
            return JobRecord(start, end, start, METADATA)
    return None


def slurm_records(folder: Path) -> dict[str, JobRecord]:
    """The last finished job of every output that the logs of allocations below ``folder`` name, by output."""
    found: dict[str, JobRecord] = {}
    for log in sorted(folder.rglob("*.log"), key=lambda path: path.stat().st_mtime_ns):
        for outputs, record in allocation_records(log.read_text(encoding="utf-8", errors="replace")):
            for output in outputs:
                if output not in found or found[output].end <= record.end:
                    found[output] = record
    return found


def allocation_records(log: str) -> Iterator[tuple[list[str], JobRecord]]:
    """Each job that finished in an allocation, with its outputs, from the log that SLURM keeps of it.

    There are two Snakemakes in it, each with a header: the one of the allocation and, below it, the one that runs the
    jobs. The first one lists jobs as well, indented, and says at the end once more that they are finished.
    """
    headers: list[float] = []
    clock = 0.0
    began: dict[str, tuple[float, list[str]]] = {}
    block: list[str] | None = None
    for line in log.splitlines():
        if found := _DATE.match(line):
            headers.append(time.mktime(time.strptime(found[1], "%Y-%m-%d %H:%M:%S")))
        elif found := _CLOCK.match(line):
            clock = _seconds(found[1])
        elif _RULE.match(line):
            block = []
        elif block is not None and line.startswith("    output: "):
            block = line.removeprefix("    output: ").split(", ")
        elif block and line.startswith("    jobid: "):
            began[line.removeprefix("    jobid: ")] = clock, block
            block = None
        elif (found := _FINISHED.match(line)) and found[1] in began:
            start, outputs = began.pop(found[1])
            yield outputs, JobRecord(start, clock, min([start, *headers[-2:]]), SLURM)


def submission_times(logs: Path) -> dict[str, list[float]]:
    """When Snakemake submitted the group of each output's job, oldest first, from its own logs (``.snakemake/log``)."""
    found: dict[str, list[float]] = {}
    for log in sorted(logs.glob("*.snakemake.log")):
        for clock, outputs in _ANNOUNCED.findall(log.read_text(encoding="utf-8", errors="replace")):
            for output in outputs.split(", "):
                found.setdefault(output, []).append(_seconds(clock))
    return found


def run_spans(logs: Path) -> list[Span]:
    """When Snakemake was at work: from the time in each log's name to the last time it was written to."""
    spans = []
    for log in logs.glob("*.snakemake.log"):
        with suppress(ValueError):
            began = datetime.strptime(log.name.removesuffix(".snakemake.log"), "%Y-%m-%dT%H%M%S.%f").timestamp()
            spans.append((began, max(began, log.stat().st_mtime)))
    return sorted(spans)


def seconds_outside(span: Span, runs: Sequence[Span]) -> float:
    """How much of ``span`` is in none of ``runs``, which are sorted by their begin."""
    covered, reached = 0.0, span[0]
    for begin, end in runs:
        begin, end = max(begin, reached), min(end, span[1])
        if end > begin:
            covered += end - begin
            reached = end
    return max(0.0, span[1] - span[0] - covered)


def _metadata_path(folder: Path, output: str) -> Path:
    """Snakemake's file of an output: its name in base64, cut where the file system has no longer names."""
    name = urlsafe_b64encode(output.encode()).decode()
    longest = (os.pathconf(folder, "PC_NAME_MAX") if folder.is_dir() else 255) - 1
    *folders, last = (name[at : at + longest] for at in range(0, len(name), longest))
    return folder.joinpath(*(f"@{part}" for part in folders), last)


def _seconds(clock: str) -> float:
    """Of Snakemake's local time, such as ``Sat Nov 21 18:37:00 2026``."""
    return time.mktime(time.strptime(clock, "%a %b %d %H:%M:%S %Y"))
