"""Graded evaluations of checkpoints: which one a file of grades is of, its pass@k, and intervals over problems.

For one checkpoint the problem is the resampling unit: the samples of a problem are not independent of each other. Such
an interval says how another draw of problems would move the value, and nothing of another training run.
"""

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workflow_scripts.core.contracts.evaluated import Evaluation
from workflow_scripts.core.contracts.statistics import Interval
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, sha256_file
from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.evaluation.measure_capabilities import CHECKPOINT
from workflow_scripts.evaluation.pass_at_k import pass_at_k
from workflow_scripts.statistics.intervals import (
    Bootstrap,
    exact_bootstrap,
    interval,
    is_enumerated,
    mean,
    resampled_bootstrap,
    resampling_note,
    too_few,
)

KS = (1, 4, 8, 16)  # section 5.12 samples 16 times
EXACT = "exact bootstrap over problems"
RESAMPLED = "resampled bootstrap over problems"
_FILE = re.compile(rf"(?:.*/)?evaluations/(?P<checkpoint>{CHECKPOINT.pattern})/(?P<split>[a-z]+)\.grades\.json")


@dataclass(frozen=True)
class Graded:
    """The grades of one checkpoint on one split; ``counts`` holds (judged, passed) of each problem in ``task_ids``."""

    checkpoint: str
    split: str
    path: str
    sha256: str
    problems_sha256: str
    task_ids: tuple[str, ...]
    counts: tuple[tuple[int, int], ...]
    unjudged: int

    def values(self, k: int) -> list[float] | None:
        """Each problem's unbiased pass@k; None where a problem has fewer than k judged samples."""
        if min(n for n, _ in self.counts) < k:
            return None
        return [pass_at_k(n, c, k) for n, c in self.counts]

    def rates(self) -> list[float]:
        """Each problem's pass@1: the share of its samples that passed."""
        return [pass_at_k(n, c, 1) for n, c in self.counts]


def read_graded(path: str) -> Graded:
    """One file of grades below evaluations/; a ``UserError`` for another path, or a problem without a judged sample."""
    found = _FILE.fullmatch(Path(path).as_posix())
    if found is None:
        raise UserError(
            f"--grades: {path}: is not evaluations/CHECKPOINT/SPLIT.grades.json, whose folders say what was evaluated: "
            "base/ROLE or CHAIN/CONTROLLER/sSEED/cNN-peak (or -end)"
        )
    grades = read_json(path, "grades")
    problems = grades["problems"]
    if not problems:
        raise UserError(f"{path}: problems: is empty; grade at least one")
    if unjudged := [problem["task_id"] for problem in problems if problem["n"] == 0]:
        raise UserError(
            f"{path}: problem {unjudged[0]}: has no judged sample and so no pass@1; grade it, or leave it out"
        )
    return Graded(
        checkpoint=found["checkpoint"],
        split=found["split"],
        path=path,
        sha256=sha256_file(path),
        problems_sha256=grades["inputs"]["problems"],
        task_ids=tuple(problem["task_id"] for problem in problems),
        counts=tuple((problem["n"], problem["c"]) for problem in problems),
        unjudged=grades["unjudged"],
    )


def describe(graded: Graded, bootstrap: Bootstrap) -> Evaluation:
    """Its entry in ``evaluations.schema.json``: pass@k with intervals, null where a problem has too few samples."""
    values = {f"pass@{k}": graded.values(k) for k in KS}
    seed = derive_seed("bootstrap", "problems", graded.checkpoint, graded.split)
    rates = {name: None if found is None else mean(found) for name, found in values.items()}
    return {
        "pass@1": statistics.mean(graded.rates()),
        "pass@4": rates["pass@4"],
        "pass@8": rates["pass@8"],
        "pass@16": rates["pass@16"],
        "n": len(graded.counts),
        "samples": min(n for n, _ in graded.counts),
        "unjudged": graded.unjudged,
        "unit": "problem",
        "intervals": {
            name: None if found is None else problem_interval(found, bootstrap, seed) for name, found in values.items()
        },
        "grades_sha256": graded.sha256,
        "problems_sha256": graded.problems_sha256,
    }


def problem_interval(values: Sequence[float], bootstrap: Bootstrap, seed: int) -> Interval:
    """The bootstrap interval of the mean over problems, with a note where it is null, drawn or blind.

    It is blind where all problems have one value, as where none is ever solved: then every resample is the same.
    """
    n = len(values)
    exact = is_enumerated(n, bootstrap)
    method = EXACT if exact else RESAMPLED
    if n < 2:
        return interval(method, bootstrap.level, None, None, too_few(n, "problem"))
    if min(values) == max(values):
        # The largest share q of other problems of which n draws miss all with probability (1 - q)^n = (1 - level) / 2.
        share = 1 - ((1 - bootstrap.level) / 2) ** (1 / n)
        note = f"all {n} problems have this value; up to {share:.1%} of others may differ"
        return interval(method, bootstrap.level, values[0], values[0], note)
    if exact:
        return interval(method, bootstrap.level, *exact_bootstrap(values, bootstrap.level), None)
    bounds = resampled_bootstrap(values, bootstrap.level, bootstrap.resamples, seed)
    return interval(method, bootstrap.level, *bounds, resampling_note(n, bootstrap))
