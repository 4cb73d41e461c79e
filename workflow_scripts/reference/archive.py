"""The archive of reference results: what cannot be rebuilt without training, and digests of what is rebuilt from it.

``archive.tar.xz`` holds a project's configuration and, of its results, traces, plans, states and times of campaigns,
what a language model answered, grades of evaluated checkpoints, programs of the main chains and what the statistics'
own checks simulate.
``manifest.json`` says what it was made with and has the SHA-256 of each table and figure.
"""

import io
import shutil
import tarfile
from collections.abc import Iterable
from pathlib import Path

from workflow_scripts.core.contracts.reference import Manifest
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import atomic_directory, atomic_path, read_json, sha256_file

ARCHIVE, MANIFEST = "archive.tar.xz", "manifest.json"
# Beside them, to be looked at, and read by documents: tables as Markdown and CSV, figures as PNG.
TABLES, FIGURES = "tables", "figures"
# What is packed, below the folder of a project.
_PACKED = (
    "config.yaml",
    "testbeds/*.yaml",
    "results/statistics_checks/*.json",
    "results/{testbed}/chains/**/trace.json",
    "results/{testbed}/chains/**/plan.json",
    "results/{testbed}/chains/**/state.json",
    "results/{testbed}/chains/**/timing.json",
    "results/{testbed}/chains/**/chat.json",
    "results/{testbed}/benchmarks/chains/**/*.plan.tsv",
    "results/{testbed}/evaluations/**/*.grades.json",
    # What table measurement reads beside these: programs of the main chains and of their control at learning rate 0.
    "results/{testbed}/grading/regraded/*.json",
    "results/{testbed}/problems/py/train.jsonl",
    *(
        f"results/{{testbed}}/chains/7B-reinforce-py-20/{owner}/s*/c*/rollouts.parquet"
        for owner in ("first", "A0", "A3", "NULL")
    ),
)
# What is made from it, and must come out with equal bytes.
_BUILT = ("figures/*.pdf", "paper/tables/*.md", "paper/tables/*.csv", "paper/tables/*.tex")


def packed_files(project: Path, testbed: str) -> list[Path]:
    """The files that the archive takes, relative to the project, in the order of their names."""
    patterns = [pattern.format(testbed=testbed) for pattern in _PACKED]
    found = {path.relative_to(project) for pattern in patterns for path in project.glob(pattern) if path.is_file()}
    return sorted(found)


def built_digests(project: Path, names: Iterable[str] | None = None) -> dict[str, str]:
    """The SHA-256 of each table and figure by its path; of those of ``names`` that exist, where they are given."""
    if names is None:
        names = sorted(str(path.relative_to(project)) for pattern in _BUILT for path in project.glob(pattern))
    return {name: sha256_file(project / name) for name in names if (project / name).is_file()}


def copy_shown(project: Path, reference: Path) -> None:
    """The tables and figures that a reader looks at, in place of those that were there."""
    for name, patterns in ((TABLES, ("paper/tables/*.md", "paper/tables/*.csv")), (FIGURES, ("figures/*.png",))):
        with atomic_directory(reference / name) as folder:
            for path in (path for pattern in patterns for path in project.glob(pattern)):
                shutil.copyfile(path, folder / path.name)


def write_archive(project: Path, files: Iterable[Path], target: Path) -> None:
    """Equal files give equal bytes: members have no time and no owner."""
    with atomic_path(target) as partial, tarfile.open(partial, "w:xz", preset=6) as archive:
        for name in files:
            content = (project / name).read_bytes()
            member = tarfile.TarInfo(str(name))
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def unpack(archive: Path, folder: Path) -> None:
    """Raises ``UserError`` where it is missing or damaged, or a member would lie outside the folder."""
    try:
        with tarfile.open(archive, "r:xz") as opened:
            opened.extractall(folder, filter="data")
    except FileNotFoundError:
        raise UserError(f"{archive}: is missing") from None
    except (tarfile.TarError, EOFError, OSError) as error:
        raise UserError(f"{archive}: cannot be unpacked: {error}") from None


def read_manifest(reference: Path) -> Manifest:
    """What a reference was made with, and what must come out of it."""
    manifest: Manifest = read_json(reference / MANIFEST, schema="reference_manifest")
    return manifest
