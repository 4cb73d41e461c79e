"""The capability vector of every final checkpoint of one chain: the paper's cap_vectors/{chain_tag}.json (appendix B).

Reads evaluations.json, so that a vector and a table never disagree; a checkpoint is final where a wave's group says so.
"""

import argparse
from collections.abc import Iterable, Mapping
from pathlib import Path

from workflow_scripts.control.capabilities import SPLITS_OF
from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.evaluated import Evaluation, Evaluations, Vector, Vectors
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, sha256_file, write_json
from workflow_scripts.evaluation.measure_capabilities import SPLITS, measure


def build_vectors(evaluations: Evaluations, chain: str) -> Vectors:
    """``capability_vectors.schema.json`` without ``inputs``; a chain of no group is a ``UserError``.

    A checkpoint that nobody evaluated stays, with null in every capability.
    """
    graded = evaluations["checkpoints"]
    groups_of: dict[str, list[str]] = {}
    for name, group in evaluations["groups"].items():
        for checkpoint in group["checkpoints"]:
            if checkpoint.startswith(f"{chain}/"):
                groups_of.setdefault(checkpoint, []).append(name)
    if not groups_of:
        known = ", ".join(sorted(_chains(evaluations))) or "none"
        raise UserError(f"--chain: {chain!r} has no final checkpoint in --evaluations; chains with one: {known}")
    role = chain.partition("-")[0]
    return {
        "schema_version": 1,
        "testbed": evaluations["testbed"],
        "chain": chain,
        "model": {"role": role, "name": evaluations["models"].get(role)},
        "splits": {name: list(splits) for name, splits in SPLITS_OF.items()},
        "base": _vector(graded[f"base/{role}"]) if f"base/{role}" in graded else None,
        "checkpoints": [
            {
                "controller": controller,
                "campaign": campaign,
                "seed": seed,
                "checkpoint": checkpoint,
                "groups": sorted(groups_of[checkpoint]),
                **_vector(graded.get(checkpoint, {})),
            }
            for checkpoint in sorted(groups_of, key=_identity)
            for controller, campaign, seed in [_identity(checkpoint)]
        ],
    }


def _chains(evaluations: Evaluations) -> Iterable[str]:
    groups = evaluations["groups"].values()
    return {checkpoint.partition("/")[0] for group in groups for checkpoint in group["checkpoints"]}


def _identity(checkpoint: str) -> tuple[str, int, int]:
    """Controller, campaign and seed, in which order checkpoints are listed."""
    _, controller, seed, campaign = checkpoint.split("/")
    return controller, int(campaign[1:3]), int(seed[1:])


def _vector(splits: Mapping[str, Evaluation]) -> Vector:
    """Capabilities from pass@1 of each split, with what they rest on."""
    own = {split: splits[split] for split in SPLITS if split in splits}
    return {
        "capabilities": measure({split: found["pass@1"] for split, found in own.items()}),
        "evaluations": {
            split: {"n": found["n"], "samples": found["samples"], "grades_sha256": found["grades_sha256"]}
            for split, found in own.items()
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m workflow_scripts.evaluation.capability_vectors", description=__doc__
    )
    parser.add_argument("--evaluations", required=True, type=Path, help="evaluations.json (summarise_evaluations)")
    parser.add_argument("--chain", required=True, help="e.g. 7B-reinforce-py-20")
    parser.add_argument("--output", required=True, type=Path, help="cap_vectors/CHAIN.json to write")
    arguments = parser.parse_args()
    vectors = build_vectors(read_json(arguments.evaluations, "evaluations"), arguments.chain)
    inputs = {str(arguments.evaluations): sha256_file(arguments.evaluations)}
    write_json(arguments.output, {**vectors, "inputs": inputs}, "capability_vectors")


if __name__ == "__main__":
    run(main)
