"""A stand-in for a workflow with a warm server, and a package of jobs that say what they were given."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.patience import await_that, runs

ROOT = Path(__file__).parents[2]
JOB = """
import argparse, json, os, sys, time
from workflow_scripts.core.cli import run
from workflow_scripts.core.errors import UserError

def main():
    parser = argparse.ArgumentParser(description="A test's job.")
    parser.add_argument("mode", choices=["describe", "exit", "mistake", "defect", "signal", "wait", "thread"])
    parser.add_argument("value", nargs="?", default="")
    arguments = parser.parse_args()
    match arguments.mode:
        case "describe":
            os.umask(mask := os.umask(0))
            given = [sys.argv, os.getcwd(), sys.path, dict(os.environ), mask, __name__, sys.stdin.read()]
            print(json.dumps([given, os.isatty(1)]))
            print("to standard error", arguments.value, file=sys.stderr)
        case "exit":
            sys.exit(int(arguments.value))
        case "mistake":
            raise UserError("plan.json: is no plan")
        case "defect":
            1 / 0
        case "signal":
            os.kill(os.getpid(), int(arguments.value))
        case "wait":
            with open(arguments.value, "w") as file:
                file.write(f"{os.getpid()}\\n")
            time.sleep(60)
        case "thread":
            import atexit, threading
            atexit.register(print, "at exit")
            threading.Timer(0.2, print, ["from a thread"]).start()

if __name__ == "__main__":
    run(main)
"""
WORKFLOW = """
import json, os, sys
from pathlib import Path
from workflow_scripts.warm.start_server import start_warm_server
server = start_warm_server(Path(sys.argv[1]), sys.argv[2].split(), sys.argv[3].split())
print(json.dumps([server.pid, dict(os.environ)]), flush=True)
sys.stdin.read()
"""
# As Snakemake sets them for a job of one core.
ONE_THREAD = {
    f"{library}_THREADS": "1"
    for library in ("OMP_NUM", "GOTO_NUM", "OPENBLAS_NUM", "MKL_NUM", "VECLIB_MAXIMUM", "NUMEXPR_NUM")
}


@dataclass
class Workflow:
    """A process that started a warm server: what it gives its jobs, and where they run."""

    process: subprocess.Popen[str]
    server: int
    environment: dict[str, str]
    folder: Path

    def log(self) -> str:
        return (self.folder / ".snakemake" / "warm_server.log").read_text(encoding="utf-8")


def warm(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-S", "-m", "workflow_scripts.warm.run_job", module, *arguments]


def cold(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def write_jobs(folder: Path) -> None:
    """The package of jobs, an hour old: a file that has just been written might be written again."""
    package = folder / "warm_jobs"
    package.mkdir()
    for name, text in (("__init__.py", ""), ("job.py", JOB)):
        (package / name).write_text(text, encoding="utf-8")
        os.utime(package / name, (time.time() - 3600,) * 2)


@contextlib.contextmanager
def open_workflow(folder: Path, modules: str = "warm_jobs.job", preload: str = "") -> Iterator[Workflow]:
    """Start a workflow that stays until the end of the block, or until a test ends it."""
    environment = os.environ | ONE_THREAD | {"PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"}
    command = [sys.executable, "-c", WORKFLOW, ".snakemake", modules, preload]
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            server, given = json.loads(process.stdout.readline())
            yield Workflow(process, server, given, folder)
        finally:
            process.kill()
    await_that(lambda: not runs(server))
