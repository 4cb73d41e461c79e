"""Hold a run of one's own against the reference results: `make compare`.

On a processor like the reference's all traces are equal. On another one they are not, since training amplifies a last
bit; then the question is whether a seed's result lies within the spread that seeds have anyway.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.campaigns import Trace
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, sha256_file
from workflow_scripts.reference.archive import ARCHIVE, read_manifest, unpack

# By chain and controller, then seed: the traces' folders by campaign.
Owner = tuple[str, str]


@dataclass(frozen=True)
class SeedComparison:
    """One chain: how many of its campaigns are equal, and its last one's pass rate in both runs, as fractions."""

    owner: Owner
    seed: int
    equal: int
    campaigns: int
    ours: float | None
    theirs: float | None


def compare(ours: Path, theirs: Path) -> list[SeedComparison]:
    """Every campaign that both folders of chains have, by chain, controller and seed."""
    shared: dict[tuple[Owner, int], list[Path]] = {}
    for path in sorted(theirs.glob("*/*/s*/c*/trace.json")):
        name = path.relative_to(theirs)
        if (ours / name).is_file():
            chain, controller, seed = name.parts[:3]
            shared.setdefault(((chain, controller), int(seed[1:])), []).append(name)
    return [_compare_chain(owner, seed, names, ours, theirs) for (owner, seed), names in sorted(shared.items())]


def _compare_chain(owner: Owner, seed: int, names: list[Path], ours: Path, theirs: Path) -> SeedComparison:
    equal = sum(sha256_file(ours / name) == sha256_file(theirs / name) for name in names)
    ends = [_end(read_json(folder / names[-1], schema="trace")) for folder in (ours, theirs)]
    return SeedComparison(owner, seed, equal, len(names), *ends)


def _end(trace: Trace) -> float | None:
    return trace["end"]["pass_rate"]


def report(found: Iterable[SeedComparison]) -> list[str]:
    """One line per chain and controller where all is equal, else one per seed with the spread beside it."""
    by_owner: dict[Owner, list[SeedComparison]] = {}
    for one in found:
        by_owner.setdefault(one.owner, []).append(one)
    return [line for owner, seeds in by_owner.items() for line in _lines(owner, seeds)]


def _lines(owner: Owner, seeds: list[SeedComparison]) -> list[str]:
    name = "/".join(owner)
    total = sum(one.campaigns for one in seeds)
    if all(one.equal == one.campaigns for one in seeds):
        return [f"{name}: {total} of {total} campaigns equal"]
    ends = [one.theirs for one in seeds if one.theirs is not None]
    spread = stdev(ends) if len(ends) > 1 else None
    lines = [f"{name}: {sum(one.equal for one in seeds)} of {total} campaigns equal"]
    lines += [f"  s{one.seed}: last end {_judged(one, spread)}" for one in seeds]
    both = [(one.ours, one.theirs) for one in seeds if one.ours is not None and one.theirs is not None]
    if both:
        means = [100 * mean(values) for values in zip(*both, strict=True)]
        lines.append(f"  mean of {len(both)} seeds: {means[0]:.1f} %, reference {means[1]:.1f} %")
    return lines


def _judged(one: SeedComparison, spread: float | None) -> str:
    if one.ours is None or one.theirs is None:
        return "not measured in both"
    told = f"{100 * one.ours:.1f} %, reference {100 * one.theirs:.1f} %"
    if spread is None:
        return f"{told} (one seed: no spread to hold it against)"
    where = "within" if abs(one.ours - one.theirs) <= 2 * spread else "OUTSIDE"
    return f"{told}: {where} two standard deviations of the reference's seeds ({100 * spread:.1f} points each)"


def other_machines(ours: Path, machines: Iterable[Mapping[str, str]]) -> list[str]:
    """What the first trace here says of its machine that no machine of the reference says."""
    traces = sorted(ours.glob("*/*/s*/c*/trace.json"))
    if not traces:
        raise UserError(f"{ours}: has no traces; train first, with make figures/fig3.pdf")
    here = read_json(traces[0], schema="trace")["versions"]
    return [] if here in list(machines) else [f"{key} {value}" for key, value in sorted(here.items())]


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", type=Path, default=Path("paper/reference"), help="(default: %(default)s)")
    parser.add_argument("--results", type=Path, default=Path("results"), help="of this run (default: %(default)s)")
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    manifest = read_manifest(arguments.reference)
    chains = Path(manifest["testbed"], "chains")
    others = other_machines(arguments.results / chains, manifest["machines"])
    with tempfile.TemporaryDirectory() as folder:
        unpack(arguments.reference / ARCHIVE, Path(folder))
        found = compare(arguments.results / chains, Path(folder, "results") / chains)
    if not found:
        raise UserError(f"{arguments.results / chains}: has no campaign that the reference has")
    print("\n".join(report(found)))
    if others:
        print(f"another machine than the reference's: {', '.join(others)}", file=sys.stderr)


if __name__ == "__main__":
    run(main)
