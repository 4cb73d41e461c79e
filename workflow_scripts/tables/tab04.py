"""Tables 4 and 17: module ablations of CARE v2 over long campaigns (section 5.4) and of CARE v1 (appendix A)."""

from workflow_scripts.core.cli import run
from workflow_scripts.tables.frame.command_line import Inputs, run_table
from workflow_scripts.tables.frame.estimates import END_DEFINITION, HELD_OUT, TRAINING, Estimates
from workflow_scripts.tables.frame.records import Column

# The paper prints a collapse rate and does not define it.
COLLAPSE_RATE = Column("any_collapse", "Chains with a collapse (%)", short="collapse")
COLLAPSE_DEFINITION = (
    "Collapse rate: share of chains in which a campaign, the last or an earlier one, ends below the collapse ratio of "
    "its peak. The paper defines none; its standard deviations are those of one yes or no per chain. Student t knows "
    "no bounds of a rate."
)
ABOUT = {
    4: "A1 remembers and never acts: its chains follow A0's rule with draws of their own.",
    17: "The paper's caption has 3 seeds and campaigns of 20 steps; section 5.3 counts this wave with the ablation of "
    "section 5.4, whose campaigns have 50. Its four rows are equal, while appendix A's text has A3 well below A0.",
}


def last_campaign_collapses(inputs: Inputs) -> list[str]:
    """The other reading of the rate, in a note: how many chains of the wave collapsed in their last campaign."""
    notes = []
    for wave, statistics in inputs.by_wave.items():
        rows = statistics["campaigns"]
        last = max((row["campaign"] for row in rows), default=0)
        counts = []
        for controller in statistics["controllers"]:
            ended = [row["collapsed"] for row in rows if (row["controller"], row["campaign"]) == (controller, last)]
            counts.append(f"{controller} {sum(ended)} of {len(ended)}")
        notes.append(f"Chains of {wave} that collapsed in their last campaign: {', '.join(counts)}.")
    return notes


TABLE = Estimates(
    columns=(TRAINING, HELD_OUT, COLLAPSE_RATE),
    definitions=(END_DEFINITION, COLLAPSE_DEFINITION),
    remarks=lambda inputs: [ABOUT[int(inputs.published.table)]],
    wave_remarks=last_campaign_collapses,
    spread=True,
    every_seed=False,
)


def main() -> None:
    run_table(__doc__, TABLE.build, TABLE.frame)


if __name__ == "__main__":
    run(main)
