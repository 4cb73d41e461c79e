"""The C++ compiler: its command lines, precompiled headers of the standard library, and a cache of what it made."""

import hashlib
import os
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
from workflow_scripts.grading.compiler_files import CompilerFiles, find_compiler_files, search_path
from workflow_scripts.grading.cpp_headers import CONTAINERS, STREAMS, WHOLE, Header, left_out
from workflow_scripts.grading.cpp_units import words_of
from workflow_scripts.grading.room import room_for, temporary_folder
from workflow_scripts.grading.verdicts import Grade, Verdict

_HEADER_SECONDS = 600
# One header takes this much; up to four are made.
_HEADER_BYTES = 120 << 20
_RUNTIME_BYTES = 4 << 20
_LEFT_OUT = "left_out.json"
# Without -pipe: a source that includes its own compiler's output would wait for it for ever.
# The first error decides; looking for the others, with names that could have been meant, takes longer than compiling.
_COMMON_FLAGS = ("-w", "-fno-diagnostics-show-caret", "-fmax-errors=1")


@dataclass(frozen=True)
class Dialect:
    """How a unit is compiled: the version of the language, the optimization, and the precompiled header before it."""

    standard: str
    optimization: str
    header: Header | None

    @property
    def flags(self) -> list[str]:
        """The compiler's flags; a precompiled header only serves the flags that it was made with."""
        return [f"-std={self.standard}", self.optimization, *_COMMON_FLAGS]


# The first that covers a unit of split tests is tried before the others.
PARTIAL_DIALECTS = tuple(Dialect("c++17", "-O0", header) for header in (CONTAINERS, STREAMS))
# Tried in turn while names clash. The precompiled header makes compiling three times as fast, but brings in every name
# of the standard library; where that is a clash, tests of asserts are compiled as HumanEval-X's harness does.
TEST_DIALECTS = (Dialect("c++17", "-O0", WHOLE), Dialect("c++11", "-O0", None))
SCRIPT_DIALECTS = (Dialect("c++17", "-O2", WHOLE), Dialect("c++17", "-O2", None))


class Toolchain:
    """A compiler and a folder where headers and compiled programs are kept; serves several threads.

    Without a ``folder`` they are kept in a temporary one until ``close``.
    """

    def __init__(self, folder: Path | None) -> None:
        self._given = folder
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._lock = threading.RLock()
        self._left_out: dict[Path, frozenset[str]] = {}

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
                self._temporary = tempfile.TemporaryDirectory(prefix="grading-", dir=temporary_folder())
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

    @cached_property
    def files(self) -> CompilerFiles:
        """What the compiler is made of."""
        return find_compiler_files(self.compiler)

    @property
    def readable(self) -> list[str]:
        """What the compiler must read, beside libraries."""
        return [*self.files.readable, str(self._folder / "headers")]

    @property
    def scratch(self) -> str:
        """An empty folder over which a compiling process lays its own."""
        return str(self._folder / "scratch")

    def prepare(self) -> None:
        """Make the folders."""
        for name in ("headers", "programs", "scratch"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)

    @cached_property
    def _fast_linker(self) -> list[str]:
        """The flag for a linker that is quicker than the default one, where the sandbox's search path leads to it."""
        flag = "-fuse-ld=gold"
        return [flag] if self._ask([flag, "-o", os.devnull], "int main() {}").returncode == 0 else []

    def covers(self, dialect: Dialect, unit: str) -> bool:
        """Whether a unit holds no word that the dialect's header leaves out of the standard library."""
        if dialect.header is None or not dialect.header.partial:
            return True
        folder = self._header(dialect, dialect.header).parent
        if folder not in self._left_out:
            self._left_out[folder] = frozenset(read_json(folder / _LEFT_OUT))
        return self._left_out[folder].isdisjoint(words_of(unit))

    def command(self, dialect: Dialect, definitions: Sequence[str] = ()) -> list[str]:
        """The compiler's command line but for its files; makes the precompiled header where it is missing."""
        start = [str(self.compiler), *dialect.flags]
        if dialect.header is None:
            return [*start, *definitions]
        header = self._header(dialect, dialect.header)
        if not dialect.header.partial:
            return [*start, *definitions, "-include", str(header)]
        # The definitions are the runtime's, which has the unit's flags: of a function in both, either serves. The
        # folder's own <bits/stdc++.h> is empty, lest the rest of the library be read from its sources.
        runtime = self._runtime(dialect, dialect.header, header.parent, definitions)
        return [*start, "-s", *self._fast_linker, f"-I{header.parent}", str(runtime), "-include", str(header)]

    def _header(self, dialect: Dialect, content: Header) -> Path:
        with self._lock:
            header = self._folder / "headers" / self._name(*dialect.flags, content.text) / "standard.hpp"
            compiled = header.with_suffix(".hpp.gch")
            if not compiled.exists():
                with room_for(self._folder, _HEADER_BYTES, "the compiler's headers"):
                    self._make_header(dialect, content, header, compiled)
        return header

    def _make_header(self, dialect: Dialect, content: Header, header: Path, compiled: Path) -> None:
        header.parent.mkdir(parents=True, exist_ok=True)
        header.write_text(content.text)
        if content.partial:
            (header.parent / "bits").mkdir(exist_ok=True)
            (header.parent / "bits" / "stdc++.h").write_text("")
            words = left_out(
                content,
                lambda text: self._preprocessed(dialect, text),
                lambda text: self._ask([*dialect.flags, "-fsyntax-only", "-fmax-errors=0"], text).stderr,
            )
            write_json(header.parent / _LEFT_OUT, sorted(words))
        self._make([*dialect.flags, "-x", "c++-header", str(header)], compiled)

    def _runtime(self, dialect: Dialect, content: Header, folder: Path, definitions: Sequence[str]) -> Path:
        with self._lock:
            compiled = folder / f"{self._name(*definitions, content.runtime)}.o"
            if not compiled.exists():
                source = folder / "runtime.cpp"
                with room_for(self._folder, _RUNTIME_BYTES, "the runtime of split tests"):
                    source.write_text(content.runtime)
                    self._make([*dialect.flags, *definitions, "-c", str(source)], compiled)
        return compiled

    def _name(self, *parts: str) -> str:
        return hashlib.sha256("\0".join([self.identity, *parts]).encode()).hexdigest()[:16]

    def _make(self, arguments: Sequence[str], target: Path) -> None:
        with atomic_path(target) as partial:
            command = [str(self.compiler), *arguments, "-o", str(partial)]
            subprocess.run(command, check=True, stderr=subprocess.PIPE, text=True, timeout=_HEADER_SECONDS)

    def _preprocessed(self, dialect: Dialect, text: str) -> str:
        done = self._ask([*dialect.flags, "-E", "-dD", "-P"], text)
        done.check_returncode()
        return done.stdout

    def _ask(self, flags: Sequence[str], text: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": search_path(self.compiler), "LC_ALL": "C"}
        command = [str(self.compiler), *flags, "-x", "c++", "-"]
        return subprocess.run(
            command, input=text, capture_output=True, text=True, env=environment, timeout=_HEADER_SECONDS
        )

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
