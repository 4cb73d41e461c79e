"""Compiled programs, and refusals of the compiler, that are kept from one run to the next.

Each stands in a file of its own behind a digest of its name and content: one that was damaged or cut is not there, and
is made anew. The digest is no seal: who may write into the folder decides verdicts. Several processes may share it.
"""

import contextlib
import hashlib
import json
import os
import sys
import threading
from dataclasses import asdict
from pathlib import Path

from workflow_scripts.core.files import atomic_path
from workflow_scripts.grading.verdicts import Grade, Verdict

# What is kept at most, of all processes together; the files that were used last stay.
KEPT_BYTES = 2 << 30
_LEFT_BY_PRUNING = 3 / 4
# A process looks again at what there is after it has written this part of it.
_WRITTEN_BETWEEN = 1 / 32
_PROGRAM, _REFUSAL = b"P", b"R"
_DIGEST_BYTES = hashlib.sha256().digest_size


class CompiledCache:
    """A folder of what was compiled, by key; serves several threads."""

    def __init__(self, folder: Path, kept_bytes: int = KEPT_BYTES) -> None:
        self._folder, self._kept_bytes = folder, kept_bytes
        self._lock = threading.Lock()
        self._written = kept_bytes  # unknown: look at the first chance
        self._complained = False

    def get(self, key: str) -> bytes | Grade | None:
        """What was made before: a program, or the grade of a unit that does not compile."""
        path = self._path(key)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        digest, kind, made = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:][:1], content[_DIGEST_BYTES + 1 :]
        if digest != _digest(key, kind, made):
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        if kind == _PROGRAM:
            return made
        refusal = json.loads(made)
        return Grade(Verdict(refusal["verdict"]), refusal["detail"])

    def put(self, key: str, made: bytes | Grade) -> None:
        """Keep a program or a refusal; where the folder takes nothing, that is said once and no more."""
        kind, content = (_PROGRAM, made) if isinstance(made, bytes) else (_REFUSAL, json.dumps(asdict(made)).encode())
        try:
            with atomic_path(self._path(key)) as partial:
                partial.write_bytes(_digest(key, kind, content) + kind + content)
        except OSError as error:
            if not self._complained:
                print(f"{self._folder}: {error.strerror}: what is compiled is not kept", file=sys.stderr)
            self._complained = True
            return
        with self._lock:
            self._written += len(content)
            if self._written > self._kept_bytes * _WRITTEN_BETWEEN:
                self._written = 0
                self._prune()

    def _prune(self) -> None:
        """Delete what was not used for longest, where there is too much. What others delete meanwhile is gone too."""
        found = []
        for path in self._folder.glob("*/*"):
            with contextlib.suppress(OSError):
                status = path.stat()
                found.append((status.st_mtime_ns, status.st_size, path))
        total = sum(size for _, size, _ in found)
        if total <= self._kept_bytes:
            return
        for _, size, path in sorted(found):
            with contextlib.suppress(OSError):
                path.unlink()
            total -= size
            if total <= _LEFT_BY_PRUNING * self._kept_bytes:
                return

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key


def _digest(key: str, kind: bytes, content: bytes) -> bytes:
    digest = hashlib.sha256(key.encode() + kind)
    digest.update(content)
    return digest.digest()
