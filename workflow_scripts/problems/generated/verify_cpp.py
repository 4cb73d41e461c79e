"""Compile and run C++ references with their tests, all in one translation unit, so that they are known to be right."""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workflow_scripts.core.errors import UserError

HEADER = "#include <bits/stdc++.h>\nusing namespace std;\n"
_COMPILE_SECONDS = 300
_RUN_SECONDS = 60


def verify_cpp_references(rows: Sequence[Mapping[str, Any]]) -> None:
    """Raise ``UserError`` without a compiler, ``RuntimeError`` where a reference does not compile or fails a test."""
    output = compile_and_run(translation_unit(rows))
    if output.split() != [row["task_id"] for row in rows]:
        raise RuntimeError("the C++ references did not all run to their end")


def translation_unit(rows: Sequence[Mapping[str, Any]]) -> str:
    """One program of all rows, each in its own namespace; it prints the task ids of those that passed."""
    namespaces, calls = [], []
    for number, row in enumerate(rows):
        code = row["prompt"].removeprefix(HEADER) + row["reference"] + row["tests"]["code"]
        namespaces.append(f"namespace problem_{number} {{\n{code}}}\n")
        calls.append(f'    problem_{number}::main();\n    puts("{row["task_id"]}");\n')
    return HEADER + "".join(namespaces) + "int main() {\n" + "".join(calls) + "}\n"


def compile_and_run(source: str) -> str:
    """The standard output of a C++17 program that this package wrote; a model's programs only run in the sandbox."""
    compiler = shutil.which("g++")
    if compiler is None:
        raise UserError("g++ was not found on PATH; install it (Debian, Ubuntu: apt install g++; conda: gxx)")
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "references"
        compiling = [compiler, "-std=c++17", "-O0", "-x", "c++", "-", "-o", str(program)]
        _output_of(compiling, source, _COMPILE_SECONDS)
        return _output_of([str(program)], "", _RUN_SECONDS)


def _output_of(command: list[str], standard_input: str, seconds: float) -> str:
    """Run a command; a failure is a ``RuntimeError`` that shows the end of its standard error."""
    done = subprocess.run(command, input=standard_input, capture_output=True, text=True, timeout=seconds, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with status {done.returncode}:\n{done.stderr[-4000:]}")
    return done.stdout
