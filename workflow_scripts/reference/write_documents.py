"""Write the numbers of README.md, docs/findings.md and docs/gallery.md from the reference tables: `make documents`."""

import argparse
from pathlib import Path

from workflow_scripts.core.cli import run
from workflow_scripts.core.files import read_text, write_text
from workflow_scripts.reference.documents import DOCUMENTS, fill, with_region


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--project", type=Path, default=Path(), help="folder of the project (default: this one)")
    parser.add_argument("--reference", type=Path, default=Path("paper/reference"), help="(default: %(default)s)")
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    for name, template in DOCUMENTS.items():
        path = arguments.project / name
        region = fill(arguments.project / template, arguments.reference)
        write_text(path, with_region(read_text(path), region, name))


if __name__ == "__main__":
    run(main)
