"""Evaluations of made-up final checkpoints, from files of grades on, for the tests of Tables 14, 15 and B."""

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.evaluation.graded_files import end_of, write_grades
from workflow_scripts.evaluation.graded_checkpoints import read_graded
from workflow_scripts.evaluation.summarise_evaluations import summarise
from workflow_scripts.statistics.intervals import Bootstrap

SEEDS = (7, 11, 17, 23)
Passed = dict[tuple[str, int, str], list[int]]  # (controller, seed, split) -> samples that passed, per problem
PROBLEMS, SAMPLES = 12, 16


def random_counts(seed: int, splits: tuple[str, ...] = ("main", "cpp")) -> Passed:
    """Counts that vary by problem, and by controller enough for both to win somewhere."""
    rng = random.Random(seed)
    return {
        (controller, of, split): [rng.randint(0, rng.choice((2, 9, SAMPLES))) for _ in range(PROBLEMS)]
        for controller in ("A0", "A3")
        for of in SEEDS
        for split in splits
    }


def evaluate(folder: Path, passed: Passed, groups: Mapping[str, list[str]], campaign: int = 10) -> dict[str, Any]:
    """evaluations.json of these counts, every problem with 16 samples."""
    paths = [
        write_grades(folder, end_of(controller, seed, campaign), split, [(SAMPLES, c) for c in counts])
        for (controller, seed, split), counts in passed.items()
    ]
    graded = [read_graded(path) for path in paths]
    return summarise("tiny", {"7B": "tiny-355k"}, graded, groups, Bootstrap(0.95, 10**6, 500))


def w4_groups() -> dict[str, list[str]]:
    return {f"W4 {name}": [end_of(name, seed) for seed in SEEDS] for name in ("A0", "A3")}
