"""Table 13: a 7B model after five campaigns against frozen models, beside the paper's numbers (section 5.11)."""

from workflow_scripts.core.cli import run
from workflow_scripts.tables.frame.command_line import Inputs, run_table
from workflow_scripts.tables.frame.estimates import END_DEFINITION, HELD_OUT, TRAINING, Estimates
from workflow_scripts.tables.frame.measures import chain_estimate, checkpoint_estimate, find_metric
from workflow_scripts.tables.frame.records import Column, Found, Row

SPLIT = "main"


def measure(inputs: Inputs, row: Row, column: Column) -> Found:
    """The wave's statistics, and evaluations of its last checkpoints and of the untrained models."""
    if column.name != SPLIT:
        is_trained = row.wave is not None
        return chain_estimate(find_metric(inputs.by_wave, row, column.name), column) if is_trained else "not applicable"
    name = f"{row.wave} {row.contrast or row.controller}" if row.wave else str(row.controller)
    for evaluations in inputs.files.get("evaluations", ()):
        if row.contrast and SPLIT in (paired := evaluations["paired"].get(name, {})):
            return chain_estimate(paired[SPLIT]["contrast"], column)
        if not row.wave and SPLIT in (untrained := evaluations["checkpoints"].get(name, {})):
            return checkpoint_estimate(untrained[SPLIT], column)
        if name in evaluations["groups"] and SPLIT in (splits := evaluations["groups"][name]["splits"]):
            return chain_estimate(splits[SPLIT]["pass@1"], column)
    return f"not run: {name} is not evaluated on {SPLIT}"


def not_evaluated(inputs: Inputs) -> list[str]:
    """The last checkpoints that the wave has and nobody evaluated, in one note."""
    missing = [
        entry["checkpoint"]
        for evaluations in inputs.files.get("evaluations", ())
        for row in inputs.published.rows
        for entry in evaluations["groups"].get(f"{row.wave} {row.controller}", {"missing": []})["missing"]
        if entry["split"] == SPLIT and not row.contrast
    ]
    return [f"Not evaluated on {SPLIT} and left out there: {', '.join(missing)}."] if missing else []


TABLE = Estimates(
    columns=(Column(SPLIT, "pass@1 of the checkpoint on the main problems (%)", short="evaluated"), HELD_OUT, TRAINING),
    measure=measure,
    definitions=(
        "Main problems: an evaluation of each chain's last checkpoint on a set that no campaign sees, several samples "
        "per problem. An untrained model is one checkpoint: its n counts problems and its interval is over them; those "
        "of the trained ones are over seeds.",
        END_DEFINITION,
    ),
    remarks=not_evaluated,
    # The paper's Table 13 has one held-out set, unlike any of ours.
    paper="its held-out set is another one, so its numbers stand beside both of ours; for an untrained model its n "
    "counts evaluations",
    spread=True,
)


def main() -> None:
    run_table(__doc__, TABLE.build, TABLE.frame)


if __name__ == "__main__":
    run(main)
