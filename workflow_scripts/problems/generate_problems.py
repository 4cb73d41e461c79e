"""Write one split of the tiny testbed's problems as JSON Lines (core/schemas/problem.schema.json).

Splits train, probe, tuning, main and hard hold disjoint sets of compositions. ood and cpp hold those of main, for equal
--count, --depths, --problem-seed, --tests and --distinct-outputs: ood describes them in German, cpp asks for C++.
Domain py asks for Python in every other split, domain cpp for C++ in all: the same compositions with the same tests.

With --wording english, problems in Python are everyday tasks for published models, with names and types that say what a
function does, in place of compositions; cpp then asks for other problems than main.
"""

import argparse
import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.problems import Call, Problem
from workflow_scripts.core.files import write_jsonl
from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.problems.everyday.everyday_problems import everyday_problem, select_tasks
from workflow_scripts.problems.generated.catalogue import Composition
from workflow_scripts.problems.generated.compose import DOMAINS
from workflow_scripts.problems.generated.evaluate_reference import evaluate_reference
from workflow_scripts.problems.generated.problem_rows import cpp_problem, python_problem
from workflow_scripts.problems.generated.select_compositions import (
    count_per_depth,
    parse_depth_weights,
    stream_bucket,
    take_with_calls,
)
from workflow_scripts.problems.generated.verify_cpp import verify_cpp_references

# Each split's bucket of compositions (problems/generated/buckets.py).
SPLITS = {
    "train": "train",
    "probe": "probe",
    "tuning": "tuning",
    "main": "main",
    "hard": "hard",
    "ood": "main",
    "cpp": "main",
}

WORDINGS = ("formal", "english")


def select_with_calls(
    bucket: str, counts: Mapping[int, int], problem_seed: int, tests: int, distinct_outputs: int
) -> list[tuple[Composition, list[Call]]]:
    """Compositions of a bucket, ``counts[depth]`` of each depth in a seeded order, with their test calls.

    Raises ``UserError`` where the bucket holds fewer compositions of a depth than asked for.
    """
    selected = take_with_calls(
        counts,
        lambda depth: stream_bucket(bucket, depth, problem_seed),
        lambda composition: evaluate_reference(composition, problem_seed, tests, distinct_outputs),
        bucket,
        "problems of depth {}",
    )
    random.Random(derive_seed("problem order", problem_seed, bucket)).shuffle(selected)
    return selected


def generate_problems(
    domain: str,
    split: str,
    counts: Mapping[int, int],
    problem_seed: int,
    tests: int,
    distinct_outputs: int,
    wording: str = WORDINGS[0],
) -> list[Problem]:
    """The rows of one split; pure and deterministic in its arguments."""
    natural_language = "de" if split == "ood" else "en"
    if wording == "english" and not asks_for_cpp(domain, split):
        chosen = select_tasks(SPLITS[split], counts, problem_seed, tests, distinct_outputs)
        return [everyday_problem(domain, split, task, calls, natural_language) for task, calls in chosen]
    selected = select_with_calls(SPLITS[split], counts, problem_seed, tests, distinct_outputs)
    make_row = cpp_problem if asks_for_cpp(domain, split) else python_problem
    return [make_row(domain, split, composition, calls, natural_language) for composition, calls in selected]


def asks_for_cpp(domain: str, split: str) -> bool:
    """Whether a split of a domain is to be solved in C++; split cpp of domain py measures transfer (section 5.12)."""
    return domain == "cpp" or split == "cpp"


def summarize(rows: Sequence[Mapping[str, Any]]) -> str:
    """One line per depth: how many problems, mean and maximum characters of prompts and references."""
    lines = []
    for depth in sorted({row["depth"] for row in rows}):
        prompts = [len(row["prompt"]) for row in rows if row["depth"] == depth]
        references = [len(row["reference"]) for row in rows if row["depth"] == depth]
        lines.append(
            f"depth {depth}: {len(prompts)} problems; characters (mean/max): "
            f"prompt {mean(prompts):.0f}/{max(prompts)}, reference {mean(references):.0f}/{max(references)}"
        )
    return "\n".join(lines)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--domain", required=True, choices=DOMAINS)
    parser.add_argument("--split", required=True, choices=SPLITS)
    parser.add_argument("--count", required=True, type=int, help="number of problems")
    parser.add_argument("--depths", required=True, help="weights of the depths, e.g. 1:8,2:52,3:40")
    parser.add_argument("--problem-seed", required=True, type=int, help="seed of the selection and of the test inputs")
    parser.add_argument("--tests", required=True, type=int, help="test calls per problem")
    parser.add_argument(
        "--distinct-outputs", required=True, type=int, help="least number of distinct results among a problem's tests"
    )
    parser.add_argument(
        "--wording", choices=WORDINGS, default=WORDINGS[0], help="of problems in Python (default: %(default)s)"
    )
    parser.add_argument("--output", required=True, type=Path, help="JSON Lines file to write")
    arguments = parser.parse_args()
    if arguments.count < 1:
        parser.error(f"--count: {arguments.count} is not at least 1")
    if not 1 <= arguments.distinct_outputs <= arguments.tests:
        parser.error(f"--distinct-outputs: {arguments.distinct_outputs} is not between 1 and --tests")
    return arguments


def main() -> None:
    arguments = parse_arguments()
    counts = count_per_depth(parse_depth_weights(arguments.depths), arguments.count)
    rows = generate_problems(
        arguments.domain,
        arguments.split,
        counts,
        arguments.problem_seed,
        arguments.tests,
        arguments.distinct_outputs,
        arguments.wording,
    )
    if asks_for_cpp(arguments.domain, arguments.split):
        verify_cpp_references(rows)
    write_jsonl(arguments.output, rows, schema="problem")
    print(summarize(rows), file=sys.stderr)


if __name__ == "__main__":
    run(main)
