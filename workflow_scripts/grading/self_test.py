"""What a grader does before it trusts itself: it runs programs that try what each layer forbids, and known verdicts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workflow_scripts.core.errors import UserError
from workflow_scripts.grading.verdicts import Grade, InfrastructureError, Verdict

ACTIVE = "active"

Run = Callable[[Mapping[str, Any], Sequence[str]], list[Grade]]

# Of each layer: a program that does what the layer forbids, and the verdict that shows that the layer stopped it.
_PROBES = {
    "rlimits": ("def probe(size):\n    return len(bytearray(size))\n", Verdict.MEMORY_LIMIT),
    "no_new_privs": (
        "import ctypes\n\ndef probe(size):\n    return ctypes.CDLL(None).prctl(39, 0, 0, 0, 0)\n",
        Verdict.PASSED,
    ),
    "landlock": (
        "import errno, os\n\ndef probe(size):\n"
        "    for attempt in (lambda: os.listdir('/'), lambda: open('/etc/passwd'), lambda: open('/dev/null', 'wb')):\n"
        "        try:\n            attempt()\n            return 0\n"
        "        except OSError as error:\n            if error.errno != errno.EACCES:\n                return 0\n"
        "    return 1\n",
        Verdict.PASSED,
    ),
    "seccomp": ("import _socket\n\ndef probe(size):\n    return len([_socket.socket()])\n", Verdict.FORBIDDEN),
}
_SPLIT_ASSERTS = "split_asserts"
_UNSPLIT_REASON = "assert tests run inside the program's own process"


def measure_layers(run: Run, memory_bytes: int, refused: Mapping[str, str]) -> dict[str, str]:
    """Each layer: "active", the reason ``refused`` gives, or what its probe could do."""
    layers = {}
    for layer, (program, stopped) in _PROBES.items():
        # A program that asks for all the memory it may have at once must not get it.
        grade = run(_problem("probe", [memory_bytes], 1), [program])[0]
        reason = refused.get(layer, f"its probe was not stopped: {grade.verdict} ({grade.detail})")
        layers[layer] = ACTIVE if grade.verdict is stopped else reason
    layers[_SPLIT_ASSERTS] = _UNSPLIT_REASON
    return layers


def require_layers(layers: Mapping[str, str], required: Sequence[str]) -> None:
    """Raise UserError for the first required layer that is unknown or not active."""
    for layer in required:
        if layer not in layers:
            raise UserError(f"required layer {layer!r}: unknown; this sandbox has {', '.join(layers)}")
        if layers[layer] != ACTIVE:
            raise UserError(
                f"required layer {layer!r} is not active on this machine: {layers[layer]}; "
                "grade on a machine that has it, or stop requiring it"
            )


def check_known_verdicts(run: Run) -> None:
    """Raise InfrastructureError unless a right program passes and a wrong one fails."""
    programs = ["def add(a, b):\n    return a + b\n", "def add(a, b):\n    return a - b\n"]
    verdicts = [grade.verdict for grade in run(_problem("add", [2, 3], 5), programs)]
    if verdicts != [Verdict.PASSED, Verdict.FAILED]:
        raise InfrastructureError(
            f"the sandbox grades a right and a wrong program as {', '.join(verdicts)} instead of passed, failed; "
            "are the limits too low for an interpreter to start?"
        )


def _problem(entry_point: str, arguments: list[Any], expected: Any) -> dict[str, Any]:
    calls = [{"arguments": arguments, "expected": expected}]
    return {"entry_point": entry_point, "tests": {"kind": "calls", "calls": calls}}
