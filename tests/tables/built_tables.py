"""Tables built from made-up waves beside the paper's numbers, in memory or by way of their command line."""

import importlib
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.makers.made_up_coverage import make_coverage
from tests.makers.synthetic_statistics import SEEDS, make_statistics
from workflow_scripts.core.files import write_json
from workflow_scripts.tables.frame.command_line import SOURCES, Inputs
from workflow_scripts.tables.frame.published import Published, read_published
from workflow_scripts.tables.frame.records import Record
from workflow_scripts.tables.frame.rendering import Table

TABLES = sorted(path.stem for path in Path("paper/published").glob("*.yaml"))
SETTINGS = {"collapse_ratio": 0.3, "confidence": 0.95, "max_atoms": 10**6, "resamples": 10_000}
THREE = (17, 23, 42)
# Controllers, campaigns, seeds.
WAVES = {
    "W0": (("A0",), 1, (7,)),
    **dict.fromkeys(("W01", "W01ewc", "W01adaptive"), (("A0",), 3, (7,))),
    **dict.fromkeys(("W02at50", "W02at100", "W02at150"), (("A0",), 1, (7,))),
    "W1": (("A0", "A1v1", "A2v1", "A3v1"), 3, SEEDS),
    "W1v2": (("A0", "A1", "A2", "A3"), 3, SEEDS),
    **dict.fromkeys(("W2", "W2cpp"), (("B0", "B1", "B2", "B4"), 3, THREE)),
    **dict.fromkeys(("W2b3", "W2cppb3"), (("B3",), 3, THREE)),
    "W3": (("A0", "A3"), 5, THREE),
    **dict.fromkeys(("W4", "W7", "W17", "W17s"), (("A0", "A3"), 4, SEEDS)),
    "W6": (("B1",), 4, SEEDS),
    **dict.fromkeys(("W8", "W18"), (("ES",), 4, THREE)),
    "W12": (("ES",), 4, SEEDS),
    "W14": (("M1",), 4, THREE),
    "W15": (("A4",), 4, THREE),
    **dict.fromkeys(("W104", "W107"), (("A0", "NULL", "SHORT"), 4, SEEDS)),
    "W100gemma": (("A0",), 1, (7,)),
}
Waves = Mapping[str, Mapping[str, Any]]


def published(name: str) -> Published:
    return read_published(f"paper/published/{name}.yaml")


def script(name: str) -> ModuleType:
    return importlib.import_module(f"workflow_scripts.tables.{published(name).script or name}")


def make_waves(name: str) -> dict[str, dict[str, Any]]:
    """Statistics of every wave that a table takes."""
    found = {}
    for wave, role in published(name).roles.items():
        controllers, campaigns, seeds = WAVES[wave]
        found[wave] = make_statistics(wave, role, seeds, campaigns, controllers=controllers)
    return found


def coverage_of(declared: Published) -> dict[str, Any]:
    """The simulated coverage, for a table that reads it."""
    return {"coverage": make_coverage()} if "coverage" in declared.reads else {}


def build(name: str, by_wave: Waves | None = None, **files: Any) -> tuple[list[Any], Table]:
    """The records and the finished table of the waves, all that it takes by default, and of further files."""
    module, declared = script(name), published(name)
    if by_wave is None:
        by_wave = make_waves(name) if "statistics" in declared.reads else {}
    settings = {key: SETTINGS[key] for key in declared.settings}
    files = coverage_of(declared) | files
    inputs = Inputs(declared, by_wave, {source: [file] for source, file in files.items()}, settings)
    built: tuple[list[Any], Table] = getattr(module, "TABLE", module).build(inputs)
    return built


def write_files(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch, by_wave: Waves | None = None, **files: Any
) -> dict[str, str]:
    """The table's three files as text, by ending, by way of its command line."""
    arguments = [name, "--published", f"paper/published/{name}.yaml"]
    files = coverage_of(published(name)) | files
    given = {"statistics": by_wave or {}} | {source: {source: file} for source, file in files.items()}
    for source, documents in given.items():
        paths = [folder / f"{key}.json" for key in documents]
        for path, document in zip(paths, documents.values(), strict=True):
            write_json(path, document, SOURCES[source][0])
        arguments += [f"--{source}", *map(str, paths)]
    for key in published(name).settings:
        arguments += [f"--{key.replace('_', '-')}", str(SETTINGS[key])]
    outputs = {ending: folder / f"{name}.{ending}" for ending in ("csv", "md", "tex")}
    monkeypatch.setattr(sys, "argv", arguments + [f"--output-{ending}={path}" for ending, path in outputs.items()])
    script(name).main()
    return {ending: path.read_text(encoding="utf-8") for ending, path in outputs.items()}


def find(records: list[Record], quantity: str, row: str, role: str | None = "7B") -> Record:
    """The one record of a quantity and a row, by the row's name or label."""
    (found,) = [
        record
        for record in records
        if record.column.name == quantity and row in (record.row.name, record.row.label) and record.row.role == role
    ]
    return found


def bounds(record: Record) -> tuple[float | None, float | None]:
    return record.ours.interval.low, record.ours.interval.high


def last_values(statistics: Mapping[str, Any], controller: str, column: str = "end") -> dict[int, float]:
    """By seed, in percent: a column of the last campaign's row."""
    rows = [row for row in statistics["campaigns"] if row["controller"] == controller]
    last = max(row["campaign"] for row in rows)
    return {row["seed"]: 100 * row[column] for row in rows if row["campaign"] == last}


def assert_sound_latex(tex: str) -> None:
    """Balanced, escaped, ASCII, every tabular with one number of columns, and no cell of several lines justified."""
    assert tex.startswith("% Needs \\usepackage{array,booktabs}.\n")
    tex = tex.partition("\n")[2]
    opened = re.findall(r"\\begin\{([a-z*]+)\}", tex)
    assert sorted(opened) == sorted(re.findall(r"\\end\{([a-z*]+)\}", tex))
    plain = re.sub(r"\\[{}%_&#$]", "", tex)
    assert plain.count("{") == plain.count("}")
    assert plain.count("$") % 2 == 0
    assert not re.search(r"[%#]|(?<!\\)_", plain)
    assert tex.isascii()
    for formats in re.findall(r"\\begin\{tabular\}\{(.*)\}", tex):
        assert formats.count("p{") == formats.count(r">{\raggedright\arraybackslash}p{")
    for tabular in re.findall(r"\\toprule\n(.*?)\\bottomrule", tex, flags=re.DOTALL):
        columns = {len(re.findall(r"(?<!\\)&", line)) for line in tabular.splitlines() if "&" in line}
        assert len(columns) == 1
