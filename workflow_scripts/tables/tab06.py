"""Table 6: end pass@1 of long chains, naive against CARE v2, by scale, beside the paper's numbers (section 5.6)."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from workflow_scripts.core.cli import run
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json
from workflow_scripts.tables import cells
from workflow_scripts.tables.published import published_difference, published_row, read_published
from workflow_scripts.tables.rendering import Panel, Table, write_table

CONTRAST = "A3-A0"
QUANTITIES = {"end_pass_rate": "training", "end_probe": "held-out"}


@dataclass(frozen=True)
class Row:
    """A row of the table: which wave's chains give the value of which controller in which role."""

    role: str
    wave: str
    controller: str
    method: str


ROWS = (
    Row("3B", "W7", "A0", "A0 naive"),
    Row("3B", "W7", "A3", "A3 CARE v2"),
    Row("7B", "W4", "A0", "A0 naive"),
    Row("7B", "W4", "A3", "A3 CARE v2"),
    Row("7B", "W6", "B1", "B1 oracle (ref.)"),
)
PAIRED_WAVES = {"3B": "W7", "7B": "W4"}

Statistics = dict[str, dict[str, Any]]  # by wave
Record = dict[str, Any]


def index_by_wave(statistics: list[dict[str, Any]]) -> Statistics:
    """The statistics by wave; a wave given twice, unknown to this table or in another role is a ``UserError``."""
    by_wave: Statistics = {}
    roles = {row.wave: row.role for row in ROWS}
    for one in statistics:
        wave, role = one["wave"], one["model"]["role"]
        if wave in by_wave:
            raise UserError(f"--statistics: wave {wave} is given twice; give each wave's file once")
        if roles.get(wave) != role:
            wanted = ", ".join(f"{name} (role {of})" for name, of in roles.items())
            raise UserError(f"--statistics: wave {wave} in the role of {role} has no row in Table 6; it takes {wanted}")
        by_wave[wave] = one
    return by_wave


def build_records(by_wave: Statistics, published: dict[str, Any], published_path: Path | str) -> list[Record]:
    """One record per row and quantity, then per paired difference and quantity; values in percent (points)."""
    records = []
    for quantity in QUANTITIES:
        for row in ROWS:
            printed = published_row(published, row.role, row.controller, published_path)
            records.append(_record(by_wave, row, quantity, "controllers", printed))
    for quantity in QUANTITIES:
        for role, wave in PAIRED_WAVES.items():
            printed = published_difference(published, role, CONTRAST, published_path)
            records.append(_record(by_wave, Row(role, wave, CONTRAST, CONTRAST), quantity, "paired", printed))
    return records


def _record(by_wave: Statistics, row: Row, quantity: str, part: str, printed: Record) -> Record:
    statistics = by_wave.get(row.wave)
    metric: Record | None = None
    if statistics is None:
        status = f"not run: wave {row.wave} is not declared"
    elif row.controller not in statistics[part]:
        status = f"not run: {row.controller} is not in wave {row.wave}"
    else:
        metric = statistics[part][row.controller][quantity]
        status = "measured" if metric["n"] else f"no chain of wave {row.wave} counts"
    # The paper has no held-out probe on its chains, so its numbers stand beside the training problems' only.
    beside = printed if quantity == "end_pass_rate" else None
    return {
        "role": row.role,
        "model": _model_in_role(by_wave, row.role),
        "wave": row.wave,
        "chain": statistics["chain"] if statistics else None,
        "method": row.method,
        "quantity": quantity,
        "status": status,
        **(cells.metric_record(metric) if metric else {}),
        "published": beside,
    }


def _model_in_role(by_wave: Statistics, role: str) -> str:
    names = [one["model"]["name"] for one in by_wave.values() if one["model"]["role"] == role]
    return f"{names[0]} in the role of {role}" if names else f"role {role}"


