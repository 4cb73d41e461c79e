"""Evaluations by group: the final checkpoints of a wave's controller, one per seed, and pairs of controllers.

A group's mean is over seeds, and so is its interval: training runs differ more than draws of problems do. The problems
are the same for all, so that a seed's difference between two controllers is also taken problem by problem.
"""

import itertools
import re
import statistics
from collections.abc import Mapping, Sequence

from workflow_scripts.core.contracts.evaluated import Group, Pair
from workflow_scripts.core.contracts.statistics import Metric
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.evaluation.graded_checkpoints import KS, Graded, problem_interval
from workflow_scripts.statistics.contrasts import adjusted_by_holm, paired_contrast
from workflow_scripts.statistics.intervals import Bootstrap, metric_over_seeds

NAME = re.compile(r"(W\d+[a-z0-9]*) ([A-Z][A-Za-z0-9]*)")
_SEED = re.compile(r"/s(\d+)/")

Index = Mapping[tuple[str, str], Graded]  # by checkpoint and split
Groups = Mapping[str, Mapping[int, str]]  # "W4 A0" -> seed -> checkpoint


def parse_groups(groups: Mapping[str, Sequence[str]]) -> dict[str, dict[int, str]]:
    """Each group's checkpoints by seed; a name of another form, no seed or a seed twice is a ``UserError``."""
    parsed: dict[str, dict[int, str]] = {}
    for name, checkpoints in groups.items():
        if not NAME.fullmatch(name):
            raise UserError(f'--groups: {name!r} is not "WAVE CONTROLLER", e.g. "W4 A0"')
        parsed[name] = {}
        for checkpoint in checkpoints:
            found = _SEED.search(checkpoint)
            if found is None:
                raise UserError(f"--groups: {name}: {checkpoint!r} names no seed; give CHAIN/CONTROLLER/sSEED/cNN-end")
            seed = int(found[1])
            if seed in parsed[name]:
                raise UserError(f"--groups: {name}: seed {seed} is there twice; give one final checkpoint per seed")
            parsed[name][seed] = checkpoint
    return parsed


def describe_group(
    name: str, checkpoints: Mapping[int, str], graded: Index, splits: Sequence[str], bootstrap: Bootstrap
) -> Group:
    """A group's entry in ``evaluations.schema.json``; what was not graded is listed in ``missing``, never dropped."""
    wave, controller = name.split(" ")
    own = {split: _of_seeds(name, checkpoints, graded, split) for split in splits}
    return {
        "wave": wave,
        "controller": controller,
        "checkpoints": list(checkpoints.values()),
        "splits": {
            split: {f"pass@{k}": _metric(found, k, bootstrap, (name, split)) for k in KS}
            for split, found in own.items()
            if found
        },
        "missing": [
            {"checkpoint": checkpoint, "split": split}
            for split in splits
            for seed, checkpoint in checkpoints.items()
            if seed not in own[split]
        ],
    }


def describe_pairs(
    groups: Groups, graded: Index, splits: Sequence[str], bootstrap: Bootstrap
) -> dict[str, dict[str, Pair]]:
    """pass@1 of every two controllers of a wave, later minus earlier, e.g. "W4 A3-A0", by split.

    The pairs of a wave on a split are one family of tests.
    """
    pairs: dict[str, dict[str, Pair]] = {}
    for first, second in itertools.combinations(groups, 2):
        (wave, earlier), (other, later) = first.split(" "), second.split(" ")
        if wave == other:
            name = f"{wave} {later}-{earlier}"
            found = {
                split: _pair(
                    f"{name} {split}",
                    _of_seeds(first, groups[first], graded, split),
                    _of_seeds(second, groups[second], graded, split),
                    bootstrap,
                )
                for split in splits
            }
            pairs[name] = {split: pair for split, pair in found.items() if pair["seeds"]}
    waves = dict.fromkeys(name.split(" ")[0] for name in pairs)
    for wave, split in itertools.product(waves, splits):
        own = {name: by_split for name, by_split in pairs.items() if name.split(" ")[0] == wave and split in by_split}
        adjusted = adjusted_by_holm({name: by_split[split]["contrast"] for name, by_split in own.items()})
        for name, contrast in adjusted.items():
            pairs[name][split]["contrast"] = contrast
    return pairs


def _of_seeds(name: str, checkpoints: Mapping[int, str], graded: Index, split: str) -> dict[int, Graded]:
    """What was graded of a group on a split, by seed; other problems for one of the seeds are a ``UserError``."""
    found = {
        seed: graded[checkpoint, split] for seed, checkpoint in checkpoints.items() if (checkpoint, split) in graded
    }
    _require_equal_problems(name, list(found.values()))
    return found


def _require_equal_problems(name: str, graded: Sequence[Graded]) -> None:
    for other in graded[1:]:
        if (other.problems_sha256, other.task_ids) != (graded[0].problems_sha256, graded[0].task_ids):
            raise UserError(
                f"--grades: {name}: {other.path} is of other problems than {graded[0].path}; grade both on the same"
            )


def _metric(found: Mapping[int, Graded], k: int, bootstrap: Bootstrap, seed_parts: tuple[str, ...]) -> Metric:
    measured = {seed: values for seed, graded in found.items() if (values := graded.values(k)) is not None}
    by_seed = {seed: statistics.mean(values) for seed, values in measured.items()}
    return metric_over_seeds(by_seed, bootstrap, derive_seed("bootstrap", *seed_parts, f"pass@{k}"))


def _pair(name: str, first: Mapping[int, Graded], second: Mapping[int, Graded], bootstrap: Bootstrap) -> Pair:
    both = [seed for seed in first if seed in second]
    _require_equal_problems(name, [graded[seed] for seed in both for graded in (first, second)])
    rates = {seed: (first[seed].rates(), second[seed].rates()) for seed in both}
    earlier, later = ({seed: statistics.mean(rate[at]) for seed, rate in rates.items()} for at in (0, 1))
    return {
        "contrast": paired_contrast(earlier, later, bootstrap, derive_seed("bootstrap", name)),
        "seeds": [
            {
                "seed": seed,
                "earlier": earlier[seed],
                "later": later[seed],
                "difference": later[seed] - earlier[seed],
                "interval": problem_interval(
                    [b - a for a, b in zip(*rates[seed], strict=True)],
                    bootstrap,
                    derive_seed("bootstrap", "problems", name, seed),
                ),
            }
            for seed in both
        ],
    }
