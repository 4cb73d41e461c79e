"""Hold the paper's printed numbers against one another, and against what the paper says that it did.

Reads paper/published/ and paper/claims.yaml; no result of a run. Verdicts: consistent; rounding (the printing explains
the difference); inconsistent; cannot be checked (what is printed decides nothing).
"""

import argparse
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.experiments import Finding
from workflow_scripts.core.files import sha256_file, write_json
from workflow_scripts.published import checks_of_chains, checks_of_seeds
from workflow_scripts.published.findings import Verdict
from workflow_scripts.published.printed import Printed, read_printed

VERDICTS: tuple[Verdict, ...] = ("inconsistent", "cannot be checked", "rounding", "consistent")
CHECKS: tuple[Callable[[Printed], Iterator[Finding]], ...] = (
    checks_of_seeds.headline,
    checks_of_seeds.means_and_intervals,
    checks_of_seeds.printed_twice,
    checks_of_seeds.main_chains,
    checks_of_seeds.advantage_of_three_seeds,
    checks_of_seeds.morbo,
    checks_of_seeds.granularity,
    checks_of_chains.steps_of_naive_chains,
    checks_of_chains.efficiency,
    checks_of_chains.early_stop_steps,
    checks_of_chains.cost_of_care,
    checks_of_chains.oracle_peaks,
    checks_of_chains.onsets,
    checks_of_chains.positions,
    checks_of_chains.failed_chain,
    checks_of_chains.ranking,
)


def audit(printed: Printed) -> list[Finding]:
    """Every check's findings, in order."""
    return [found for check in CHECKS for found in check(printed)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m workflow_scripts.published.audit_published", description=__doc__)
    parser.add_argument("--published", required=True, nargs="+", type=Path, help="the files of paper/published/")
    parser.add_argument("--claims", required=True, type=Path, help="paper/claims.yaml")
    parser.add_argument("--output", required=True, type=Path)
    arguments = parser.parse_args()
    printed = read_printed(arguments.published, arguments.claims)
    findings = audit(printed)
    counts = Counter(found["verdict"] for found in findings)
    inputs = {str(path): sha256_file(path) for path in (*arguments.published, arguments.claims)}
    write_json(
        arguments.output,
        {
            "schema_version": 1,
            "counts": {verdict: counts[verdict] for verdict in VERDICTS},
            "findings": findings,
            "unchecked": printed.unread(),
            "inputs": inputs,
        },
        "published_audit",
    )


if __name__ == "__main__":
    run(main)
