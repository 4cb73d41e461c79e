"""The resource limits that a sandbox sets itself, whatever the shell's were, and what they need of the machine."""

import resource

from workflow_scripts.core.errors import UserError
from workflow_scripts.grading.sandbox.roles import Confinement, Role

_KIB = 1024
# The kernel's limit counts whole seconds, and is a backstop; the zygote's watch is exact.
CPU_BACKSTOP_SECONDS = 2


def open_files(role: Role | str) -> int:
    """How many files a process of a role may hold open."""
    return 64 if role == Role.COMPILER else 32


def require_granted(confinement: Confinement, cpu_seconds: float) -> None:
    """Raise UserError where this machine's hard limits are below what a sandbox sets: verdicts would depend on them."""
    compiler = "compile_" if confinement.role == Role.COMPILER else ""
    memory = f"{compiler}memory_bytes"
    for limit, letter, setting, needed in (
        (resource.RLIMIT_STACK, "s", "stack_bytes", confinement.stack_bytes),
        (resource.RLIMIT_AS, "v", memory, confinement.memory_bytes),
        (resource.RLIMIT_DATA, "d", memory, confinement.memory_bytes),
        (resource.RLIMIT_FSIZE, "f", "a compiled program's size", confinement.file_bytes),
    ):
        _require(limit, letter, f"{setting} of {needed}", needed, _KIB)
    files = open_files(confinement.role)
    _require(resource.RLIMIT_NOFILE, "n", f"{files} open files", files)
    require_cpu_seconds(cpu_seconds, f"{compiler}cpu_seconds of {cpu_seconds:g}")


def require_cpu_seconds(cpu_seconds: float, what: str) -> None:
    """Raise UserError where this machine ends a process before it had so much processor time."""
    _require(resource.RLIMIT_CPU, "t", what, int(cpu_seconds) + CPU_BACKSTOP_SECONDS)


def _require(limit: int, letter: str, what: str, needed: int, unit: int = 1) -> None:
    soft, hard = resource.getrlimit(limit)
    if hard == resource.RLIM_INFINITY or hard >= needed:
        return
    try:
        # A superuser's sandboxes may have more than the shell; this process keeps its own, soft limit.
        resource.setrlimit(limit, (soft, needed))
    except (ValueError, OSError):
        raise UserError(
            f"{what}: this machine grants less, {hard // unit} by ulimit -H{letter} where {-(-needed // unit)} are "
            "needed; raise that, or lower the sandbox's limit"
        ) from None
