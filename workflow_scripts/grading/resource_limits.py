"""The resource limits that a sandbox sets itself, whatever the shell's were, and what they need of the machine."""

import resource

from workflow_scripts.core.errors import UserError
from workflow_scripts.grading.roles import Confinement, Role

# The kernel's limit counts whole seconds, and is a backstop; the zygote's watch is exact.
CPU_BACKSTOP_SECONDS = 2


def open_files(role: Role | str) -> int:
    """How many files a process of a role may hold open."""
    return 256 if role == Role.COMPILER else 32


def require_granted(confinement: Confinement, cpu_seconds: float) -> None:
    """Raise UserError where this machine's hard limits are below what a sandbox sets: verdicts would depend on them."""
    for limit, letter, what, needed in (
        (resource.RLIMIT_STACK, "s", "KiB of stack", confinement.stack_bytes),
        (resource.RLIMIT_AS, "v", "KiB of address space", confinement.memory_bytes),
        (resource.RLIMIT_DATA, "d", "KiB of data", confinement.memory_bytes),
        (resource.RLIMIT_FSIZE, "f", "KiB of a file", confinement.file_bytes),
        (resource.RLIMIT_NOFILE, "n", "open files", open_files(confinement.role)),
    ):
        _require(limit, letter, what, needed)
    require_cpu_seconds(cpu_seconds)


def require_cpu_seconds(cpu_seconds: float) -> None:
    """Raise UserError where this machine ends a process before it had so much processor time."""
    _require(resource.RLIMIT_CPU, "t", "seconds of processor time", int(cpu_seconds) + CPU_BACKSTOP_SECONDS)


def _require(limit: int, letter: str, what: str, needed: int) -> None:
    soft, hard = resource.getrlimit(limit)
    if hard == resource.RLIM_INFINITY or hard >= needed:
        return
    try:
        # A superuser's sandboxes may have more than the shell; this process keeps its own, soft limit.
        resource.setrlimit(limit, (soft, needed))
    except (ValueError, OSError):
        unit = 1024 if what.startswith("KiB") else 1
        raise UserError(
            f"ulimit -H{letter}: this machine grants {hard // unit} {what} and the limits of grading need "
            f"{-(-needed // unit)}: raise it, or lower those limits (--help names their options)"
        ) from None
