"""Table 15: whether main and cpp_acc rank naive and CARE v2 alike, seed by seed (section 5.12; appendix I.3).

The rule: in one dimension the winner is the controller with the higher pass@1 of its final checkpoint; where both are
equal there is none. A seed disagrees if both dimensions have a winner and these differ.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import pandas as pd

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.evaluated import Evaluations, SeedPair
from workflow_scripts.tables.frame.cells import NOTHING, by_row, number_text, published_text
from workflow_scripts.tables.frame.command_line import Inputs, run_table
from workflow_scripts.tables.frame.measures import interval_in, plain_estimate
from workflow_scripts.tables.frame.notes import methods_text, missing_notes, problem_notes, published_notes
from workflow_scripts.tables.frame.published import Published
from workflow_scripts.tables.frame.records import Column, Estimate, Found, Record, Row, build_records
from workflow_scripts.tables.frame.rendering import Panel, Table, to_frame

ROLE = "7B"
EARLIER, LATER = "A0", "A3"
GROUPS = ("W4 A0", "W4 A3")
PAIR = "W4 A3-A0"
SPLIT_OF = {"main": "main", "cpp_acc": "cpp"}  # by dimension
# Equal values differ by rounding alone; counts of samples can differ by no less than 1 / (problems * samples).
TIE = 1e-9
YES, NO, UNDECIDED = "yes", "no", "tie"
COLUMNS = (
    *(Column(f"{of}_{name}", f"{of} {name} (%)") for name in SPLIT_OF for of in (EARLIER, LATER)),
    *(Column(f"difference_{name}", f"A3-A0 {name}", "points", signed=True) for name in SPLIT_OF),
    Column("disagree", "Disagree", "words"),
)

Seeds = Mapping[str, Mapping[str, SeedPair]]  # row -> dimension -> its entry in evaluations.paired


def winner(difference: float) -> str | None:
    """The controller ahead in one dimension, by A3 - A0; None where the two are equal."""
    if abs(difference) <= TIE:
        return None
    return LATER if difference > 0 else EARLIER


def disagreement(differences: Mapping[str, float]) -> str:
    """Whether the dimensions have different winners: yes or no, or tie where one of them has none."""
    winners = {winner(difference) for difference in differences.values()}
    if None in winners:
        return UNDECIDED
    return YES if len(winners) > 1 else NO


def audited_seeds(evaluations: Evaluations) -> Seeds:
    """The seeds whose two final checkpoints are evaluated in every dimension, by row."""
    pair = evaluations["paired"].get(PAIR, {})
    by_dimension = {
        name: {f"seed {entry['seed']}": entry for entry in pair.get(split, {"seeds": []})["seeds"]}
        for name, split in SPLIT_OF.items()
    }
    both = set.intersection(*(set(entries) for entries in by_dimension.values()))
    return {row: {name: by_dimension[name][row] for name in SPLIT_OF} for row in both}


def rows_to_show(evaluations: Evaluations, published: Published) -> list[Row]:
    """One for each seed, ours and the paper's, in order; one that is declared and not audited has a row, too."""
    own = {
        f"seed {checkpoint.split('/')[2][1:]}"
        for name in GROUPS
        for checkpoint in evaluations["groups"].get(name, {"checkpoints": []})["checkpoints"]
    }
    cells = {row.name: row.cells for row in published.rows}
    return [Row(name, role=ROLE, cells=cells.get(name, {})) for name in sorted(own | set(cells), key=_seed)]


def _seed(name: str) -> int:
    return int(name.removeprefix("seed "))


def not_audited_reason(evaluations: Evaluations, seed: int) -> str:
    """Why a seed has no row of values, in words that begin with "not run"."""
    if any(name not in evaluations["groups"] for name in GROUPS):
        return "not run: A0 and A3 of wave W4 are not declared"
    groups = {name: evaluations["groups"][name] for name in GROUPS}
    missing = {
        (name, entry["split"])
        for name, group in groups.items()
        for entry in group["missing"]
        if f"/s{seed}/" in entry["checkpoint"] and entry["split"] in SPLIT_OF.values()
    }
    unseen = [split for split in SPLIT_OF.values() if not any(split in group["splits"] for group in groups.values())]
    words = [f"{name} on {split}" for name, split in sorted(missing)] + [f"split {split}" for split in sorted(unseen)]
    return f"not run: {', '.join(words)} is not evaluated" if words else f"not run: seed {seed} is not declared"


def measure(evaluations: Evaluations, audited: Seeds, row: Row, column: Column) -> Found:
    """A seed's value of each controller and dimension, each difference over problems, and the disagreement."""
    if row.name not in audited:
        return not_audited_reason(evaluations, _seed(row.name))
    entries = audited[row.name]
    if column.name == "disagree":
        differences = {name: entry["difference"] for name, entry in entries.items()}
        return Estimate(text=disagreement(differences), n=1, unit="seed", n_seeds=1)
    of, _, name = column.name.partition("_")
    entry = entries[name]
    if of != "difference":
        return plain_estimate(entry["earlier" if of == EARLIER else "later"], column, 1)
    return replace(plain_estimate(entry["difference"], column, 1), interval=interval_in(entry["interval"], column))


