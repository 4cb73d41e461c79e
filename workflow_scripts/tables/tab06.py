"""Table 6: end pass@1 of long chains, naive against CARE v2, by scale, beside the paper's numbers (section 5.6)."""

from workflow_scripts.core.cli import run
from workflow_scripts.tables.frame.command_line import run_table
from workflow_scripts.tables.frame.estimates import Estimates

TABLE = Estimates()


def main() -> None:
    run_table(__doc__, TABLE.build, TABLE.frame)


if __name__ == "__main__":
    run(main)
