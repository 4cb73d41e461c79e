"""Make a checkpoint's capability vector from its grades, as controllers see it (control/capabilities.py)."""

import argparse
import re
from collections.abc import Mapping
from pathlib import Path

from workflow_scripts.control.capabilities import SPLITS_OF
from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.evaluated import Grades
from workflow_scripts.core.contracts.states import Capabilities, MeasuredCheckpoint
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, sha256_file, write_json
from workflow_scripts.evaluation.pass_at_k import mean_pass_at_k

SPLITS = tuple(dict.fromkeys(split for splits in SPLITS_OF.values() for split in splits))
CHECKPOINT = re.compile(r"base/[A-Za-z0-9]+(-[a-z]+)?|[^/]+/[^/]+/s\d+/c\d{2}-(peak|end)")


def measure(accuracies: Mapping[str, float]) -> Capabilities:
    """Every capability from the pass@1 of each evaluated split; null where one of its splits was not evaluated.

    Of the two splits of gen_gap, the generalisation gap, the second is taken off the first.
    """
    capabilities: Capabilities = {}
    for name, splits in SPLITS_OF.items():
        if any(split not in accuracies for split in splits):
            capabilities[name] = None
        else:
            first, *others = (accuracies[split] for split in splits)
            capabilities[name] = first - sum(others)
    return capabilities


def accuracy(grades: Grades) -> float:
    """Unbiased pass@1 of graded samples (grades.schema.json), every problem weighing the same."""
    return mean_pass_at_k([(problem["n"], problem["c"]) for problem in grades["problems"]], 1)


def read_accuracy(path: Path) -> float:
    """``accuracy`` of a file; a problem none of whose samples was judged is a ``UserError``."""
    try:
        return accuracy(read_json(path, "grades"))
    except ValueError as error:
        raise UserError(f"{path}: a problem without a judged sample has no pass@1 ({error})") from None


def parse_grades(text: str) -> tuple[str, Path]:
    split, equals, path = text.partition("=")
    if not equals or split not in SPLITS:
        raise argparse.ArgumentTypeError(f"{text!r} is not SPLIT=FILE with a split of {', '.join(SPLITS)}")
    return split, Path(path)


def parse_checkpoint(text: str) -> str:
    if not CHECKPOINT.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is neither base/MODEL nor CHAIN/CONTROLLER/sSEED/cNN-{{peak,end}}")
    return text


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m workflow_scripts.evaluation.measure_capabilities", description=__doc__
    )
    parser.add_argument(
        "--checkpoint",
        required=True,
        type=parse_checkpoint,
        help="which one it is: its folder below evaluations/, e.g. base/7B or 7B-reinforce-py-20/A5/s7/c02-peak",
    )
    parser.add_argument(
        "--grades",
        required=True,
        nargs="+",
        type=parse_grades,
        metavar="SPLIT=FILE",
        help=f"grades.json of each evaluated split, of {', '.join(SPLITS)}",
    )
    parser.add_argument("--output", required=True, type=Path, help="capabilities file to write")
    arguments = parser.parse_args()
    splits = [split for split, _ in arguments.grades]
    if twice := [split for split in SPLITS if splits.count(split) > 1]:
        parser.error(f"--grades: split {twice[0]} is given twice")
    return arguments


def main() -> None:
    arguments = parse_arguments()
    files: dict[str, Path] = dict(arguments.grades)
    capabilities: MeasuredCheckpoint = {
        "schema_version": 1,
        "checkpoint": arguments.checkpoint,
        "capabilities": measure({split: read_accuracy(path) for split, path in files.items()}),
        "inputs": {split: sha256_file(path) for split, path in files.items()},
    }
    write_json(arguments.output, capabilities, "capabilities")


if __name__ == "__main__":
    run(main)
