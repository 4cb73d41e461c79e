"""Table 3: three levels of intervention, and the declared waves that evaluate each (section 5.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.statistics import Wave
from workflow_scripts.tables.frame.command_line import Inputs, run_table
from workflow_scripts.tables.frame.published import Published
from workflow_scripts.tables.frame.rendering import Panel, Table

# Those by which a level acts; centred and shuffled rewards are controls.
UPDATE_RULES = ("grpo", "grpo_clipped", "rloo", "dr_grpo")
PROTOCOL = (10, 20)  # campaigns and steps of the chains that section 5.3 compares the levels on
PRINTED = ("level", "method", "when", "signal", "section")

Record = dict[str, Any]


@dataclass(frozen=True)
class Level:
    """A level: what acts there in this project, when, on which signal, and by which controllers.

    Without controllers the level is the update rule's: a wave evaluates it by one of ``UPDATE_RULES``.
    """

    name: str
    method: str
    when: str
    signal: str
    controllers: Sequence[str] = ()

    def evaluated_by(self, wave: Wave) -> list[str]:
        """The wave's controllers that act at this level, all of them where its update rule does."""
        if not self.controllers:
            return list(wave["controllers"]) if wave["update_rule"] in UPDATE_RULES else []
        return [name for name in wave["controllers"] if name in self.controllers]


LEVELS = (
    Level(
        "between",
        "CARE",
        "plans campaigns 2, 3, ...",
        "end / peak of past campaigns (A4, A5: capabilities too)",
        ("A1", "A2", "A3", "A4", "A5", "A1v1", "A2v1", "A3v1", "B4"),
    ),
    Level("within", "ES", "plans campaigns 2, 3, ...", "step of the last campaign's peak", ("ES",)),
    Level("update", "GRPO", "every update", "rewards of a group, centred and scaled"),
)


def build_records(waves: Mapping[str, Wave], published: Published) -> list[Record]:
    """One record per level and wave that evaluates it; a level that no wave evaluates has one that says so."""
    records = []
    cells = {row.name: row.cells for row in published.rows}
    for level in LEVELS:
        printed = {f"published_{name}": cells[level.name][name].text for name in PRINTED}
        own = {"row": level.name, "method": level.method, "when": level.when, "signal": level.signal}
        found = [
            {
                "status": "declared",
                "wave": name,
                "role": wave["model"],
                "model": wave["model_name"],
                "chain": wave["chain"],
                "update_rule": wave["update_rule"],
                "controllers": " ".join(acting),
                "campaigns": wave["campaigns"],
                "steps": wave["steps"],
                "seeds": " ".join(map(str, wave["seeds"])),
                "same_protocol": (wave["campaigns"], wave["steps"]) == PROTOCOL and wave["domain"] == "py",
            }
            for name, wave in waves.items()
            if (acting := level.evaluated_by(wave))
        ]
        found = found or [{"status": "not run: no declared wave evaluates this level"}]
        records += [own | one | printed | {"published_source": f"Table {published.table}"} for one in found]
    return records


def levels_frame(records: Sequence[Record]) -> pd.DataFrame:
    """Two lines per level: ours with its waves, and the paper's with the section that evaluates it."""
    lines = []
    for level in LEVELS:
        own = [record for record in records if record["row"] == level.name]
        first = own[0]
        where = ", ".join(record["wave"] for record in own) if first["status"] == "declared" else first["status"]
        lines.append(
            {
                "Level": first["published_level"],
                "Source": "here",
                "Method": level.method,
                "When": level.when,
                "Signal": level.signal,
                "Evaluated in": where,
            }
        )
        paper = {key.capitalize(): first[f"published_{key}"] for key in ("method", "when", "signal")}
        lines.append(
            {"Level": "", "Source": "paper"} | paper | {"Evaluated in": f"section {first['published_section']}"}
        )
    return pd.DataFrame(lines)


def waves_frame(records: Sequence[Record]) -> pd.DataFrame:
    """One line per level and wave that compares on the protocol of section 5.3."""
    return pd.DataFrame(
        [
            {
                "Level": record["published_method"],
                "Wave": record["wave"],
                "Model": f"{record['model']} as {record['role']}",
                "Update rule": record["update_rule"],
                "Controllers": record["controllers"],
                "Seeds": record["seeds"],
            }
            for record in records
            if record.get("same_protocol")
        ],
        columns=["Level", "Wave", "Model", "Update rule", "Controllers", "Seeds"],
    )


def build(inputs: Inputs) -> tuple[list[Record], Table]:
    """The records of the csv and the finished table."""
    # Waves of a family are experiments of our own (docs/preregistration.md).
    waves = {name: wave for name, wave in inputs.only("waves").items() if "family" not in wave}
    published = inputs.published
    records = build_records(waves, published)
    campaigns, steps = PROTOCOL
    panels = [
        Panel("Levels", levels_frame(records), r"llp{0.07\linewidth}p{0.14\linewidth}p{0.2\linewidth}p{0.2\linewidth}"),
        Panel(
            f"Waves of {campaigns} campaigns of {steps} steps on python, on which the levels compare",
            waves_frame(records),
            "llllll",
        ),
    ]
    other = [name for name in waves if all(record.get("wave") != name for record in records)]
    notes = [
        "A wave evaluates a level if a controller of that level plans its chains, or, for the algorithm level, if its "
        f"update rule is one of {', '.join(UPDATE_RULES)}; a wave may evaluate two. The seeds are the unit of "
        "resampling there.",
        "ES as deployed acts between campaigns too: it sets the next campaign's steps from the last one's peak "
        "(section 5.8). Only its oracle of Table 9 stops within a campaign.",
        f"Declared waves that evaluate none of the three: {', '.join(other) or 'none'}; families are left out.",
        f"Paper: Table {published.table}, section {published.section}.",
    ]
    return records, Table(published.table, published.title, panels, notes)


def to_frame(records: list[Record]) -> pd.DataFrame:
    """The csv's rows; counts stay integers where others are missing."""
    return pd.DataFrame(records).astype({"campaigns": "Int64", "steps": "Int64"})


def main() -> None:
    run_table(__doc__, build, to_frame)


if __name__ == "__main__":
    run(main)
