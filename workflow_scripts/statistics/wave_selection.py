"""The options by which a script is told the declared waves, and which of them it is about."""

import argparse
from pathlib import Path

from workflow_scripts.core.contracts.statistics import Wave
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json
from workflow_scripts.core.nearest import nearest


def add_waves(parser: argparse.ArgumentParser) -> None:
    """The options ``--waves`` and ``--only``."""
    parser.add_argument("--waves", required=True, type=Path, help="declared waves: JSON, wave_declarations.schema.json")
    parser.add_argument("--only", nargs="+", metavar="WAVE", help="these of them (default: all)")


def selected_waves(arguments: argparse.Namespace) -> dict[str, Wave]:
    """The chosen waves by name, as ``wave_declarations.schema.json`` has them; an unknown one is a ``UserError``."""
    declared: dict[str, Wave] = read_json(arguments.waves, "wave_declarations")
    chosen = arguments.only or list(declared)
    for name in chosen:
        if name not in declared:
            raise UserError(f"--only: {arguments.waves} has no wave {name!r}; {nearest(name, declared)}")
    return {name: declared[name] for name in chosen}
