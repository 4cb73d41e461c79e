"""Rebuild every table and figure from the reference results, without training: `make review`.

Unpacks paper/reference/ in a folder of its own, beside links to this project's code, and runs Snakemake there with
`campaigns: frozen`. Says how many tables and figures have the bytes that the manifest names; exit status 1 where one
has others.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.reference import Manifest
from workflow_scripts.core.errors import UserError
from workflow_scripts.reference.archive import ARCHIVE, MANIFEST, built_digests, read_manifest, unpack

PROJECT = Path(__file__).resolve().parents[2]
# What the graph needs beside what the archive holds.
_LINKED = (
    "Snakefile",
    "rules",
    "workflow_scripts",
    "envs",
    "paper/published",
    "paper/claims.yaml",
    "paper/headline.yaml",
)
_PROGRESS = re.compile(r"^(\d+) of (\d+) steps")


def prepare(reference: Path, folder: Path) -> Manifest:
    """Unpack the reference in a fresh ``folder``, which may replace an earlier review's and nothing else."""
    manifest = read_manifest(reference)
    if folder.exists():
        if not (folder / MANIFEST).is_file():
            raise UserError(f"{folder}: exists and is no earlier review; give another --folder")
        shutil.rmtree(folder)
    for name in _LINKED:
        link = folder / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(PROJECT / name)
    shutil.copyfile(reference / MANIFEST, folder / MANIFEST)
    unpack(reference / ARCHIVE, folder)
    return manifest


def rebuild(folder: Path, targets: list[str], cores: int) -> None:
    """Run Snakemake on frozen campaigns; a line of progress on a terminal, everything in review.log."""
    command = [sys.executable, "-m", "snakemake", "--cores", str(cores), "--config", "campaigns=frozen", "--", *targets]
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    log = folder / "review.log"
    with log.open("w") as file:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert process.stdout is not None
        for line in process.stdout:
            file.write(line)
            if sys.stderr.isatty() and (found := _PROGRESS.match(line)):
                print(f"\r{found[1]} of {found[2]} jobs", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print("\r", end="", file=sys.stderr)
    if process.wait():
        raise UserError(f"{log}: Snakemake ended with status {process.returncode}; the log says why")


def differing(manifest: Manifest, folder: Path) -> list[str]:
    """The tables and figures that are missing or have other bytes than the reference's."""
    found = built_digests(folder, manifest["built"])
    return [name for name, digest in manifest["built"].items() if found.get(name) != digest]


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", type=Path, default=Path("paper/reference"), help="(default: %(default)s)")
    parser.add_argument("--folder", type=Path, default=Path("review"), help="to rebuild in (default: %(default)s)")
    parser.add_argument("--cores", type=int, default=2, help="jobs at a time (default: %(default)s)")
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    began = time.monotonic()
    manifest = prepare(arguments.reference, arguments.folder)
    rebuild(arguments.folder, manifest["targets"], arguments.cores)
    others, total = differing(manifest, arguments.folder), len(manifest["built"])
    print(
        f"{manifest['campaigns']} campaigns of testbed {manifest['testbed']}: {total - len(others)} of {total} files "
        f"of tables and figures have the reference's bytes; {time.monotonic() - began:.0f} s"
    )
    print(f"look at {arguments.folder}/figures/ and {arguments.folder}/paper/tables/")
    if others:
        raise UserError(
            f"{arguments.folder}: other bytes than the reference's: {', '.join(others)}. They come from the same "
            "traces, so that this code, a library or this processor's arithmetic makes them otherwise"
        )


if __name__ == "__main__":
    run(main)
