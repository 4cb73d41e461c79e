"""Scripts in processes of their own, as rules run them."""

import os
import subprocess
import sys
from pathlib import Path

from tests.patience import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]


def run_script(module: str, *options: object, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """What a script says and how it ends; ``environment`` is added to this process's own."""
    return subprocess.run(
        [sys.executable, "-m", module, *map(str, options)],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def run_in_two_processes(module: str, folder: Path) -> None:
    """A job of two processes on this processor, started as a user starts one, to its end; it is given ``folder``."""
    launch = ["--processes", 2, "--device", "cpu", module, folder]
    done = run_script("workflow_scripts.training.launch", *launch, OMP_NUM_THREADS="1")
    assert done.returncode == 0, done.stderr


def assert_equal_bytes(module: str, folder: Path, *options: object, **outputs: str) -> list[bytes]:
    """What a script wrote: the same bytes under two hash seeds, since no order of a set may reach a file.

    ``outputs``: options that name a file to write, with the file's name.
    """
    written = []
    for hash_seed in ("1", "2"):
        (folder / hash_seed).mkdir()
        files = {option.replace("_", "-"): folder / hash_seed / name for option, name in outputs.items()}
        named = [f"--{option}={path}" for option, path in files.items()]
        done = run_script(module, *options, *named, PYTHONHASHSEED=hash_seed)
        assert done.returncode == 0, done.stderr
        written.append([path.read_bytes() for path in files.values()])
    assert written[0] == written[1]
    return written[0]