def build(inputs: Inputs) -> tuple[list[Record], Table]:
    """The records of the csv and the finished table."""
    evaluations, published = inputs.only("evaluations"), inputs.published
    found = partial(measure, evaluations, audited_seeds(evaluations))
    records = build_records(rows_to_show(evaluations, published), COLUMNS, found, {}, evaluations["models"])
    splits = list(SPLIT_OF.values())
    audited = [record for record in records if record.column.name == "disagree"]
    marks = [record.ours.text for record in audited if record.is_measured]
    printed = [record.paper.text for record in audited]
    decided = len(marks) - marks.count(UNDECIDED)
    notes = [
        "Each cell: A0 / A3, pass@1 of the seed's last checkpoint after 10 campaigns; the higher of the two wins.",
        "Disagree: yes where main and cpp_acc have different winners, no where they have the same one, tie where A0 "
        "and A3 are exactly equal in one of the two, so that it has no winner.",
        f"Ours: {marks.count(YES)} of {decided} seeds with two winners disagree, {marks.count(UNDECIDED)} more are "
        f"ties (paper: {printed.count(YES)} of {printed.count(YES) + printed.count(NO)}). Two dimensions whose winners "
        "were tossed up would disagree on half of the seeds.",
        *_floor_notes(records),
        "Beyond problem noise: dimensions whose difference has an interval without 0; "
        f"{methods_text(records) or 'none'}, taken problem by problem. Each seed is one pair of chains, so nothing is "
        "averaged over seeds.",
        *problem_notes(evaluations, GROUPS, splits),
        *missing_notes(evaluations, GROUPS, splits),
        *published_notes(records, published),
        "Paper: its main fits Table 6's end pass@1, which is of the last training step; ours is evaluated on held-out "
        "problems.",
        f"Testbed {evaluations['testbed']}: {evaluations['models'].get(ROLE, 'no model')} stands in for the paper's "
        f"{ROLE} model, whose values are context, not a target.",
    ]
    panel = Panel("Final checkpoints of W4, seed by seed", _panel(records), r"lp{0.22\linewidth}llll")
    return records, Table(published.table, published.title, [panel], notes)


def _floor_notes(records: list[Record]) -> list[str]:
    """A dimension in which nothing is ever solved can rank nothing."""
    notes = []
    for name in SPLIT_OF:
        names = (f"{EARLIER}_{name}", f"{LATER}_{name}")
        own = [record.ours.value for record in records if record.column.name in names and record.is_measured]
        if own and not any(own):
            notes.append(f"{name} is 0 in every audited checkpoint: a dimension at its floor ranks nothing.")
    return notes


def _panel(records: list[Record]) -> pd.DataFrame:
    lines = []
    for own in by_row(records):
        cells = {record.column.name: record for record in own}
        mark = cells["disagree"]
        source = f"W4, {mark.model or 'no model'} as {ROLE}" if mark.is_measured else mark.status
        beyond = _beyond_noise(cells) if mark.is_measured else NOTHING
        lines.append(_line(str(_seed(mark.row.name)), source, cells, _value_text, mark.ours.text, beyond))
        if mark.is_printed:
            lines.append(_line("", "paper", cells, published_text, mark.paper.text, NOTHING))
    return pd.DataFrame(lines)


def _line(
    seed: str,
    source: str,
    cells: Mapping[str, Record],
    text: Callable[[Record], str],
    disagree: str | None,
    beyond: str,
) -> dict[str, str]:
    line = {"Seed": seed, "Source": source}
    for name in SPLIT_OF:
        first, second = (text(cells[f"{of}_{name}"]) for of in (EARLIER, LATER))
        line[f"{name} A0 / A3 (%)"] = NOTHING if first == second == NOTHING else f"{first} / {second}"
    return line | {"Disagree": disagree or NOTHING, "Beyond problem noise": beyond}


def _value_text(record: Record) -> str:
    return number_text(record.ours.value, record.column) if record.is_measured else NOTHING


def _beyond_noise(cells: Mapping[str, Record]) -> str:
    found = [name for name in SPLIT_OF if _excludes_zero(cells[f"difference_{name}"].ours)]
    return ", ".join(found) or "neither"


def _excludes_zero(ours: Estimate) -> bool:
    low, high = ours.interval.low, ours.interval.high
    return low is not None and high is not None and (low > TIE or high < -TIE)


def frame(records: Sequence[Record]) -> pd.DataFrame:
    """The csv's rows, which are of seeds and not of chains."""
    rows = to_frame(records, left_out=("label", "wave", "chain", "controller"))
    rows.insert(1, "seed", [_seed(record.row.name) for record in records])
    return rows


def main() -> None:
    run_table(__doc__, build, frame)


if __name__ == "__main__":
    run(main)
