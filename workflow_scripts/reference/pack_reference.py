"""Pack finished results as the reference that the repository ships: `make reference`.

Takes the tables and figures that are there; all of `--targets` must be made before. Writes archive.tar.xz,
manifest.json, tables/ and figures/.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.reference import Manifest
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, write_json
from workflow_scripts.reference.archive import ARCHIVE, MANIFEST, built_digests, copy_shown, packed_files, write_archive


def describe(project: Path, files: list[Path], testbed: str, commit: str, targets: list[str]) -> Manifest:
    """The manifest of a project's packed files. Raises ``UserError`` where there is no trace or nothing was built."""
    traces = [read_json(project / name, schema="trace") for name in files if name.name == "trace.json"]
    if not traces:
        raise UserError(f"{project / 'results' / testbed}: has no trace; make the results first")
    built = built_digests(project)
    if not built:
        raise UserError(f"{project}: has no tables and no figures; make {' '.join(targets)} first")
    machines = sorted({tuple(sorted(trace["versions"].items())) for trace in traces})
    return {
        "schema_version": 1,
        "testbed": testbed,
        "commit": commit,
        "targets": targets,
        "campaigns": len(traces),
        "machines": [dict(machine) for machine in machines],
        "built": built,
    }


def current_commit(project: Path) -> str:
    """The commit that the project's code is at."""
    command = ["git", "-C", str(project), "rev-parse", "HEAD"]
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (subprocess.CalledProcessError, FileNotFoundError) as error:
        raise UserError(f"{project}: its commit cannot be told: {getattr(error, 'stderr', error)}") from None


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--project", type=Path, default=Path(), help="folder of the finished run (default: this one)")
    parser.add_argument("--testbed", default="tiny", help="whose results are packed (default: %(default)s)")
    parser.add_argument("--targets", nargs="+", default=["all", "science"], help="what was made (default: all science)")
    parser.add_argument("--output", type=Path, default=Path("paper/reference"), help="folder (default: %(default)s)")
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    project = arguments.project
    files = packed_files(project, arguments.testbed)
    manifest = describe(project, files, arguments.testbed, current_commit(project), arguments.targets)
    write_archive(project, files, arguments.output / ARCHIVE)
    copy_shown(project, arguments.output)
    write_json(arguments.output / MANIFEST, manifest, schema="reference_manifest")
    size = (arguments.output / ARCHIVE).stat().st_size
    print(f"{manifest['campaigns']} campaigns, {len(files)} files, {size / 1e6:.1f} MB", file=sys.stderr)


if __name__ == "__main__":
    run(main)
