"""Table 5: baselines over short chains in two programming languages, beside the paper's numbers (section 5.5)."""

from workflow_scripts.core.cli import run
from workflow_scripts.tables.frame.command_line import run_table
from workflow_scripts.tables.frame.estimates import END_DEFINITION, Estimates

TABLE = Estimates(
    definitions=(
        END_DEFINITION,
        "Problems and probe are the domain's own, so py and cpp do not compare with each other.",
        "B3 asks a language model: its waves (W2b3, W2cppb3) run where CHAT_ENDPOINT_URL names one.",
    ),
    spread=True,
    every_seed=False,
)


def main() -> None:
    run_table(__doc__, TABLE.build, TABLE.frame)


if __name__ == "__main__":
    run(main)
