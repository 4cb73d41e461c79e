"""The C++ compiler: its command lines, a precompiled header of the standard library, and a cache of what it made."""

import hashlib
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import atomic_path, read_json, write_json
from workflow_scripts.grading.verdicts import Grade, Verdict

_STANDARD_HEADER = "#include <bits/stdc++.h>\n"
_HEADER_SECONDS = 600
# Without -pipe: a source that includes its own compiler's output would wait for it for ever.
_COMMON_FLAGS = ("-w", "-fno-diagnostics-show-caret")


@dataclass(frozen=True)
class Dialect:
    """How a unit is compiled: the version of the language, the optimization, and whether the standard library's
    precompiled header comes first."""

    standard: str
    optimization: str
    precompiled: bool

    @property
    def flags(self) -> list[str]:
        """The compiler's flags; a precompiled header only serves the flags that it was made with."""
        return [f"-std={self.standard}", self.optimization, *_COMMON_FLAGS]


# Tried in turn while names clash. The precompiled header makes compiling three times as fast, but brings in every name
# of the standard library; where that is a clash, tests of asserts are compiled as HumanEval-X's harness does.
TEST_DIALECTS = (Dialect("c++17", "-O0", True), Dialect("c++11", "-O0", False))
SCRIPT_DIALECTS = (Dialect("c++17", "-O2", True), Dialect("c++17", "-O2", False))


class Toolchain:
    """A compiler and a folder where headers and compiled programs are kept; serves several threads.

    Without a ``folder`` they are kept in a temporary one until ``close``.
    """

    def __init__(self, folder: Path | None) -> None:
        self._given = folder
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._lock = threading.RLock()

    def close(self) -> None:
        """Delete the temporary folder."""
        with self._lock:
            if self._temporary is not None:
                self._temporary.cleanup()
            self._temporary = None

    @property
    def _folder(self) -> Path:
        if self._given is not None:
            return self._given.resolve()
        with self._lock:
            if self._temporary is None:
                self._temporary = tempfile.TemporaryDirectory(prefix="grading-")
            return Path(self._temporary.name).resolve()

    @cached_property
    def compiler(self) -> Path:
        """The compiler's path; raises UserError without one."""
        found = shutil.which("g++")
        if found is None:
            raise UserError("g++ was not found on PATH; install it (Debian, Ubuntu: apt install g++; conda: gxx)")
        return Path(found).resolve()

    @cached_property
    def identity(self) -> str:
        """What the compiler says of its version and its machine."""
        return subprocess.run([self.compiler, "-v"], capture_output=True, text=True, check=True).stderr

    @property
    def readable(self) -> list[str]:
        """Folders that the compiler must read, beside the system's."""
        return [str(path) for path in (self.compiler.parent.parent, self._folder / "headers")]

    @property
    def scratch(self) -> str:
        """An empty folder over which a compiling process lays its own."""
        return str(self._folder / "scratch")

    def prepare(self) -> None:
        """Make the folders."""
        for name in ("headers", "programs", "scratch"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)

    def command(self, dialect: Dialect, definitions: Sequence[str] = ()) -> list[str]:
        """The compiler's command line but for its files; makes the precompiled header where it is missing."""
        include = ["-include", str(self._header(dialect))] if dialect.precompiled else []
        return [str(self.compiler), *dialect.flags, *definitions, *include]

    def _header(self, dialect: Dialect) -> Path:
        with self._lock:
            name = hashlib.sha256("\0".join([self.identity, *dialect.flags]).encode()).hexdigest()[:16]
            header = self._folder / "headers" / name / "standard.hpp"
            compiled = header.with_suffix(".hpp.gch")
            if not compiled.exists():
                header.parent.mkdir(parents=True, exist_ok=True)
                header.write_text(_STANDARD_HEADER)
                with atomic_path(compiled) as partial:
                    command = [str(self.compiler), *dialect.flags, "-x", "c++-header", str(header), "-o", str(partial)]
                    subprocess.run(command, check=True, timeout=_HEADER_SECONDS)
        return header

    def key(self, unit: str, command: Sequence[str]) -> str:
        """Names what a command makes of a unit: a hash over the source, the flags and the compiler."""
        return hashlib.sha256("\0".join([self.identity, *command, unit]).encode("utf-8", "surrogatepass")).hexdigest()

    def remembered(self, key: str) -> Path | Grade | None:
        """What was made before: the program's file, or the grade of a unit that does not compile."""
        program, refusal = self._program(key), self._program(key).with_suffix(".json")
        if program.exists():
            return program
        if refusal.exists():
            content = read_json(refusal)
            return Grade(Verdict(content["verdict"]), content["detail"])
        return None

    def remember_program(self, key: str, content: bytes) -> None:
        """Keep a compiled program."""
        with atomic_path(self._program(key)) as partial:
            partial.write_bytes(content)

    def remember_refusal(self, key: str, grade: Grade) -> None:
        """Keep the grade of a unit that does not compile."""
        write_json(self._program(key).with_suffix(".json"), asdict(grade))

    def _program(self, key: str) -> Path:
        return self._folder / "programs" / key[:2] / key