def to_frame(records: list[Record]) -> pd.DataFrame:
    """The records as the csv's flat rows, the published numbers beside ours, values in percent."""
    rows = []
    for record in records:
        printed = record["published"] or {}
        low, high = printed.get("interval") or (None, None)
        by_seed = printed.get("seeds") or {"values": []}
        flat = {key: value for key, value in record.items() if key not in ("published", "interval_notes")}
        flat["seeds"] = cells.seeds_text(record.get("seeds", {}))
        flat |= {
            "published_mean": printed.get("mean"),
            "published_low": low,
            "published_high": high,
            "published_n": printed.get("n"),
            "published_seeds": cells.seeds_text({value["seed"]: value["value"] for value in by_seed["values"]}),
            "published_source": printed.get("source"),
            "published_note": printed.get("note"),
        }
        rows.append(flat)
    frame = pd.DataFrame(rows)
    return frame.astype({"n": "Int64", "published_n": "Int64"})


def _value_cells(record: Record, signed: bool) -> dict[str, str]:
    if record["status"] != "measured":
        return {"Mean [bootstrap]": record["status"], "Student t": "-", "n": "-"}
    mean, low, high = record["mean"], record["bootstrap_low"], record["bootstrap_high"]
    return {
        "Mean [bootstrap]": cells.estimate_cell(mean, low, high, signed),
        "Student t": cells.interval_cell(record["student_t_low"], record["student_t_high"], signed),
        "n": f"{record['n']} {record['unit']}{'' if record['n'] == 1 else 's'}",
    }


def _published_cell(printed: Record | None, signed: bool) -> str:
    if printed is None:
        return "not reported"
    if printed["interval"] is None:
        return f"{cells.number_cell(printed['mean'], signed)}, n = {printed['n']} [a]"
    low, high = printed["interval"]
    return f"{cells.estimate_cell(printed['mean'], low, high, signed)}, n = {printed['n']}"


def _estimates_panel(records: list[Record], quantity: str) -> Panel:
    rows = []
    for record in records:
        if record["quantity"] == quantity and record["method"] != CONTRAST:
            row = {"Model": record["model"], "Method": record["method"], **_value_cells(record, signed=False)}
            rows.append(row | {"Paper": _published_cell(record["published"], signed=False)})
    title = f"End pass@1 on the {QUANTITIES[quantity]} problems (%)"
    return Panel(title, pd.DataFrame(rows), r"llp{0.15\linewidth}lll")


def _differences_panel(records: list[Record]) -> Panel:
    rows = []
    for record in records:
        if record["method"] == CONTRAST:
            row = {"Model": record["model"], "Problems": QUANTITIES[record["quantity"]]}
            row |= _value_cells(record, signed=True)
            row["p (floor)"] = cells.p_value_cell(record.get("sign_flip_p"), record.get("sign_flip_floor"))
            rows.append(row | {"Paper": _published_cell(record["published"], signed=True)})
    title = f"Paired difference {CONTRAST}, seed by seed (percentage points)"
    return Panel(title, pd.DataFrame(rows), r"llp{0.15\linewidth}llll")


def _seeds_panel(records: list[Record]) -> Panel:
    """Every seed's value, ours and where the paper prints them the paper's, one column per seed."""
    lines: list[tuple[str, str, str, dict[int, float | None]]] = []
    for record in records:
        signed = record["method"] == CONTRAST
        name = f"{record['method']}, {QUANTITIES[record['quantity']]}"
        if record["status"] == "measured":
            lines.append((record["model"], name, "+" if signed else "", record["seeds"]))
        printed = (record["published"] or {}).get("seeds")
        if printed:
            values = {value["seed"]: value["value"] for value in printed["values"]}
            lines.append((f"paper, {record['role']} ({printed['source']})", name, "+" if signed else "", values))
    seeds = sorted({seed for *_, values in lines for seed in values})
    rows = [
        {"Model": model, "Value": name}
        | {f"seed {seed}": cells.number_cell(values[seed], bool(sign)) if seed in values else "-" for seed in seeds}
        for model, name, sign, values in lines
    ]
    return Panel("Every seed's value (%, differences in points)", pd.DataFrame(rows), "ll" + "r" * len(seeds))


