"""Summarise evaluations of checkpoints (section 5.12): pass@k with intervals, and groups of final checkpoints.

Reads grades.json files by their place below evaluations/. One checkpoint's interval is over problems, a group's is over
seeds.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.evaluated import Evaluation, Evaluations
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import parse_object, write_json
from workflow_scripts.evaluation.evaluation_groups import describe_group, describe_pairs, parse_groups
from workflow_scripts.evaluation.graded_checkpoints import Graded, describe, read_graded
from workflow_scripts.statistics.intervals import Bootstrap


def summarise(
    testbed: str,
    models: Mapping[str, str],
    all_graded: Sequence[Graded],
    groups: Mapping[str, Sequence[str]],
    bootstrap: Bootstrap,
) -> Evaluations:
    """``evaluations.schema.json``; all rates are fractions in [0, 1]. ``models``: the real model's name by role."""
    graded = _index(all_graded)
    splits = list(dict.fromkeys(split for _, split in graded))
    of_seeds = parse_groups(groups)
    checkpoints: dict[str, dict[str, Evaluation]] = {}
    for (checkpoint, split), one in graded.items():
        checkpoints.setdefault(checkpoint, {})[split] = describe(one, bootstrap)
    return {
        "schema_version": 1,
        "testbed": testbed,
        "models": dict(models),
        "checkpoints": checkpoints,
        "groups": {name: describe_group(name, own, graded, splits, bootstrap) for name, own in of_seeds.items()},
        "paired": describe_pairs(of_seeds, graded, splits, bootstrap),
        "inputs": {one.path: one.sha256 for one in all_graded},
    }


def _index(all_graded: Sequence[Graded]) -> dict[tuple[str, str], Graded]:
    """By checkpoint and split, in order of their names, so that the order of the arguments changes nothing."""
    by_key: dict[tuple[str, str], Graded] = {}
    for one in sorted(all_graded, key=lambda graded: (graded.checkpoint, graded.split)):
        key = (one.checkpoint, one.split)
        if key in by_key:
            raise UserError(
                f"--grades: {one.checkpoint}, split {one.split}: given twice: {by_key[key].path}, {one.path}"
            )
        by_key[key] = one
    return by_key


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m workflow_scripts.evaluation.summarise_evaluations", description=__doc__
    )
    parser.add_argument("--testbed", required=True, help="the testbed's name, e.g. tiny")
    parser.add_argument("--models", required=True, metavar="JSON", help='models by role: {"7B": "tiny-qwen2-404k"}')
    parser.add_argument(
        "--grades", required=True, nargs="+", help="evaluations/CHECKPOINT/SPLIT.grades.json files, in any order"
    )
    parser.add_argument(
        "--groups",
        required=True,
        metavar="JSON",
        help='final checkpoints by wave and controller: {"W4 A0": ["7B-reinforce-py-20/A0/s7/c10-end", ...]}; '
        "baseline first, each pair of a wave is contrasted",
    )
    parser.add_argument("--confidence", required=True, type=float, help="level of the intervals, e.g. 0.95")
    parser.add_argument(
        "--max-atoms", required=True, type=int, help="enumerate the bootstrap up to this n^n, e.g. 1000000"
    )
    parser.add_argument("--resamples", required=True, type=int, help="random resamples beyond that, e.g. 10000")
    parser.add_argument("--output", required=True, type=Path, help="evaluations.json to write")
    arguments = parser.parse_args()
    if not 0 < arguments.confidence < 1:
        parser.error(f"--confidence: must be between 0 and 1, got {arguments.confidence}")
    return arguments


def main() -> None:
    arguments = _arguments()
    evaluations = summarise(
        arguments.testbed,
        parse_object(arguments.models, "--models"),
        [read_graded(path) for path in arguments.grades],
        parse_object(arguments.groups, "--groups"),
        Bootstrap(arguments.confidence, arguments.max_atoms, arguments.resamples),
    )
    write_json(arguments.output, evaluations, "evaluations")


if __name__ == "__main__":
    run(main)
