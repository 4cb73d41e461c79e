"""A SLURM of one node on this machine, for tests: ``python -m tests.cluster.cluster up``.

``up`` writes /etc/slurm (the executor's job steps look nowhere else), starts munged, slurmctld and slurmd and waits
until the node is idle; ``down`` ends them by their process ids and removes what was written. Both may be repeated.
``check`` says in a line what is missing for it, and then ends with status 1.
It needs root, Debian's slurm-wlm and munge, and an /etc/slurm without another cluster's slurm.conf.
"""

import argparse
import contextlib
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable

import psutil

from tests.cluster.configuration import FOLDER, NODE, OURS, SETTINGS, gpu_devices, munge_socket, settings

DAEMONS = ("munged", "slurmctld", "slurmd")
PATIENCE = 30.0  # seconds for a daemon to start or to end


class ClusterError(Exception):
    """Why there can be no test cluster here, in one line."""


def why_not() -> str | None:
    """What this machine lacks for a test cluster; None where it lacks nothing."""
    if os.geteuid() != 0:
        return "a test cluster needs root: slurmd starts jobs for other users, and munge guards its key"
    missing = [name for name in (*DAEMONS, "sbatch", "squeue", "scontrol") if _program(name) is None]
    if missing:
        return f"no {', '.join(missing)} here; `apt-get install slurm-wlm munge` installs them"
    existing = SETTINGS / "slurm.conf"
    if existing.exists() and not existing.read_text().startswith(OURS):
        return f"{existing} is another cluster's; a test cluster would replace it"
    return None


def up() -> None:
    """Start what does not run yet, and wait until the node takes jobs."""
    if reason := why_not():
        raise ClusterError(reason)
    _write_settings()
    _make_devices()
    if not _alive("munged"):
        _start_munge()
    for daemon in ("slurmctld", "slurmd"):
        start(daemon)
    _wait("the node to be idle", lambda: node_state() in ("idle", "mixed", "allocated"))


def start(daemon: str) -> None:
    """Start slurmctld or slurmd if it does not run."""
    if _alive(daemon):
        return
    options = ["-N", NODE] if daemon == "slurmd" else []
    _call(_required(daemon), *options)
    _wait(f"{daemon} to start", lambda: _alive(daemon))


def kill(daemon: str) -> None:
    """End a daemon as a crash would."""
    pid = process_id(daemon)
    if pid is not None:
        os.kill(pid, signal.SIGKILL)
        _wait(f"{daemon} to end", lambda: not psutil.pid_exists(pid))


def down() -> None:
    """Cancel all jobs, end the daemons, remove the files."""
    if not FOLDER.exists():
        return
    if _alive("slurmctld"):
        with contextlib.suppress(subprocess.SubprocessError):
            subprocess.run(["scancel", "--user=root"], timeout=10, check=False)
    for daemon in reversed(DAEMONS):
        _end(daemon)
    for name in ("slurm.conf", "gres.conf"):
        path = SETTINGS / name
        if path.exists() and path.read_text().startswith(OURS):
            path.unlink()
    shutil.rmtree(FOLDER)


def status() -> str:
    lines = [f"{daemon}: {f'process {pid}' if (pid := process_id(daemon)) else 'not running'}" for daemon in DAEMONS]
    return "\n".join([*lines, f"node: {node_state()}"])


def node_state() -> str:
    """SLURM's word for the node's state; ``unreachable`` where the controller does not answer."""
    asked = subprocess.run(["sinfo", "-h", "-N", "-n", NODE, "-o", "%T"], capture_output=True, text=True, check=False)
    return asked.stdout.split("\n")[0].strip() if asked.returncode == 0 and asked.stdout else "unreachable"


def process_id(daemon: str) -> int | None:
    """The id of a daemon that ``up`` started and that runs."""
    try:
        pid = int((FOLDER / f"{daemon}.pid").read_text())
        return pid if psutil.Process(pid).name() == daemon else None
    except (FileNotFoundError, ValueError, psutil.Error):
        return None


def _alive(daemon: str) -> bool:
    return process_id(daemon) is not None


def _end(daemon: str) -> None:
    pid = process_id(daemon)
    if pid is None:
        return
    process = psutil.Process(pid)
    process.terminate()
    try:
        process.wait(PATIENCE)
    except psutil.TimeoutExpired:
        process.kill()


def _write_settings() -> None:
    host = socket.gethostname().partition(".")[0]
    memory_mb = psutil.virtual_memory().total // 2**20
    SETTINGS.mkdir(exist_ok=True)
    FOLDER.mkdir(mode=0o755, exist_ok=True)
    for folder in ("state", "spool"):
        (FOLDER / folder).mkdir(exist_ok=True)
    for name, text in settings(host, memory_mb).items():
        (SETTINGS / name).write_text(text)


def _make_devices() -> None:
    for device in gpu_devices():
        if not device.exists():
            os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))  # what /dev/null is


def _start_munge() -> None:
    folder = munge_socket().parent
    folder.mkdir(mode=0o755, exist_ok=True)
    key = folder / "key"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_bytes(os.urandom(128))
    files = {
        "key-file": key,
        "log-file": folder / "log",
        "pid-file": FOLDER / "munged.pid",
        "seed-file": folder / "seed",
    }
    options = [f"--{name}={path}" for name, path in files.items()]
    _call(_required("munged"), "--force", f"--socket={munge_socket()}", *options)
    _wait("munged to start", lambda: _alive("munged") and munge_socket().exists())


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin{os.pathsep}/sbin")


def _required(name: str) -> str:
    program = _program(name)
    if program is None:
        raise ClusterError(f"no {name} here; `apt-get install slurm-wlm munge` installs it")
    return program


def _call(*command: str) -> None:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    if done.returncode != 0:
        raise ClusterError(f"{command[0]}: {(done.stderr or done.stdout).strip()}")


def _wait(what: str, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            raise ClusterError(f"waited {PATIENCE:.0f} s for {what}; see the logs in {FOLDER}")
        time.sleep(0.1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["up", "down", "status", "check"])
    action = parser.parse_args().action
    try:
        if action == "status":
            print(status())
        elif action == "check":
            if reason := why_not():
                raise ClusterError(reason)
        else:
            {"up": up, "down": down}[action]()
    except ClusterError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
