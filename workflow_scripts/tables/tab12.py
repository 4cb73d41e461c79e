"""Table 12: GRPO with early stop against GRPO alone, seed by seed, beside the paper's numbers (section 5.10)."""

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.statistics import Contrast, Metric
from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.statistics.contrasts import paired_contrast
from workflow_scripts.statistics.intervals import Bootstrap, metric_over_seeds
from workflow_scripts.tables.frame.command_line import Inputs, run_table
from workflow_scripts.tables.frame.estimates import END_DEFINITION, Estimates
from workflow_scripts.tables.frame.measures import chain_estimate, find_metric, seed_values
from workflow_scripts.tables.frame.records import Column, Found, Row


def measure_matched(inputs: Inputs, row: Row, column: Column) -> Found:
    """Both controllers over the seeds that both have, and their difference, which spans two waves."""
    with_stop, without = (one for one in inputs.published.rows if not one.contrast)
    stopped, alone = (find_metric(inputs.by_wave, one, column.name) for one in (with_stop, without))
    if isinstance(stopped, str):
        if row == without:
            return alone if isinstance(alone, str) else f"no seeds to match; {stopped}"
        return stopped
    if isinstance(alone, str):
        return chain_estimate(stopped, column) if row == with_stop else alone
    settings = inputs.settings
    bootstrap = Bootstrap(settings["confidence"], settings["max_atoms"], settings["resamples"])
    pair = (with_stop.wave, with_stop.controller, without.wave, without.controller)
    draws = derive_seed("bootstrap", *map(str, pair), column.name)
    contrast = paired_contrast(_by_seed(alone), _by_seed(stopped), bootstrap, draws)
    if row.contrast:
        return chain_estimate(contrast, column)
    values = _by_seed(stopped if row == with_stop else alone)
    matched = {found["seed"]: values[found["seed"]] for found in contrast["differences"]}
    return chain_estimate(metric_over_seeds(matched, bootstrap, draws), column)


def _by_seed(metric: Metric | Contrast) -> dict[int, float]:
    return {value["seed"]: value["value"] for value in seed_values(metric)}


TABLE = Estimates(
    measure=measure_matched,
    definitions=(
        END_DEFINITION,
        "Both means are over the seeds that have both; Table 10 has every seed of each. A seed's two chains start from "
        "the same first campaign.",
    ),
)


def main() -> None:
    run_table(__doc__, TABLE.build, TABLE.frame, confidence=float, max_atoms=int, resamples=int)


if __name__ == "__main__":
    run(main)
