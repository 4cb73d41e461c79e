"""Appendix B's table, which the paper leaves out: the capability vector of every final checkpoint, chain by chain."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.evaluated import CapabilityVectors, Vector
from workflow_scripts.core.errors import UserError
from workflow_scripts.tables.frame.cells import NOTHING, number_text
from workflow_scripts.tables.frame.command_line import Inputs, run_table
from workflow_scripts.tables.frame.published import Published
from workflow_scripts.tables.frame.records import Column
from workflow_scripts.tables.frame.rendering import Panel, Table

# The paper's three first; the other two are section 5.12's.
CAPABILITIES = ("pass@1", "hard_case_acc", "gen_gap", "cpp_acc", "ood_acc")
SIGNED = ("gen_gap",)

Record = dict[str, Any]


def index_by_chain(given: Sequence[CapabilityVectors]) -> dict[str, CapabilityVectors]:
    """The vectors by chain, in order; a chain given twice is a ``UserError``."""
    by_chain: dict[str, CapabilityVectors] = {}
    for one in given:
        if one["chain"] in by_chain:
            raise UserError(f"--vectors: chain {one['chain']} is given twice; give each chain's file once")
        by_chain[one["chain"]] = one
    return dict(sorted(by_chain.items()))


def build_records(by_chain: Mapping[str, CapabilityVectors]) -> list[Record]:
    """One record per chain's base model and final checkpoint; capabilities in percent, null where not evaluated."""
    records = []
    for vectors in by_chain.values():
        if vectors["base"] is not None:
            records.append(_record(vectors, vectors["base"], "untrained", None, 0, []))
        for one in vectors["checkpoints"]:
            records.append(_record(vectors, one, one["controller"], one["seed"], one["campaign"], one["groups"]))
    return records


def _record(
    vectors: CapabilityVectors, entry: Vector, controller: str, seed: int | None, campaign: int, groups: Sequence[str]
) -> Record:
    values = {name: entry["capabilities"][name] for name in CAPABILITIES}
    missing = [name for name, value in values.items() if value is None]
    return {
        "chain": vectors["chain"],
        "role": vectors["model"]["role"],
        "model": vectors["model"]["name"],
        "controller": controller,
        "seed": seed,
        "campaign": campaign,
        "waves": ", ".join(dict.fromkeys(group.split(" ")[0] for group in groups)),
        "status": f"not run: no evaluation for {', '.join(missing)}" if missing else "measured",
        **{name: None if value is None else 100 * value for name, value in values.items()},
        "problems": "; ".join(
            f"{split}: {found['n']} x {found['samples']}" for split, found in sorted(entry["evaluations"].items())
        ),
    }


def build_table(by_chain: Mapping[str, CapabilityVectors], records: Sequence[Record], published: Published) -> Table:
    """One panel per chain; "-" where a split was not evaluated."""
    panels = [
        Panel(_title(vectors), _panel([r for r in records if r["chain"] == chain]), "llrl" + "r" * len(CAPABILITIES))
        for chain, vectors in by_chain.items()
    ]
    return Table(published.table, published.title, panels, _notes(by_chain, records, published))


def _title(vectors: CapabilityVectors) -> str:
    model = vectors["model"]
    return f"Chains {vectors['chain']}, {model['name'] or 'no model'} as {model['role']} (%)"


def _panel(records: Sequence[Record]) -> pd.DataFrame:
    rows = [
        {
            "Controller": record["controller"],
            "Seed": NOTHING if record["seed"] is None else str(record["seed"]),
            "Campaign": str(record["campaign"]),
            "Waves": record["waves"] or NOTHING,
            **{name: _value(record[name], name) for name in CAPABILITIES},
        }
        for record in records
    ]
    return pd.DataFrame(rows)


def _value(value: float | None, name: str) -> str:
    return NOTHING if value is None else number_text(value, Column(name, name, signed=name in SIGNED))


def _notes(by_chain: Mapping[str, CapabilityVectors], records: Sequence[Record], published: Published) -> list[str]:
    splits = next(iter(by_chain.values()))["splits"]
    measured = ", ".join(f"{name} on {' minus '.join(splits[name])}" for name in CAPABILITIES)
    left_out = [record for record in records if record["status"] != "measured"]
    testbeds = ", ".join(sorted({vectors["testbed"] for vectors in by_chain.values()}))
    notes = [
        "A row is one checkpoint, the last of its chain (n = 1 seed), so it has no interval over seeds; those over "
        "problems are in the statistics of the evaluations.",
        f"All are unbiased pass@1 or a difference of two: {measured}.",
        *_size_notes(by_chain),
        f"Not evaluated ({NOTHING}): {len(left_out)} of {len(records)} rows lack a capability.",
    ]
    notes += [f"Paper, {cell.source}: {cell.text}." for row in published.rows for cell in row.cells.values()]
    return [*notes, f"Testbed {testbeds}: its models stand in for the paper's."]


def _size_notes(by_chain: Mapping[str, CapabilityVectors]) -> list[str]:
    """How many problems and samples the values rest on, by split."""
    sizes: dict[str, set[str]] = {}
    for vectors in by_chain.values():
        every: list[Vector] = [*vectors["checkpoints"], *([vectors["base"]] if vectors["base"] else [])]
        for entry in every:
            for split, found in entry["evaluations"].items():
                sizes.setdefault(split, set()).add(f"{found['n']} problems x {found['samples']} samples")
    words = "; ".join(f"{split}: {' or '.join(sorted(own))}" for split, own in sorted(sizes.items()))
    return [f"Evaluated on {words}."] if words else []


def build(inputs: Inputs) -> tuple[list[Record], Table]:
    """The records of the csv and the finished table."""
    by_chain = index_by_chain(inputs.files["vectors"])
    if not by_chain:
        raise UserError("--vectors: no file given; give each chain's")
    records = build_records(by_chain)
    return records, build_table(by_chain, records, inputs.published)


def to_frame(records: list[Record]) -> pd.DataFrame:
    """The csv's rows; seeds stay integers where a row has none."""
    return pd.DataFrame(records).astype({"seed": "Int64"})


def main() -> None:
    run_table(__doc__, build, to_frame)


if __name__ == "__main__":
    run(main)
