"""The SHA-256 of each file of a folder, in a file of that folder, so that whoever reads it sees that it was damaged.

The file has the form that ``sha256sum --check`` reads. A folder without it, such as a downloaded one, is not checked.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import sha256_file

DIGESTS = "checkpoint.sha256"
_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")


def seal(folder: Path, digests: Mapping[str, str] | None = None) -> None:
    """Write the digests, by default those of all files but hidden ones: the last before a folder gets its name."""
    if digests is None:
        files = (file for file in folder.iterdir() if file.is_file() and not file.name.startswith("."))
        digests = {file.name: sha256_file(file) for file in files if file.name != DIGESTS}
    lines = [f"{digest}  {name}\n" for name, digest in sorted(digests.items())]
    (folder / DIGESTS).write_text("".join(lines), encoding="utf-8")


def sealed_digests(folder: Path) -> dict[str, str] | None:
    """The digests that the folder was sealed with, by file name; None for a folder that nobody sealed."""
    path = folder / DIGESTS
    if not path.is_file():
        return None
    text = path.read_text(encoding="utf-8", errors="replace")
    lines = [_LINE.fullmatch(line) for line in text.splitlines()]
    found = {line[2]: line[1] for line in lines if line is not None}
    if not lines or len(found) < len(lines):
        raise UserError(f"{path}: is damaged; delete {folder} so that it is made again")
    return found


def is_damaged(file: Path, digest: str) -> bool:
    """Whether the file is gone or is not the one that was written."""
    return not file.is_file() or sha256_file(file) != digest


def check_seal(folder: Path, weights: bool = True) -> None:
    """A ``UserError`` for the first file that is not what the folder was sealed with; not sealed, it passes.

    ``weights``: check those too; they are most of what is read.
    """
    for name, digest in (sealed_digests(folder) or {}).items():
        if (weights or not name.endswith(".safetensors")) and is_damaged(folder / name, digest):
            raise UserError(
                f"{folder / name}: is damaged: it is not the file whose SHA-256 is in {DIGESTS}; delete {folder} so "
                f"that it is made again (or {DIGESTS} alone, if the change is meant)"
            )
