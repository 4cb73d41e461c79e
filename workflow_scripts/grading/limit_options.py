"""The options that the grading command lines share: the limits that programs run under, and the layers they ask for."""

import argparse
import dataclasses
import difflib
from typing import Any

from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import parse_json, read_json
from workflow_scripts.grading.code_grader import Limits

DEFAULT_LIMITS = Limits(
    cpu_seconds=1.0,
    wall_seconds=10.0,
    memory_bytes=512 << 20,
    stack_bytes=256 << 20,
    output_bytes=256 << 10,
    time_limit_factor=3.0,
    compile_cpu_seconds=10.0,
    compile_memory_bytes=2 << 30,
)
# All that a machine without user namespaces has too.
DEFAULT_LAYERS = ("rlimits", "no_new_privs", "capabilities", "landlock", "seccomp", "split_tests")

# Option, field of Limits, how many of the field's unit are one of the option's, and what it bounds.
_OPTIONS = (
    ("--cpu-seconds", "cpu_seconds", 1, "processor time of a program whose problem has no limit of its own"),
    ("--wall-seconds", "wall_seconds", 1, "time that a program may sleep or wait"),
    ("--memory-mib", "memory_bytes", 1 << 20, "address space of a program"),
    ("--stack-mib", "stack_bytes", 1 << 20, "stack of a program, of its address space"),
    ("--output-kib", "output_bytes", 1 << 10, "size of what a program answers or prints"),
    ("--time-limit-factor", "time_limit_factor", 1, "what a problem's own time limit is multiplied by"),
    ("--compile-cpu-seconds", "compile_cpu_seconds", 1, "processor time of the compiler"),
    ("--compile-memory-mib", "compile_memory_bytes", 1 << 20, "address space of the compiler"),
)


def add_limit_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--require``, ``--limits`` and one option for each limit."""
    parser.add_argument(
        "--require",
        nargs="*",
        default=list(DEFAULT_LAYERS),
        metavar="LAYER",
        help=f"layers of isolation that must be active (default: {' '.join(DEFAULT_LAYERS)})",
    )
    group = parser.add_argument_group("limits of a program")
    group.add_argument(
        "--limits", metavar="JSON", help="object with some or all limits, or a file of one; an option overrides it"
    )
    for option, field, unit, what in _OPTIONS:
        default = getattr(DEFAULT_LIMITS, field) / unit
        group.add_argument(option, dest=field, type=_positive, metavar="N", help=f"{what} (default: {default:g})")


def limits_of(arguments: argparse.Namespace) -> Limits:
    """The limits that parsed arguments state: an option, else ``--limits``, else the default.

    Raises UserError where the file of ``--limits`` holds what is no limit.
    """
    limits = DEFAULT_LIMITS if arguments.limits is None else _limits_of_text_or_file(arguments.limits)
    given = {field: getattr(arguments, field) for _, field, _, _ in _OPTIONS}
    units = {field: unit for _, field, unit, _ in _OPTIONS}
    return _replace(limits, {field: value * units[field] for field, value in given.items() if value is not None})


def limits_of_json(text: str, option: str) -> Limits:
    """The limits of a JSON object on the command line, as rules pass them; what it leaves out has its default.

    Raises UserError where the text is no such object.
    """
    return _limits_of_object(parse_json(text, option), option)


def _limits_of_text_or_file(given: str) -> Limits:
    if given.lstrip().startswith("{"):
        return limits_of_json(given, "--limits")
    return _limits_of_object(read_json(given), given)


def _limits_of_object(content: Any, source: str) -> Limits:
    if not isinstance(content, dict):
        raise UserError(f"{source}: must be a JSON object of limits, such as {{'cpu_seconds': 1.0}}")
    fields = [field for _, field, _, _ in _OPTIONS]
    for key, value in content.items():
        if key not in fields:
            nearest = difflib.get_close_matches(key, fields, n=1, cutoff=0.0)[0]
            raise UserError(f"{source}: {key}: is no limit; the nearest is {nearest}")
        if type(value) not in (int, float) or value <= 0:
            raise UserError(f"{source}: {key}: {value!r} is not a number above 0")
    return _replace(DEFAULT_LIMITS, content)


def _replace(limits: Limits, values: dict[str, Any]) -> Limits:
    """``limits`` with other values, sizes as whole bytes."""
    whole: dict[str, Any] = {
        field: int(value) if field.endswith("_bytes") else float(value) for field, value in values.items()
    }
    return dataclasses.replace(limits, **whole)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return value
