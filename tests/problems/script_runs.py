"""Run a script of this stage in a process of its own, as a rule does."""

import os
import subprocess
import sys
from pathlib import Path


def run_script(module, output: Path, hash_seed: str, *options: str) -> bytes:
    """The bytes that the script wrote to ``output`` under this PYTHONHASHSEED."""
    command = [sys.executable, "-m", f"workflow_scripts.problems.{module}", *options, "--output", str(output)]
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    subprocess.run(command, check=True, env=environment, cwd=Path(__file__).parents[2], capture_output=True)
    return output.read_bytes()
