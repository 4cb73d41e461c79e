"""Table claims: the paper's five contributions, each claim with ours beside it and whether it holds here.

Not in the paper; the claims are in paper/headline.yaml, the rule in docs/preregistration.md.
"""

import argparse
from collections import Counter
from pathlib import Path
from typing import Any, get_args

import pandas as pd

from workflow_scripts.core.cli import run
from workflow_scripts.core.files import read_json
from workflow_scripts.statistics.experiments.claims_file import CheckedClaim, SeedTest, read_claims
from workflow_scripts.statistics.experiments.headline_claims import LEVEL, MARGIN, Outcome, Tried, try_claims
from workflow_scripts.tables.frame.rendering import Panel, Table, write_table


def build(tried: list[Tried], model: str) -> tuple[list[dict[str, Any]], Table]:
    """The csv's rows, one for each claim, and the finished table."""
    rows = [
        {
            "Contribution": one.claim.contribution,
            "Claim": one.claim.claim,
            "Published": f"{one.claim.published} ({one.claim.source})",
            "Ours": ours_text(one),
            "Here": one.outcome,
        }
        for one in tried
    ]
    counts = Counter(one.outcome for one in tried)
    notes = [
        "Ours: " + ", ".join(f"{counts[outcome]} {outcome}" for outcome in get_args(Outcome)) + ".",
        f"Stand-ins: {model}. Differences are held-out pass@1 after the last update unless named otherwise, in points; "
        f"brackets: Student t, {100 * LEVEL:g} %, of differences paired by seed, or Welch's where two conditions share "
        "no campaign. Above: holds where the interval is above 0. Equal: holds where it lies within "
        f"{MARGIN:g} points of 0. The whole rule was written down before the runs: docs/preregistration.md.",
        "Intervals are not corrected for the number of claims.",
    ]
    widths = "".join(rf"p{{{width}\linewidth}}" for width in (0.14, 0.24, 0.2, 0.24, 0.1))
    caption = "The paper's contributions, claim by claim"
    return [record(one) for one in tried], Table(
        "claims", caption, [Panel("Claim by claim", pd.DataFrame(rows), widths)], notes
    )


def ours_text(one: Tried) -> str:
    """Which conditions, and their difference: "A3 (W7) - A0 (W7): +1.0 [-2.0, +4.0], n = 5"."""
    if one.difference is None or not isinstance(one.claim, CheckedClaim):
        return one.ours
    found = one.difference
    n = str(found.n[0]) if found.n[0] == found.n[1] else f"{found.n[0]} and {found.n[1]}"
    return f"{conditions(one.claim)}: {found.mean:+.1f} [{found.low:+.1f}, {found.high:+.1f}], n = {n}"


def conditions(claim: CheckedClaim) -> str:
    """The two that are compared, and the measure where it is not the held-out end."""
    test = claim.test
    if isinstance(test, SeedTest):
        measure = "" if test.metric == "end_probe" else f", {test.metric}"
        return f"{test.ours[1]} ({test.ours[0]}) - {test.against[1]} ({test.against[0]}){measure}"
    return ""


def record(one: Tried) -> dict[str, Any]:
    """A row of the csv."""
    row: dict[str, Any] = {
        "contribution": one.claim.contribution,
        "claim": one.claim.claim,
        "published": one.claim.published,
        "source": one.claim.source,
        "outcome": one.outcome,
        "expected": None,
        "conditions": one.ours,
        "mean": None,
        "low": None,
        "high": None,
        "n": None,
    }
    if isinstance(one.claim, CheckedClaim):
        row["expected"] = one.claim.test.expected
    if one.difference is not None and isinstance(one.claim, CheckedClaim):
        row |= one.difference._asdict() | {"conditions": conditions(one.claim), "n": min(one.difference.n)}
    return row


def main() -> None:
    prog = "python -m workflow_scripts.tables.experiments.claims_table"
    parser = argparse.ArgumentParser(prog=prog, description=__doc__)
    parser.add_argument("--claims", required=True, type=Path, help="paper/headline.yaml")
    parser.add_argument("--statistics", required=True, nargs="+", type=Path, help="of the waves that the claims name")
    parser.add_argument("--ladder", required=True, type=Path, help="the reward ladder's summary")
    parser.add_argument("--learning-rate", required=True, type=float, help="the testbed's, of the ladder's rates")
    for ending, what in (("csv", "every value and interval"), ("md", "for a terminal"), ("tex", "for the paper")):
        parser.add_argument(f"--output-{ending}", required=True, type=Path, help=f"the table: {what}")
    arguments = parser.parse_args()
    by_wave = {found["wave"]: found for found in (read_json(path, "statistics") for path in arguments.statistics)}
    ladder = read_json(arguments.ladder, "ladder")
    tried = try_claims(read_claims(arguments.claims), by_wave, ladder, arguments.learning_rate)
    models = {f"{found['model']['name']} as {found['model']['role']}" for found in by_wave.values()}
    records, table = build(tried, ", ".join(sorted(models)))
    write_table(table, pd.DataFrame(records), arguments.output_csv, arguments.output_md, arguments.output_tex)


if __name__ == "__main__":
    run(main)
