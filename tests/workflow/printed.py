"""What a finished table says, read back: its csv's rows, and its Markdown's cells with the numbers they must hold."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

CsvRow = dict[str, str]
Key = tuple[str, ...]
# A csv row's key, the text of a cell that states it, and the numbers that the cell must hold.
Cell = tuple[Key, str, list[float]]

# Table 6 and the others name the same numbers differently.
SAME = {"mean": "value", "bootstrap_low": "low", "bootstrap_high": "high"}
# Quantities by the headings that they have, without the unit in parentheses.
HEADINGS = {
    "Steps": "total_steps",
    "End pass@1": "end_pass_rate",
    "per 100 steps": "pass_rate_per_100_steps",
    "Collapses per chain": "collapses",
    "Chains with a collapse": "any_collapse",
    "Phase-transition score": "phase_transition",
    "Onset": "onset",
    "Latency": "latency",
    "campaigns": "n",
    "mean peak": "peak",
    "mean end": "end",
    "mean gap": "gap",
    "gap above 0.2": "gap_above_0.2",
    "gap above 0.3": "gap_above_0.3",
    "gap above 0.5": "gap_above_0.5",
    "held out, mean peak": "probe_peak",
    "held out, mean end": "probe_end",
    "held out, mean gap": "probe_gap",
    **{f"campaign {place}": f"end_{place}" for place in range(1, 11)},
}
RELATIVE = {"Steps": "relative_steps", "per 100 steps": "relative_efficiency"}
CONTRAST = "A3-A0"


def read_rows(path: Path) -> dict[Key, CsvRow]:
    """The csv's rows by row and quantity, in Table 6 by model, method and quantity; one name for each number."""
    with path.open() as file:
        rows = [{SAME.get(name, name): value for name, value in row.items()} for row in csv.DictReader(file)]
    keys = [(*([row["row"]] if "row" in row else [row["model"], row["method"]]), row["quantity"]) for row in rows]
    assert len(set(keys)) == len(keys), f"{path}: a row stands there twice"
    return dict(zip(keys, rows, strict=True))


def numbers(row: CsvRow, *names: str) -> list[float]:
    """Those of these that the row has."""
    return [float(row[name]) for name in names if row.get(name)]


def read_panels(path: Path) -> dict[str, list[dict[str, str]]]:
    """The Markdown's tables by title, each a list of lines by heading."""
    panels: dict[str, list[dict[str, str]]] = {}
    title, headings = "", [""]
    for line in path.read_text().splitlines():
        if line.startswith("**"):
            title, headings = line.strip("*"), []
        elif line.startswith("|") and not line.startswith("|--"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if headings:
                panels.setdefault(title, []).append(dict(zip(headings, cells, strict=True)))
            else:
                headings = cells
    return panels


def cells_of(table: str, title: str, lines: list[dict[str, str]], rows: dict[Key, CsvRow]) -> Iterator[Cell]:
    """Every cell of a panel that states a number of ours; what is quoted from the paper is left out."""
    if table == "tab06":
        return _seed_cells(lines, rows) if title.startswith("Every seed") else _estimate_cells(title, lines, rows)
    if table == "tab11":
        return _transposed_cells(title, lines, rows)
    return _stacked_cells(lines, rows)


def _estimate_cells(title: str, lines: list[dict[str, str]], rows: dict[Key, CsvRow]) -> Iterator[Cell]:
    for line in lines:
        paired = title.startswith(f"Paired difference {CONTRAST}")
        held_out = line["Problems"] == "held-out" if paired else "held-out" in title
        key = (line["Model"], CONTRAST if paired else line["Method"], "end_probe" if held_out else "end_pass_rate")
        row = rows[key]
        if row["status"] != "measured":
            assert line["Mean [bootstrap]"] == row["status"], line
            continue
        yield key, line["Mean [bootstrap]"], numbers(row, "value", "low", "high")
        yield key, line["Student t"], numbers(row, "student_t_low", "student_t_high")
        yield key, line["n"], numbers(row, "n")
        if paired:
            yield key, line["p (floor)"], numbers(row, "sign_flip_p", "sign_flip_floor")
            yield key, line["Holm"], numbers(row, "sign_flip_holm")


def _seed_cells(lines: list[dict[str, str]], rows: dict[Key, CsvRow]) -> Iterator[Cell]:
    for line in lines:
        if line["Model"].startswith("paper"):
            continue
        method, _, problems = line["Value"].rpartition(", ")
        key = (line["Model"], method, {"training": "end_pass_rate", "held-out": "end_probe"}[problems])
        values = by_seed(rows[key])
        for heading, cell in line.items():
            if heading.startswith("seed "):
                yield key, cell, [values[seed] for seed in values if heading == f"seed {seed}"]


def _stacked_cells(lines: list[dict[str, str]], rows: dict[Key, CsvRow]) -> Iterator[Cell]:
    """Tables 7, 8 and 16: a line of ours, one of the campaigns as the unit below it, and the paper's."""
    name = ""
    for line in lines:
        label, source, *cells = line.values()
        name = label.split()[0] if label else name
        if source == "paper":
            continue
        for heading, cell in zip(list(line)[2:], cells, strict=True):
            bare = re.sub(r" \([^()]*\)$", "", heading)
            relative = name == CONTRAST and heading.endswith("(%)")
            key = (name, RELATIVE[bare] if relative else HEADINGS[bare])
            yield key, cell, _of_campaigns(rows[key]) if source == "campaigns as the unit" else _of_row(rows[key])


def _transposed_cells(title: str, lines: list[dict[str, str]], rows: dict[Key, CsvRow]) -> Iterator[Cell]:
    """Table 11: a line for each quantity, a column for each of its rows."""
    for line in lines:
        (_, quantity), *cells = line.items()
        for label, cell in cells:
            if not label.startswith("paper"):
                key = (label.split()[0].lower(), HEADINGS[re.sub(r" \([^()]*\)$", "", quantity)])
                yield key, cell, _of_campaigns(rows[key]) if title.startswith("Intervals") else _of_row(rows[key])


def _of_row(row: CsvRow) -> list[float]:
    """Value, interval and counts, e.g. of "0.37 [0.34, 0.39] (n=4, 2 seeds)"."""
    if row["status"] != "measured":
        return []
    counts = ["n"] if row["n_unit"] == "seed" else ["n", "n_seeds"]
    return numbers(row, "value", "low", "high", *(counts if row["method"] else []))


def _of_campaigns(row: CsvRow) -> list[float]:
    bounds = numbers(row, "campaign_low", "campaign_high")
    return bounds + (numbers(row, "n") if bounds else [])


def by_seed(row: CsvRow) -> dict[int, float]:
    """Every seed's value, from "7:11.8;11:18.1"."""
    pairs = [pair.partition(":") for pair in row["seeds"].split(";") if pair]
    return {int(seed): float(value) for seed, _, value in pairs}


def check_cell(key: Key, text: str, expected: list[float]) -> None:
    """The cell holds these numbers and no other, in this order, each rounded to the digits that it is printed with."""
    found = re.findall(r"[-+]?\d+(?:\.\d+)?", text)
    assert len(found) == len(expected), f"{key}: {text!r} should hold {expected}"
    for printed, value in zip(found, expected, strict=True):
        digits = len(printed.partition(".")[2])
        assert abs(float(printed) - value) <= 0.5 * 10**-digits + 1e-8, f"{key}: {text!r} should hold {expected}"
