"""A table of estimates for reading: panels of finished cells and the notes under them."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from workflow_scripts.statistics.contrasts import EXACT
from workflow_scripts.tables import cells
from workflow_scripts.tables.estimates import HELD_OUT, TRAINING, Declaration, Quantity, Record
from workflow_scripts.tables.rendering import Panel, Table
from workflow_scripts.tables.wave_statistics import Statistics, exclusion_notes


def build_table(
    declaration: Declaration, by_wave: Statistics, records: list[Record], published: dict[str, Any]
) -> Table:
    """The finished table: estimates of each quantity, paired differences, every seed's value, notes."""
    marks = _marks(records)
    if declaration.side_by_side:
        panels = [_side_by_side_panel(declaration, records, marks)]
    else:
        panels = [_estimates_panel(declaration, records, quantity, marks) for quantity in declaration.quantities]
    if declaration.differences:
        panels.append(_differences_panel(declaration, records, marks))
    if declaration.every_seed:
        seeds = _seeds_panel(declaration, records)
        panels += [seeds] if len(seeds.frame) else []
    notes = build_notes(declaration, by_wave, records, published)
    return Table(published["table"], published["title"], panels, notes)


def _marks(records: list[Record]) -> dict[str, str]:
    """A letter for each remark on a published number, in the order of the records."""
    remarks = [record["published"]["note"] for record in records if (record["published"] or {}).get("note")]
    return {remark: f"[{chr(ord('a') + place)}]" for place, remark in enumerate(dict.fromkeys(remarks))}


def _value_cells(declaration: Declaration, record: Record) -> dict[str, str]:
    signed = record["is_difference"]
    spread = declaration.spread and not signed
    if record["status"] != "measured":
        names = ["Mean [bootstrap]", *(["SD"] if spread else []), "Student t", "n"]
        return dict.fromkeys(names, "-") | {"Mean [bootstrap]": record["status"]}
    mean, low, high = record["mean"], record["bootstrap_low"], record["bootstrap_high"]
    return {
        "Mean [bootstrap]": cells.estimate_cell(mean, low, high, signed),
        **({"SD": cells.number_cell(record["sd"])} if spread else {}),
        "Student t": cells.interval_cell(record["student_t_low"], record["student_t_high"], signed),
        "n": _count_cell(record),
    }


def _count_cell(record: Record) -> str:
    return f"{record['n']} {record['unit']}{'' if record['n'] == 1 else 's'}"


def _published_cell(record: Record, marks: dict[str, str]) -> str:
    printed, signed = record["published"], record["is_difference"]
    if printed is None:
        return "not reported"
    parts = [] if printed["mean"] is None else [cells.number_cell(printed["mean"], signed)]
    if "sd" in printed:
        parts.append(f"± {cells.number_cell(printed['sd'])}")
    if printed["interval"] is not None:
        low, high = printed["interval"]
        parts.append(cells.brackets(low, high, lambda bound: cells.number_cell(bound, signed)))
    mark = f" {marks[printed['note']]}" if printed.get("note") else ""
    return f"{' '.join(parts)}, n = {printed['n']}{mark}"


def _estimates_panel(
    declaration: Declaration, records: list[Record], quantity: Quantity, marks: dict[str, str]
) -> Panel:
    rows = []
    for record in records:
        if record["quantity"] == quantity.key and not record["is_difference"]:
            row = {"Model": record["model"], "Method": record["method"], **_value_cells(declaration, record)}
            rows.append(row | {"Paper": _published_cell(record, marks)})
    columns = r"llp{0.15\linewidth}" + "l" * (4 if declaration.spread else 3)
    return Panel(quantity.title, pd.DataFrame(rows), columns)


def _side_by_side_panel(declaration: Declaration, records: list[Record], marks: dict[str, str]) -> Panel:
    """One line per row with every quantity's mean and bootstrap interval, and one of the paper's below it."""
    rows = []
    for row in declaration.rows:
        mine = [r for r in records if (r["wave"], r["method"]) == (row.wave, row.method) and not r["is_difference"]]
        ours, paper = {"Method": row.method, "": "ours"}, {"Method": "", "": "paper"}
        for quantity, record in zip(declaration.quantities, mine, strict=True):
            repeated = record["status"] != "measured" and record["status"] in ours.values()
            ours[quantity.title] = "-" if repeated else _value_cells(declaration, record)["Mean [bootstrap]"]
            paper[quantity.title] = _published_cell(record, marks)
        ours["n"] = next((_count_cell(record) for record in mine if record["status"] == "measured"), "-")
        rows += [ours, paper | {"n": ""}]
    columns = r"ll" + r"p{0.13\linewidth}" * len(declaration.quantities) + "l"
    return Panel("Mean over seeds [bootstrap interval]", pd.DataFrame(rows), columns)


