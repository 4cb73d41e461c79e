"""The C++ compiler: its command lines, precompiled headers of the standard library, and a cache of what it made."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import atomic_path, dump_json, read_json, sha256_file, write_text
from workflow_scripts.grading.cpp.compiled_cache import CompiledCache
from workflow_scripts.grading.cpp.compiler_files import CompilerFiles, find_compiler_files, search_path
from workflow_scripts.grading.cpp.cpp_headers import WHOLE, Header, left_out
from workflow_scripts.grading.cpp.cpp_units import words_of
from workflow_scripts.grading.cpp.dialects import SCRIPT_DIALECTS, Dialect
from workflow_scripts.grading.sandbox.room import room_for, temporary_folder

_HEADER_SECONDS = 600
# One header takes this much; up to five are made.
_HEADER_BYTES = 120 << 20
_FILE_BYTES = 4 << 20  # and what stands beside it
_LEFT_OUT = "left_out.json"
# Of an empty folder: the headers take half of it.
_ROOM_BYTES = 1 << 30
# What lies beside a header depends on this code too, and not on its text alone.
_CODE = b"".join((Path(__file__).parent / name).read_bytes() for name in ("cpp_headers.py", "cpp_units.py"))
# Headers of other compilers and versions of this code.
_UNUSED_DAYS = 30


class Toolchain:
    """A compiler and a folder where headers and compiled programs are kept; serves several threads.

    Without a ``folder`` they are kept in a temporary one until ``close``.
    """

    def __init__(self, folder: Path | None) -> None:
        self._given = folder
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._lock = threading.RLock()
        self._words: dict[Path, frozenset[str]] = {}
        self._checked: set[Path] = set()
        self._cache: CompiledCache | None = None

    def close(self) -> None:
        """Delete the temporary folder."""
        with self._lock:
            if self._temporary is not None:
                self._temporary.cleanup()
                self._cache = None
            self._temporary = None

    @property
    def _folder(self) -> Path:
        with self._lock:
            if self._given is not None and not self._usable:
                self._given = None
            if self._given is not None:
                return self._given.resolve()
            if self._temporary is None:
                self._temporary = tempfile.TemporaryDirectory(prefix="grading-", dir=temporary_folder())
                self._checked.clear()
            return Path(self._temporary.name).resolve()

    @cached_property
    def _usable(self) -> bool:
        """Whether the given folder takes what is made; said where it does not."""
        assert self._given is not None
        try:
            headers = self._given / "headers"
            headers.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=headers):
                reason = None
            if not any(headers.iterdir()) and (free := shutil.disk_usage(headers).free) < _ROOM_BYTES:
                reason = f"{free >> 20} MB are free, {_ROOM_BYTES >> 20} are needed"
        except OSError as error:
            reason = str(error.strerror)
        if reason is not None:
            print(f"{self._given}: {reason}: what is compiled is not kept", file=sys.stderr)
        return reason is None

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
        for folder in (self._folder / "headers").iterdir():
            if time.time() - folder.stat().st_mtime > _UNUSED_DAYS * 24 * 3600:
                shutil.rmtree(folder, ignore_errors=True)

    @property
    def cache(self) -> CompiledCache:
        """What was compiled before."""
        with self._lock:
            if self._cache is None:
                self._cache = CompiledCache(self._folder / "programs")
            return self._cache

    @cached_property
    def _fast_linker(self) -> list[str]:
        """The flag for a linker that is quicker than the default one, where the sandbox's search path leads to it."""
        flag = "-fuse-ld=gold"
        return [flag] if self._ask([flag, "-o", os.devnull], "int main() {}").returncode == 0 else []

    def covers(self, dialect: Dialect, unit: str) -> bool:
        """Whether a unit holds no word that the dialect's header leaves out of the standard library."""
        if dialect.header is None or not dialect.header.partial:
            return True
        return self._read_words(self._header(dialect, dialect.header).parent / _LEFT_OUT).isdisjoint(words_of(unit))

    def new_names(self, dialect: Dialect) -> frozenset[str]:
        """The words that the standard library has in a dialect and not in the one that scripts are compiled in first.

        None where the compiler does not know the dialect.
        """
        first, path = SCRIPT_DIALECTS[0], self._headers(dialect, WHOLE.text) / "new_names.json"

        def find() -> set[str]:
            done = self._ask([*dialect.flags, "-E", "-dD", "-P"], WHOLE.text)
            return words_of(done.stdout) - words_of(self._preprocessed(first, WHOLE.text))

        self._kept(path, lambda partial: partial.write_text(dump_json(sorted(find()))))
        return self._read_words(path)

    def _read_words(self, path: Path) -> frozenset[str]:
        if path not in self._words:
            self._words[path] = frozenset(read_json(path))
        return self._words[path]

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

    def _headers(self, dialect: Dialect, text: str) -> Path:
        return self._folder / "headers" / self._name(*dialect.flags, text)

    def _header(self, dialect: Dialect, content: Header) -> Path:
        header = self._headers(dialect, content.text) / "standard.hpp"
        self._kept(header, lambda partial: partial.write_text(content.text))
        if content.partial:
            self._kept(header.parent / "bits" / "stdc++.h", lambda partial: partial.write_text(""))
            self._kept(
                header.parent / _LEFT_OUT,
                lambda partial: partial.write_text(dump_json(sorted(self._left_out(dialect, content)))),
            )
        self._kept(
            header.with_suffix(".hpp.gch"),
            lambda partial: self._make([*dialect.flags, "-x", "c++-header", str(header)], partial),
            _HEADER_BYTES,
        )
        return header

    def _left_out(self, dialect: Dialect, content: Header) -> set[str]:
        return left_out(
            content,
            lambda text: self._preprocessed(dialect, text),
            lambda text: self._ask([*dialect.flags, "-fsyntax-only", "-fmax-errors=0"], text).stderr,
        )

    def _runtime(self, dialect: Dialect, content: Header, folder: Path, definitions: Sequence[str]) -> Path:
        source, compiled = folder / "runtime.cpp", folder / f"{self._name(*definitions, content.runtime)}.o"
        self._kept(source, lambda partial: partial.write_text(content.runtime))
        self._kept(compiled, lambda partial: self._make([*dialect.flags, *definitions, "-c", str(source)], partial))
        return compiled

    def _kept(self, path: Path, make: Callable[[Path], object], needed_bytes: int = _FILE_BYTES) -> None:
        """Make a file where it is missing or not what it was when it was made, which is checked on first use."""
        with self._lock:
            if path in self._checked:
                return
            digest = path.with_name(f"{path.name}.sha256")
            if not (path.is_file() and digest.is_file() and digest.read_bytes() == sha256_file(path).encode()):
                with room_for(self._folder, needed_bytes, "the compiler's headers"):
                    with atomic_path(path) as partial:
                        make(partial)
                        made = sha256_file(partial)
                    write_text(digest, made)
            os.utime(path.parent)  # in use
            self._checked.add(path)

    def _name(self, *parts: str) -> str:
        return hashlib.sha256(_CODE + "\0".join([self.identity, *parts]).encode()).hexdigest()[:16]

    def _make(self, arguments: Sequence[str], target: Path) -> None:
        command = [str(self.compiler), *arguments, "-o", str(target)]
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
