"""Handmade rows in the published forms of MBPP, APPS and CodeContests, each with a published solution that is right."""

import json
from typing import Any

MBPP_FULL = {
    "task_id": 11,
    "text": "Write a function to double a number.",
    "code": "import math\r\ndef double(x):\r\n    return 2 * x",
    "test_list": ["assert double(1) == 2", "assert double(math.floor(2.5)) == 4 "],
    "test_setup_code": "",
    "challenge_test_list": ["assert double(10) == 20"],
}
MBPP_SANITIZED = {
    "source_file": "Benchmark.ipynb",
    "task_id": 56,
    "prompt": "Write a function to check if a number is even.",
    "code": "def half(n):\n    return n / 2\ndef check(n):\n    return half(n) == int(half(n))",
    "test_imports": ["import math"],
    "test_list": [
        "assert check(math.ceil(3.5)) == True",
        "assert check(3) == False",
        'assert not check(\n    len("""a\nb""")\n)',
    ],
}


def apps_row(**changes: Any) -> dict[str, Any]:
    """A row of APPS that reads standard input, with other values where ``changes`` has them."""
    row = {
        "problem_id": 7,
        "question": "Print the sum of two numbers.\n\n-----Input-----\nTwo numbers.",
        "solutions": ["a, b = map(int, input().split())\nprint(a + b)\n", "print(sum(map(int, input().split())))\n"],
        "input_output": {"inputs": ["1 2\n", ["3 4", ""]], "outputs": ["3\n", ["7"]]},
        "difficulty": "introductory",
        "url": "https://example.org/7",
        "starter_code": "",
    } | changes
    return {key: json.dumps(value) if key in ("solutions", "input_output") else value for key, value in row.items()}


def apps_function_row(
    outputs: list[Any], starter: str, solution: str, inputs: list[Any] | None = None
) -> dict[str, Any]:
    """A row of APPS that names a function ``f``; its inputs are 1, 2, ... where none are given."""
    given = [[number] for number in range(1, len(outputs) + 1)] if inputs is None else inputs
    tests = {"fn_name": "f", "inputs": given, "outputs": outputs}
    return apps_row(problem_id=8, input_output=tests, starter_code=starter, solutions=[solution])


def contest_row(**changes: Any) -> dict[str, Any]:
    """A row of CodeContests, with other values where ``changes`` has them."""
    return {
        "name": "76_B. Mice",
        "description": "Print the sum of two numbers.",
        "public_tests": {"input": ["1 2\n"], "output": ["3\n"]},
        "private_tests": {"input": ["5 6\n", "-1 1\n"], "output": ["11\n", "0\n"]},
        "generated_tests": {"input": ["2 2\n"], "output": ["4\n"]},
        "source": 2,
        "difficulty": 8,
        "solutions": {
            "language": [1, 2, 4, 3, 3],
            "solution": [
                "print sum(map(int, raw_input().split()))",
                "#include <iostream>\nint main() { int a, b; std::cin >> a >> b; std::cout << a + b << std::endl; }\n",
                "class Main {}",
                "print(sum(map(int, input().split())))\n",
                "print('another')\n",
            ],
        },
        "incorrect_solutions": {"language": [3], "solution": ["print(3)"]},
        "time_limit": {"seconds": 1, "nanos": 500000000},
        "memory_limit_bytes": 256000000,
        "input_file": "",
        "output_file": "",
    } | changes
