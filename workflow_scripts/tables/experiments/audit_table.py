"""Table audit: the paper's printed numbers, each against one that follows from others that it prints."""

import pandas as pd

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.experiments import Audit, Finding
from workflow_scripts.tables.experiments.seed_records import run_table
from workflow_scripts.tables.frame.rendering import Panel, Table

ORDER = ("inconsistent", "cannot be checked", "rounding", "consistent")


def build(audit: Audit) -> tuple[list[Finding], Table]:
    """The findings, and the finished table with a panel for each verdict."""
    panels = [
        Panel(f"{verdict.capitalize()}: {audit['counts'][verdict]}", _rows(audit, verdict), r"p{0.19\linewidth}" * 5)
        for verdict in ORDER
        if audit["counts"][verdict]
    ]
    notes = [
        "Printed: what the paper has at that place. Follows: the same quantity from other printed numbers, or from the "
        "protocol as the paper states it. Rounding: the printed digits explain the difference. Cannot be checked: what "
        "is printed decides nothing.",
        "An inconsistency says that two printed numbers cannot both be right as they are described; it does not say "
        "which is wrong, nor why.",
        f"{len(audit['unchecked'])} printed rows are read by no check; results/audit/published.json names them.",
    ]
    return audit["findings"], Table("audit", "The paper's printed numbers held against one another", panels, notes)


def _rows(audit: Audit, verdict: str) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Check": one["check"],
                "Where": one["source"],
                "Printed": one["published"],
                "Follows": one["recomputed"],
                "How": one["how"],
            }
            for one in audit["findings"]
            if one["verdict"] == verdict
        ]
    )


def main() -> None:
    run_table("audit_table", __doc__, "published_audit", build)


if __name__ == "__main__":
    run(main)
