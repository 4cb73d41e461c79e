"""Write down the declared waves, for the scripts that list them; tables and manifests never read config.yaml."""

import argparse
from pathlib import Path

from workflow_scripts.core.cli import run
from workflow_scripts.core.files import parse_json, write_json


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m workflow_scripts.statistics.declare_waves", description=__doc__)
    parser.add_argument(
        "--waves",
        required=True,
        metavar="JSON",
        help="each wave's declaration with its seeds, its chain's name and its model's (wave_declarations.schema.json)",
    )
    parser.add_argument("--output", required=True, type=Path, help="waves.json to write")
    arguments = parser.parse_args()
    write_json(arguments.output, parse_json(arguments.waves, "--waves"), "wave_declarations")


if __name__ == "__main__":
    run(main)
