"""C++ problems and programs that the tests of split C++ share."""

from typing import Any

PREAMBLE = "#include <bits/stdc++.h>\nusing namespace std;\n"


def problem(head: str, code: str = "int main() {}", entry_point: str = "f") -> dict[str, Any]:
    return {
        "task_id": "cpp/1",
        "language": "cpp",
        "entry_point": entry_point,
        "prompt": f"{PREAMBLE}{head}\n",
        "completion_kind": "continuation",
        "tests": {"kind": "asserts", "code": f"#undef NDEBUG\n#include <assert.h>\n{code}"},
    }


def program_of(row: dict[str, Any], body: str) -> str:
    return f"{row['prompt']}{body}\n}}\n"


# ---- signatures
