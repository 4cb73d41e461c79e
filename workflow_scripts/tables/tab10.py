"""Table 10: REINFORCE and GRPO, each alone, with CARE and with early stop, beside the paper's numbers (section 5.9)."""

from workflow_scripts.core.cli import run
from workflow_scripts.tables.frame.command_line import run_table
from workflow_scripts.tables.frame.estimates import END_DEFINITION, Estimates

TABLE = Estimates(
    definitions=(
        END_DEFINITION,
        "Chains of the two update rules share the base model and the seed's number, and no draw: they are not paired. "
        "Under REINFORCE the differences A3-A0 are in Table 6, under GRPO the difference ES-A0 is in Table 12. "
        "The paper's own table has the 7B rows; its 3B numbers are in the text and in Table 6.",
    ),
    every_seed=False,
)


def main() -> None:
    run_table(__doc__, TABLE.build, TABLE.frame)


if __name__ == "__main__":
    run(main)
