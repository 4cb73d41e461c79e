"""Table 18: what a chain costs: hours of training, questions to a language model, seconds per decision (appendix G)."""

from dataclasses import replace
from functools import partial
from typing import Literal

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.statistics import TimingSummary, Unmeasured, WaveCosts
from workflow_scripts.tables.frame.cells import stacked_rows
from workflow_scripts.tables.frame.command_line import Inputs, run_table
from workflow_scripts.tables.frame.measures import plain_estimate, where_run
from workflow_scripts.tables.frame.notes import published_notes
from workflow_scripts.tables.frame.records import Column, Estimate, Record, Row, build_records
from workflow_scripts.tables.frame.rendering import Panel, Table

HOURS = {"cpu": "Processor-hours", "cuda": "GPU-hours"}
Quantity = Literal["process_hours", "wall_hours", "chat_calls", "decision_seconds"]
# A column's quantity in the summary of timings.
SOURCES: dict[str, Quantity] = {
    "hours": "process_hours",
    "relative": "process_hours",
    "wall": "wall_hours",
    "calls": "chat_calls",
    "latency": "decision_seconds",
}


def columns_of(device: str) -> tuple[Column, ...]:
    """The table's columns; its hours are named after what they were spent on."""
    return (
        Column("chains", "Chains", "chains", 0),
        Column("hours", HOURS[device], HOURS[device].lower(), 3),
        Column("relative", "of naive (%)", "percent", 0),
        Column("wall", "Wall (h)", "hours", 3),
        Column("calls", "LLM calls", "calls", 1),
        Column("latency", "Decision (s)", "seconds", 2),
    )


def measure(naive: float | None, wave: WaveCosts, row: Row, column: Column) -> Estimate:
    """The mean over a controller's chains, every chain's value beside it; ``naive`` is naive's hours."""
    costs = wave["controllers"][row.controller or ""]
    if column.name == "chains":
        count = costs["process_hours"]["n"]
        return plain_estimate(count, column, count)
    quantity = costs[SOURCES[column.name]]
    value = quantity["mean"]
    if column.name == "relative":
        return plain_estimate(value / naive if value is not None and naive else None, column, quantity["n"])
    values = {entry["seed"]: entry["value"] for entry in quantity["values"]}
    return replace(plain_estimate(value, column, quantity["n"]), seeds=values)


def naive_hours(timing: TimingSummary, row: Row) -> float | None:
    """What the table's first row takes, in hours of a process."""
    wave = timing["waves"].get(row.wave or "")
    costs = wave["controllers"].get(row.controller or "") if wave else None
    return costs["process_hours"]["mean"] if costs else None


def build(inputs: Inputs) -> tuple[list[Record], Table]:
    """The records of the csv and the finished table."""
    timing, published = inputs.only("timing"), inputs.published
    found = where_run(timing["waves"], partial(measure, naive_hours(timing, published.rows[0])))
    records = build_records(published.rows, columns_of(timing["device"]), found, timing["waves"])
    panel = Panel("Means over chains", stacked_rows(records, "Method"), r"lp{0.2\linewidth}rrrrrr")
    hours, processes = HOURS[timing["device"]], timing["processes"]
    what = "the paper's GPU-hours" if timing["device"] == "cuda" else "not the paper's GPU-hours: no GPU was used"
    notes = [
        f"{hours}: wall-clock time of a chain's training jobs, start included, times {processes} training "
        f"process{'' if processes == 1 else 'es'} of a campaign; {what}. Wall: the same jobs one after another, "
        "without queues and decisions. The shared first campaign counts for every controller.",
        "Measured where other jobs may have run on the same machine, and of a campaign that was resumed only from "
        "there on: an order of magnitude, not a profile. No interval is given.",
        "LLM calls: answers of a language model that a chain's plans used, failed attempts not counted. Decision: "
        "wall-clock seconds of the job that plans one campaign, mean over campaigns 2 and later; it holds the start of "
        "an interpreter, and a recorded answer takes no waiting.",
        *published_notes(records, published),
        "The paper's times are rounded to 0.5 GPU-hours and not profiled; B3's chains have three campaigns.",
        *[_wave_note(name, wave, timing["testbed"]) for name, wave in timing["waves"].items()],
        *[_missing_note(entry) for entry in timing["missing"]],
    ]
    return records, Table(published.table, published.title, [panel], notes)


def _wave_note(name: str, wave: WaveCosts, testbed: str) -> str:
    model = wave["model"]
    return (
        f"{name}: {wave['campaigns']} campaigns of chain {wave['chain']} on testbed {testbed}; {model['name']} "
        f"stands in for the paper's {model['role']} model."
    )


def _missing_note(entry: Unmeasured) -> str:
    lacking = {
        "timing": "no timing, chain left out",
        "decision": "no benchmark of the decision, left out of that column",
    }
    place = f"{entry['wave']} {entry['controller']} seed {entry['seed']} campaign {entry['campaign']}"
    return f"{place}: {lacking[entry['what']]}."


def main() -> None:
    run_table(__doc__, build)


if __name__ == "__main__":
    run(main)
