"""What a C++ compiler is made of: the programs that its driver starts, and the folders that those read."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workflow_scripts.core.errors import UserError

_SHELL = "/bin/sh"  # which the driver's steps run below
_STEPS = ("cc1plus", "collect2", "lto-wrapper", "as", "ld", "ld.bfd", "ld.gold")
_LINKER_PLUGIN = "liblto_plugin.so"
# Where a loader looks by itself; a compiler outside of the system need not know of them.
_LOADER_FOLDERS = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
# What a loader reads to find libraries elsewhere, and a C library for a locale or a time zone that a program names.
_LIBRARY_DATA = ("/etc/ld.so.cache", "/usr/lib/locale", "/usr/share/zoneinfo")
_INCLUDED = re.compile(r"^#include <\.\.\.> search starts here:\n(.*?)^End of search list", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class CompilerFiles:
    """``readable``: programs, and folders of the compiler alone. ``libraries``: folders that hold libraries.

    ``library_data``: what libraries read when a compiled program runs.
    """

    readable: list[str]
    libraries: list[str]
    library_data: list[str]


def search_path(compiler: Path) -> str:
    """Where the compiler finds programs that are not its own."""
    return os.pathsep.join([str(compiler.parent), "/usr/bin", "/bin"])


def find_compiler_files(compiler: Path) -> CompilerFiles:
    """Ask a compiler what it is made of; raises UserError where it compiles no C++."""
    said = subprocess.run(
        [compiler, "-v", "-E", "-x", "c++", os.devnull],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": search_path(compiler), "LC_ALL": "C"},
    ).stderr
    variables = dict(re.findall(r"^(COLLECT_GCC|COMPILER_PATH|LIBRARY_PATH)=(.*)$", said, re.MULTILINE))
    own, path = variables.get("COMPILER_PATH", ""), search_path(compiler)
    programs = [str(compiler), _SHELL, *_interpreter(compiler, path)]
    plugins = [os.path.join(folder, _LINKER_PLUGIN) for folder in own.split(os.pathsep)]
    # A wrapper's name differs from that of the driver, which it starts.
    programs += _found([variables.get("COLLECT_GCC", "")], path)
    steps = _found(_STEPS, os.pathsep.join([own, path]))
    included = _INCLUDED.search(said)
    if included is None:
        raise UserError(f"{compiler}: does not say where its headers are: {said.strip()[-200:]}")
    machine = f"{os.uname().machine}-linux-gnu"
    return CompilerFiles(
        readable=_existing([*programs, *steps, *plugins, *(folder.strip() for folder in included[1].split("\n"))]),
        libraries=_existing(
            [
                *variables.get("LIBRARY_PATH", "").split(os.pathsep),
                *_LOADER_FOLDERS,
                *(f"{folder}/{machine}" for folder in _LOADER_FOLDERS),
            ]
        ),
        library_data=_existing(_LIBRARY_DATA),
    )


def _interpreter(program: Path, path: str) -> Iterator[str]:
    """What runs a program that is a script."""
    with program.open("rb") as file:
        line = file.readline(256)
    if line.startswith(b"#!"):
        yield from _found(os.fsdecode(line[2:]).split(), path)


def _found(names: Sequence[str], path: str) -> list[str]:
    return [found for name in names if (found := shutil.which(name, path=path)) is not None]


def _existing(paths: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(os.path.realpath(path) for path in paths if path and os.path.exists(path)))
