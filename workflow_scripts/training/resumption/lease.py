"""The lease of a campaign's folder: one writer at a time, on any number of hosts that share the file system.

``.lease.json`` names the holder and carries its heartbeat. It is written under another name and then linked to this
one, which only one process can; another makes ``.lease-after-TOKEN.json`` in the same way and renames it to that one.
So a kill leaves no lease without a name in it. A holder writes only through the file that it opened: one that was
suspended and overtaken never touches its successor's. Nothing rests on locks of the file system or on two hosts' clocks
agreeing.
"""

import hashlib
import json
import os
import sys
import threading
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

from workflow_scripts.core.errors import UserError
from workflow_scripts.training.resumption.lease_holder import Holder, is_gone, this_process

LEASE = ".lease.json"
BEAT_SECONDS = 5.0
TOLD_EVERY_SECONDS = 60.0
# Of one length, so that each heartbeat replaces the last one in place.
_LENGTH = 1024


class LeaseLost(UserError):
    """Another process holds the campaign's folder now: this one was taken for dead and must write nothing more."""


class Lease:
    """This process's claim to a folder: ``attempt`` until it is held, and ``release`` at the end.

    ``fingerprint`` stands for what the campaign is made from. A holder that is alive, or of which nobody here can know,
    is waited for up to ``wait`` seconds, and counts as dead when its heartbeat does not move for ``timeout`` seconds.
    """

    def __init__(self, folder: Path, fingerprint: str, timeout: float, wait: float) -> None:
        self.folder, self.fingerprint, self._timeout, self._wait = folder, fingerprint, timeout, wait
        self._me = this_process(uuid.uuid4().hex, fingerprint)
        self._descriptor: int | None = None
        self._beats = 0
        self._ended = threading.Event()
        self._heart = threading.Thread(target=self._beat, name="lease", daemon=True)
        self._began = time.monotonic()
        self._told: float | None = None
        self._seen: tuple[Holder, float] | None = None
        self.finished_before = False
        """Whether the lease was waited for, and its holder finished a campaign of the same fingerprint."""

    def attempt(self) -> bool:
        """Try once to hold the folder; says on standard error what it waits for, and raises UserError in the end."""
        self.folder.mkdir(parents=True, exist_ok=True)
        holder = current_holder(self.folder)
        if holder is None:
            held = self._create(self.folder / LEASE)
        elif reason := self._may_be_taken(holder):
            self.finished_before = self._told is not None and holder.finished(self.fingerprint)
            held = self._take_over(holder)
            if held and not holder.is_over:
                self._tell(f"{self.folder}: {holder} {reason}; this process takes its place")
        else:
            held = False
            self._await(holder)
        if held:
            self._heart.start()
        return held

    def confirm(self) -> None:
        """Raise LeaseLost where the folder is not this process's any more."""
        holder = current_holder(self.folder)
        if holder is None or holder.token != self._me.token:
            successor = "the lease was removed" if holder is None else f"{holder} took its place"
            raise LeaseLost(f"{self.folder}: {successor}; this process stops and writes nothing more")

    def release(self, status: str) -> None:
        """Give the folder to the next; ``status``: ``finished`` or ``stopped``. The file stays, as what is known."""
        if self._heart.is_alive():
            self._ended.set()
            self._heart.join()
        if self._descriptor is not None:
            with suppress(OSError):
                self._write(status)
            self._close()

    def _may_be_taken(self, holder: Holder) -> str | None:
        """Why nobody needs to wait for a holder; None where somebody must."""
        if holder.is_over:
            return "is done"
        if is_gone(holder, self._me):
            return "does not run any more"
        now = time.monotonic()
        if self._seen is None or self._seen[0] != holder:
            self._seen = holder, now
        silence = now - self._seen[1]
        return f"was not heard of for {silence:.0f} s" if silence > self._timeout else None

    def _await(self, holder: Holder) -> None:
        now = time.monotonic()
        if now - self._began > self._wait:
            raise UserError(
                f"{self.folder}: {holder} has been training this campaign for the {self._wait:.0f} s that "
                "--lease-wait allows; end it, or give it more time"
            )
        if self._told is None or now - self._told > TOLD_EVERY_SECONDS:
            self._tell(f"{self.folder}: {holder} is training this campaign; waiting for it")

    def _tell(self, words: str) -> None:
        self._told = time.monotonic()
        print(words, file=sys.stderr, flush=True)

    def _take_over(self, holder: Holder) -> bool:
        mine = self.folder / f".lease-after-{holder.token}.json"
        if not self._create(mine):
            return False
        found = current_holder(self.folder)
        if found is None or found.token != self._me.token:
            # Somebody else was faster, and what this file would follow is past.
            mine.unlink(missing_ok=True)
            self._close()
            return False
        # Of processes that died between creating and renaming.
        for leftover in self.folder.glob(".lease-after-*.json"):
            if leftover != mine:
                leftover.unlink(missing_ok=True)
        try:
            mine.replace(self.folder / LEASE)
        except FileNotFoundError:
            self._close()
            return False
        return True

    def _create(self, path: Path) -> bool:
        """Make ``path`` with this process's name in it, in one step; False where it is there already."""
        partial = self.folder / f".lease.{self._me.token}.partial"
        try:
            self._descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
            self._write("held")
            with suppress(FileExistsError):
                os.link(partial, path)
            # NFS may say that the file exists when it has just made it; the number of names tells.
            created = os.fstat(self._descriptor).st_nlink > 1
        except OSError as error:
            self._close()
            raise OSError(error.errno, error.strerror, str(path)) from None
        finally:
            partial.unlink(missing_ok=True)
        if not created:
            self._close()
        return created

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _beat(self) -> None:
        while not self._ended.wait(BEAT_SECONDS):
            # Where this fails others may take over, which the next step boundary finds out.
            with suppress(OSError):
                self._write("held")

    def _write(self, status: str) -> None:
        assert self._descriptor is not None
        self._beats += 1
        content = self._me.record() | {
            "status": status,
            "beats": self._beats,
            "heartbeat": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        os.pwrite(self._descriptor, (json.dumps(content).ljust(_LENGTH) + "\n").encode(), 0)
        # Other hosts see what is written when it leaves this one.
        os.fsync(self._descriptor)


def current_holder(folder: Path) -> Holder | None:
    """Who holds the folder or held it last; None where nobody ever did."""
    holder = _read(folder / LEASE)
    while holder is not None and (next_one := _read(folder / f".lease-after-{holder.token}.json")) is not None:
        holder = next_one
    return holder


def _read(path: Path) -> Holder | None:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        content: dict[str, Any] = json.loads(raw)
        return Holder(**content)
    except (ValueError, TypeError, RecursionError):
        # Being written, or not by us: a holder of whom nothing is known but whether the file changes.
        return Holder(token=hashlib.sha256(raw).hexdigest()[:32])
