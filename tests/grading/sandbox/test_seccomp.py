"""The policy's numbers agree with the kernel's headers, and both filters are well formed on both machines."""

import re
import struct
from pathlib import Path

import pytest

from workflow_scripts.grading.sandbox.roles import Role
from workflow_scripts.grading.sandbox.seccomp import child_filter, zygote_filter
from workflow_scripts.grading.sandbox.seccomp_policy import (
    ALLOWED,
    ALLOWED_WITH,
    COMPILER_NEEDS,
    FORBIDDEN,
    NATIVE_ALLOWED,
    NATIVE_ALLOWED_WITH,
    NATIVE_REFUSED,
    ZYGOTE_ONLY,
    ZYGOTE_ONLY_BUT_FOR,
    ZYGOTE_ONLY_FORBIDDEN,
)

WITH_ARGUMENT = {name: numbers for name, (numbers, _, _) in (ALLOWED_WITH | ZYGOTE_ONLY_BUT_FOR).items()}
ALL_CALLS = ALLOWED | NATIVE_ALLOWED | FORBIDDEN | ZYGOTE_ONLY | ZYGOTE_ONLY_FORBIDDEN | WITH_ARGUMENT
HEADERS = [
    (0, ["/usr/include/x86_64-linux-gnu/asm/unistd_64.h"], {}),
    (1, ["/usr/include/asm-generic/unistd.h"], {"newfstatat": "fstatat"}),
]


def test_each_call_is_in_one_table() -> None:
    tables = (ALLOWED, NATIVE_ALLOWED, FORBIDDEN, ZYGOTE_ONLY, ZYGOTE_ONLY_FORBIDDEN, WITH_ARGUMENT)
    assert len(ALL_CALLS) == sum(len(table) for table in tables)


@pytest.mark.parametrize(("column", "headers", "names"), HEADERS, ids=["x86_64", "aarch64"])
def test_numbers_agree_with_the_headers(column: int, headers: list[str], names: dict[str, str]) -> None:
    present = [Path(header) for header in headers if Path(header).exists()]
    if not present:
        pytest.skip("the kernel's headers for this architecture are not installed")
    known: dict[str, int] = {}
    for name, number in re.findall(r"#define __NR(?:3264)?_(\w+) (\d+)", present[0].read_text()):
        known.setdefault(name, int(number))
    for name, numbers in ALL_CALLS.items():
        if column == 1 and numbers[column] is None:
            continue
        assert numbers[column] == known[names.get(name, name)], name


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("role", [*Role, None], ids=str)
def test_every_path_through_a_filter_returns(machine: str, role: Role | None) -> None:
    code = list(struct.iter_unpack("<HBBI", zygote_filter(machine, role) if role else child_filter(machine)))
    assert code[-1][0] == 0x06
    for position, (operation, if_true, if_false, _) in enumerate(code):
        if operation in (0x15, 0x35):
            assert position + 1 + max(if_true, if_false) < len(code)


def test_exceptions_by_role_name_calls_of_the_tables() -> None:
    assert set(NATIVE_REFUSED) <= set(FORBIDDEN)
    assert set(NATIVE_ALLOWED_WITH) <= set(NATIVE_REFUSED)
    assert all(NATIVE_ALLOWED_WITH[name][0] == FORBIDDEN[name] for name in NATIVE_ALLOWED_WITH)
    assert set(COMPILER_NEEDS) <= set(FORBIDDEN | ZYGOTE_ONLY_FORBIDDEN)
    for network in ("socket", "connect", "bind"):
        assert network not in (*COMPILER_NEEDS, *NATIVE_REFUSED)
