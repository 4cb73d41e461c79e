"""What a grader does before it trusts itself: it runs programs that try what each layer forbids, and known verdicts."""

from collections.abc import Mapping, Sequence
from typing import Any

from workflow_scripts.core.errors import UserError
from workflow_scripts.grading.sandbox.roles import Role
from workflow_scripts.grading.verdicts import Grade, InfrastructureError, Verdict
from workflow_scripts.grading.worker import Worker

ACTIVE = "active"
LAYERS = ("rlimits", "no_new_privs", "capabilities", "landlock", "seccomp", "namespaces", "split_tests")

# Of each layer: a program that does what the layer forbids, and the verdict that shows that the layer stopped it.
_PROBES = {
    "rlimits": ("def probe(size):\n    return len(bytearray(size))\n", Verdict.MEMORY_LIMIT),
    "no_new_privs": (
        "import ctypes\n\ndef probe(size):\n    return ctypes.CDLL(None).prctl(39, 0, 0, 0, 0)\n",
        Verdict.PASSED,
    ),
    "capabilities": (
        "import ctypes, struct\n\ndef probe(size):\n    held = ctypes.create_string_buffer(24)\n"
        "    asked = ctypes.CDLL(None).capget(struct.pack('Ii', 0x20080522, 0), held)\n"
        "    return int(asked == 0 and not any(held.raw))\n",
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
    # Its parent is outside of the program's world.
    "namespaces": ("import os\n\ndef probe(size):\n    return int(os.getppid() == 0)\n", Verdict.PASSED),
    # A program that finds what is expected of it, or any word of the tests, returns it.
    "split_tests": (
        "import gc, sys\n\ndef probe(size):\n    frame, seen = sys._getframe(), list(gc.get_objects())\n"
        "    while frame:\n        seen.append(dict(frame.f_locals))\n        seen.append(dict(frame.f_globals))\n"
        "        frame = frame.f_back\n"
        "    words = [word for item in seen if isinstance(item, (dict, list, tuple)) for word in\n"
        "             (item.values() if isinstance(item, dict) else item) if isinstance(word, str)]\n"
        "    return max([word for word in words if word.startswith('sec' + 'ret-')], default='')\n",
        Verdict.FAILED,
    ),
}
_SECRET = "secret-f3a9"

# The same of compiled programs: the standard input names the layer, the verdict on "1" shows whether it held.
_COMPILED_PROBE = r"""
#include <bits/stdc++.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
bool closed(const char* path, const char* mode) { return !std::fopen(path, mode) && errno == EACCES; }
int main() {
    std::string layer, path;
    std::size_t size;
    std::cin >> layer >> size >> std::ws;
    bool held = false;
    std::uint32_t header[2] = {0x20080522, 0}, sets[6] = {1, 1, 1, 1, 1, 1};
    if (layer == "rlimits") held = !std::malloc(size);
    if (layer == "no_new_privs") held = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
    if (layer == "capabilities") held = !syscall(SYS_capget, header, sets) && !std::accumulate(sets, sets + 6, 0u);
    if (layer == "landlock") held = closed("/etc/passwd", "r") && closed("/tmp/probe", "w");
    if (layer == "seccomp") held = socket(AF_UNIX, SOCK_STREAM, 0) < 0;
    if (layer == "namespaces") held = getppid() == 0;
    if (layer == "private") {
        for (held = true; std::getline(std::cin, path);) held = held && !std::fopen(path.c_str(), "r");
    }
    std::cout << held;
}
"""
_FORBIDDEN_FILE = "/etc/passwd"

_ADD, _SUBTRACT = "def add(a, b):\n    return a + b\n", "def add(a, b):\n    return a - b\n"
_ADD_LINES, _SUBTRACT_LINES = (f"print(int(input()) {sign} int(input()))\n" for sign in "+-")
_ADD_CPP, _SUBTRACT_CPP = (f"int add(int a, int b) {{\n    return a {sign} b;\n}}\n" for sign in "+-")
_ADD_LINES_CPP, _SUBTRACT_LINES_CPP = (
    f"#include <iostream>\nint main() {{\n    int a, b;\n    std::cin >> a >> b;\n    std::cout << a {sign} b;\n}}\n"
    for sign in "+-"
)
_KNOWN: dict[tuple[str, str], tuple[dict[str, Any], str, str]] = {
    ("python", "calls"): ({"calls": [{"arguments": [2, 3], "expected": 5}]}, _ADD, _SUBTRACT),
    ("python", "asserts"): ({"code": "def check(candidate):\n    assert candidate(2, 3) == 5\n"}, _ADD, _SUBTRACT),
    ("python", "stdio"): ({"cases": [{"input": "2\n3\n", "output": "5"}]}, _ADD_LINES, _SUBTRACT_LINES),
    ("cpp", "asserts"): (
        {"code": "#include <cassert>\nint main() {\n    assert(add(2, 3) == 5);\n}\n"},
        _ADD_CPP,
        _SUBTRACT_CPP,
    ),
    ("cpp", "stdio"): ({"cases": [{"input": "2\n3\n", "output": "5"}]}, _ADD_LINES_CPP, _SUBTRACT_LINES_CPP),
}


def measure_layers(worker: Worker, memory_bytes: int) -> dict[str, str]:
    """Each layer: "active", the reason why the machine refused it, or what its probe could do."""
    layers = {}
    for layer in LAYERS:
        program, stopped = _PROBES[layer]
        expected = _SECRET if layer == "split_tests" else 1
        # A program that asks for all the memory it may have at once must not get it.
        calls = [{"arguments": [memory_bytes], "expected": expected}]
        grade = worker.judge(probe_problem("python", "probe", {"kind": "calls", "calls": calls}), program)
        refused = worker.refused_layers.get(Role.PYTHON, {})
        reason = refused.get(layer, f"its probe was not stopped: {grade.verdict} ({grade.detail})")
        layers[layer] = ACTIVE if grade.verdict is stopped else reason
    return layers


def measure_compiled_layers(worker: Worker, layers: Mapping[str, str], memory_bytes: int) -> dict[str, str]:
    """The layers as they hold for Python programs and for compiled ones; raises UserError without a compiler."""
    measured = dict(layers)
    for layer in LAYERS:
        if layer == "split_tests":
            continue  # no tests are compiled into a program
        grade = judge_compiled_probe(worker, f"{layer} {memory_bytes}")
        if grade.verdict is not (Verdict.FORBIDDEN if layer == "seccomp" else Verdict.PASSED):
            measured[layer] = f"of compiled programs, its probe was not stopped: {grade.verdict} ({grade.detail})"
    if worker.included_by_compiler([_FORBIDDEN_FILE]):
        measured["landlock"] = f"the compiler reads any file: {_FORBIDDEN_FILE}"
    return measured


def require_layers(layers: Mapping[str, str], required: Sequence[str]) -> None:
    """Raise UserError for the first required layer that is unknown or not active."""
    for layer in required:
        if layer not in layers:
            raise UserError(f"required layer {layer!r}: unknown; this sandbox has {', '.join(layers)}")
        if layers[layer] != ACTIVE:
            raise UserError(
                f"required layer {layer!r} is not active on this machine: {layers[layer]}; "
                "either grade where it is (docs/installing.md has what each needs), or take it out of required_layers "
                "(--require) and accept what it keeps out"
            )


def check_known_verdicts(worker: Worker, language: str, kind: str) -> None:
    """Raise InfrastructureError unless a right program passes tests of this kind and a wrong one fails."""
    tests, *programs = _KNOWN[language, kind]
    problem = probe_problem(language, "add", {"kind": kind} | tests)
    if language == "cpp" and kind == "asserts":
        problem["prompt"] = "int add(int a, int b) {\n"
    verdicts = [worker.judge(problem, program).verdict for program in programs]
    if verdicts != [Verdict.PASSED, Verdict.FAILED]:
        raise InfrastructureError(
            f"the sandbox grades a right and a wrong {language} program by {kind} as {', '.join(verdicts)} instead of "
            "passed, failed; are the limits too low for a program to start?"
        )


def judge_compiled_probe(worker: Worker, line: str) -> Grade:
    """The verdict on the probe of compiled programs: passed where it says, on this input, that it was held."""
    tests = {"kind": "stdio", "cases": [{"input": line, "output": "1"}]}
    return worker.judge(probe_problem("cpp", "main", tests), _COMPILED_PROBE)


def probe_problem(language: str, entry_point: str, tests: Mapping[str, Any]) -> dict[str, Any]:
    """A problem whose programs are the grader's own."""
    return {
        "task_id": "self-test",
        "language": language,
        "entry_point": entry_point,
        "prompt": "",
        "completion_kind": "program",
        "tests": tests,
    }