def build_notes(by_wave: Statistics, records: list[Record], published: dict[str, Any]) -> list[str]:
    """What a reader must know to read the numbers: definitions, models, methods, and what was left out."""
    measured = [record for record in records if record["status"] == "measured"]
    methods = sorted({f"{record['bootstrap_method']} ({100 * record['level']:g} %)" for record in measured})
    notes = [
        "End pass@1 of a chain: mean reward over the samples of the last step of its last campaign. "
        "Held-out problems: pass@1 on the fixed probe set, never trained on, at its last measurement in that campaign.",
        f"Brackets: {' or '.join(methods) or 'none computed'}; Student t beside it at the same level. "
        "The resampling unit is the seed, one chain each; differences are taken within a seed.",
        "p: exact two-sided sign-flip test of the paired differences; floor: the smallest p attainable at that n.",
    ]
    for wave, one in by_wave.items():
        model, campaigns = one["model"], max((row["campaign"] for row in one["campaigns"]), default=0)
        notes.append(
            f"{wave}: {campaigns} campaigns of chain {one['chain']} on testbed {one['testbed']}; {model['name']} "
            f"({model['parameters']:,} parameters) stands in for the paper's {model['role']} model, so the paper's "
            "values are context, not a target."
        )
    notes.append(
        f"Paper: Table {published['table']}, section {published['section']}, {published['interval']}; "
        "it reports no held-out probe on these chains, and its seeds share with ours the number only."
    )
    printed = [record["published"] for record in records if record["method"] == CONTRAST and record["published"]]
    notes += [f"[a] {row['role']} difference: {row['note']}." for row in printed if row["note"]]
    undefined = {f"{r['wave']} {r['method']}: {note}" for r in measured for note in r["interval_notes"]}
    notes += [f"Interval of {note}." for note in sorted(undefined)]
    for wave, one in by_wave.items():
        notes += [f"Left out of {wave}: {_exclusion_text(excluded)}" for excluded in one["excluded"]]
    if not any(one["excluded"] for one in by_wave.values()):
        notes.append("No chain was left out.")
    return notes


def _exclusion_text(excluded: Record) -> str:
    campaign = "" if excluded["campaign"] is None else f" campaign {excluded['campaign']}"
    return f"{excluded['controller']} seed {excluded['seed']}{campaign}: {excluded['reason']}."


def build_table(by_wave: Statistics, records: list[Record], published: dict[str, Any]) -> Table:
    """The finished table: estimates on both problem sets, paired differences, every seed's value, notes."""
    panels = [_estimates_panel(records, quantity) for quantity in QUANTITIES]
    panels += [_differences_panel(records), _seeds_panel(records)]
    return Table(published["table"], published["title"], panels, build_notes(by_wave, records, published))


def main() -> None:
    """Load the statistics and the published table, build Table 6, write csv, md and tex."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statistics", nargs="+", required=True, help="statistics of waves W7, W4 and W6, as run")
    parser.add_argument("--published", required=True, help="the paper's numbers, e.g. paper/published/table06.yaml")
    parser.add_argument("--output-csv", required=True, help="flat records: every value, interval, seed, in percent")
    parser.add_argument("--output-md", required=True, help="the table for a terminal")
    parser.add_argument("--output-tex", required=True, help="the table for the paper (booktabs)")
    arguments = parser.parse_args()
    by_wave = index_by_wave([read_json(path, "statistics") for path in arguments.statistics])
    published = read_published(arguments.published)
    records = build_records(by_wave, published, arguments.published)
    table = build_table(by_wave, records, published)
    write_table(table, to_frame(records), arguments.output_csv, arguments.output_md, arguments.output_tex)


if __name__ == "__main__":
    run(main)