def _differences_panel(declaration: Declaration, records: list[Record], marks: dict[str, str]) -> Panel:
    names = {quantity.key: quantity.name for quantity in declaration.quantities}
    methods = {pair.method for pair in declaration.differences}
    what = "Problems" if set(names) <= {TRAINING.key, HELD_OUT.key} else "Quantity"
    rows = []
    for record in records:
        if record["is_difference"]:
            # One contrast stands in the title, several in a column.
            row = {"Model": record["model"]} | ({"Difference": record["method"]} if len(methods) > 1 else {})
            row |= {what: names[record["quantity"]], **_value_cells(declaration, record)}
            row["p (floor)"] = cells.p_value_cell(record.get("sign_flip_p"), record.get("sign_flip_floor"))
            rows.append(row | {"Paper": _published_cell(record, marks)})
    title = f"Paired difference {methods.pop()}" if len(methods) == 1 else "Paired differences"
    frame = pd.DataFrame(rows)
    before = list(frame.columns).index("Mean [bootstrap]")
    columns = "l" * before + r"p{0.17\linewidth}" + "l" * (len(frame.columns) - before - 1)
    return Panel(f"{title}, seed by seed (percentage points)", frame, columns)


def _seeds_panel(declaration: Declaration, records: list[Record]) -> Panel:
    """Every seed's value, ours and where the paper prints them the paper's, one column per seed."""
    names = {quantity.key: quantity.name for quantity in declaration.quantities}
    lines: list[tuple[str, str, bool, dict[int, float | None]]] = []
    for record in records:
        signed = record["is_difference"]
        name = f"{record['method']}, {names[record['quantity']]}"
        if record.get("seeds"):
            lines.append((record["model"], name, signed, record["seeds"]))
        printed = (record["published"] or {}).get("seeds")
        if printed:
            values = {value["seed"]: value["value"] for value in printed["values"]}
            lines.append((f"paper, {record['role']} ({printed['source']})", name, signed, values))
    seeds = sorted({seed for *_, values in lines for seed in values})
    rows = [
        {"Model": model, "Value": name}
        | {f"seed {seed}": cells.number_cell(values[seed], signed) if seed in values else "-" for seed in seeds}
        for model, name, signed, values in lines
    ]
    units = ["%"]
    if any(quantity.scale == 1 for quantity in declaration.quantities):
        units.append("steps as numbers")
    if declaration.differences:
        units.append("differences in points")
    return Panel(f"Every seed's value ({', '.join(units)})", pd.DataFrame(rows), "ll" + "r" * len(seeds))


def build_notes(
    declaration: Declaration, by_wave: Statistics, records: list[Record], published: dict[str, Any]
) -> list[str]:
    """What a reader must know to read the numbers: definitions, models, methods, and what was left out."""
    return [
        *declaration.definitions,
        *_method_notes(declaration, records),
        *_wave_notes(by_wave),
        *(declaration.remarks(by_wave) if declaration.remarks else []),
        *_paper_notes(declaration, records, published),
        *_interval_notes(records),
        *exclusion_notes(by_wave),
    ]


def _method_notes(declaration: Declaration, records: list[Record]) -> Iterator[str]:
    measured = [record for record in records if record["status"] == "measured"]
    with_level = [record for record in measured if record["level"] is not None]
    methods = sorted({f"{record['bootstrap_method']} ({100 * record['level']:g} %)" for record in with_level})
    brackets = f"Brackets: {' or '.join(methods) or 'none computed'}"
    if declaration.side_by_side:
        brackets += "; Student t at the same level is in the csv file. The resampling unit is the seed, one chain each."
    else:
        brackets += "; Student t beside it at the same level. The resampling unit is the seed, one chain each"
        brackets += "; differences are taken within a seed." if declaration.differences else "."
    yield brackets
    if not declaration.every_seed:
        yield "Every seed's value is in the csv file."
    if declaration.spread:
        yield "SD: sample standard deviation over the seeds (n - 1), no interval of the mean."
    if declaration.differences:
        tests = sorted({record["sign_flip_method"] for record in measured if record["sign_flip_method"]}) or [EXACT]
        yield f"p: {' or '.join(tests)} of the paired differences; floor: the smallest p attainable at that n."


def _wave_notes(by_wave: Statistics) -> list[str]:
    """One note for all waves of the same chain and length."""
    waves_of: dict[str, list[str]] = {}
    for wave, one in by_wave.items():
        model, campaigns = one["model"], max((row["campaign"] for row in one["campaigns"]), default=0)
        note = (
            f"{campaigns} campaigns of chain {one['chain']} on testbed {one['testbed']}; {model['name']} "
            f"({model['parameters']:,} parameters) stands in for the paper's {model['role']} model, so the paper's "
            "values are context, not a target."
        )
        waves_of.setdefault(note, []).append(wave)
    return [f"{', '.join(waves)}: {note}" for note, waves in waves_of.items()]


def _paper_notes(declaration: Declaration, records: list[Record], published: dict[str, Any]) -> Iterator[str]:
    section = published["section"]
    part = "section" if section[0].isdigit() else "appendix"
    yield f"Paper: Table {published['table']}, {part} {section}, {published['interval']}; {declaration.paper}."
    for remark, mark in _marks(records).items():
        record = next(r for r in records if (r["published"] or {}).get("note") == remark)
        about = f"{record['role']} {'difference' if record['is_difference'] else record['method']}"
        yield f"{mark} {about}: {remark}."


def _interval_notes(records: list[Record]) -> list[str]:
    measured = [record for record in records if record["status"] == "measured"]
    undefined = {f"{r['wave'] or r['role']} {r['method']}: {note}" for r in measured for note in r["interval_notes"]}
    return [f"Interval of {note}." for note in sorted(undefined)]
