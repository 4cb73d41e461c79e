"""The program inside a chat model's answer is found and judged as the problem's own reference would be."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.grading.conftest import assert_problem, call_problem, problem_row, stdio_problem
from tests.grading.test_human_eval import problems_of
from tests.problems.published_samples import MBPP_FULL, MBPP_SANITIZED, apps_function_row
from workflow_scripts.core.published_rows import PublishedRow
from workflow_scripts.grading.code_grader import CodeGrader, Grade, Verdict
from workflow_scripts.grading.extraction import fenced_blocks, graded_pair, program_in
from workflow_scripts.problems.import_problems import converter, import_rows

DOUBLE = "def f(x):\n    return 2 * x\n"


def answer(code: str, tag: str = "python") -> str:
    return f"Here is a solution.\n\n```{tag}\n{code.rstrip()}\n```\n\nIt works by doing *what* was asked.\n"


def verdicts(grader: CodeGrader, problem: Mapping[str, Any], answers: Sequence[str]) -> list[Verdict]:
    grades = list(grader.grade_each(graded_pair("chat", problem, text) for text in answers))
    assert all(isinstance(grade, Grade) for grade in grades), grades
    return [grade.verdict for grade in grades if isinstance(grade, Grade)]


def test_an_answer_that_was_begun_goes_on_behind_the_prompt_up_to_its_fence() -> None:
    problem = {"prompt": "def f(x):\n", "completion_kind": "continuation"}
    for completion in (" return 2 * x\n", " return 2 * x\n```", " return 2 * x\n```\nIt doubles.\n```python\nno\n"):
        assert graded_pair("prefilled", problem, completion) == (problem, "    return 2 * x\n")
    assert graded_pair("prefilled", {**problem, "completion_kind": "program"}, DOUBLE)[1] == DOUBLE


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("no code", []),
        ("```\nx\n```", [("", "x\n")]),
        ("a\n``` Python \nx\n\ny\n```\nb\n~~~c++\nz\n~~~\n", [("python", "x\n\ny\n"), ("c++", "z\n")]),
        ("```python\nx\ny", [("python", "x\ny")]),
        ("1. so:\n   ```py\n   def f():\n       pass\n   ```\n2. done", [("py", "def f():\n    pass\n")]),
        ("````\n```\nx\n```\n````\ny", [("", "```\nx\n```\n")]),
        ('```py\ndef f():\n    """\n    ```\n    f()\n    ```\n    """\n```\n',
         [("py", 'def f():\n    """\n    ```\n    f()\n    ```\n    """\n')]),
        ("use `f` and ```g``` here", []),
        ("```python\r\nx\r\n```\r\nend", [("python", "x\r\n")]),
        ("```\n", [("", "")]),
        ('```python title="x.py"\nx\n```\n```{.py3 .numbers}\ny\n```', [("python", "x\n"), ("py3", "y\n")]),
        ("1. ```py\n   def f():\n       pass\n   ```\n2. done", [("py", "def f():\n    pass\n")]),
        ("- ```py\ndef f():\n  pass\n```\n", [("py", "def f():\n  pass\n")]),
        # What models make of it: an open draft, fences behind words.
        ("```python\nx\noh no\n~~~py\ny\n~~~\n", [("python", "x\noh no\n"), ("py", "y\n")]),
        ("```\nx\n```python\ny\n```\n", [("", "x\n"), ("python", "y\n")]),
        ("````markdown\n```python\nx\n```\n````\n", [("markdown", ""), ("python", "x\n"), ("", "")]),
        ("````python\nx = '''\n```python\n```\n'''\n````\n", [("python", "x = '''\n```python\n```\n'''\n")]),
        ("```python\ndef f():\n    '''\n    ```python\n    f()\n    ```\n    '''\n```",
         [("python", "def f():\n    '''\n    ```python\n    f()\n    ```\n    '''\n")]),
        ("Maybe ```Python\nx\n```\nno ```python``` here", [("python", "x\n")]),
        ("```python\n    return x```\nIt works.", [("python", "    return x")]),
    ],
)  # fmt: skip
def test_blocks_are_read_as_markdown_reads_them(text: str, blocks: list[tuple[str, str]]) -> None:
    assert fenced_blocks(text, "python") == blocks


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def f(): 1", "def f(): 1"),
        ("```\ndef f(): 1\n```\nbetter:\n```\ndef f(): 2\n```", "def f(): 2\n"),
        ("```python\ndef f(): 1\n```\nso\n```python\nprint(f())\n```", "def f(): 1\n"),
        ("```bash\npip install\n```\n```python\ndef f(): 1\n```\nprints\n```\n1\n```", "def f(): 1\n"),
        ("```\ndef f(): 1\n```\nrun it\n```bash\npython x.py\n```", "def f(): 1\n"),
        ("```python\ndef g(): 1\n```\n```python\ndef h(): 1\n```", "def h(): 1\n"),
        ("```javascript\nx\n```\n```java\ny\n```", "y\n"),
        ("```python\nf = lambda: 1\n```\n```python\nprint(f())\n```", "f = lambda: 1\n"),
        ("```\ndef f(): 1\n```\n```python\nprint(f())\n```", "def f(): 1\n"),
        ("```python\n    return 1\n```\n```python\n>>> f()\n```", "    return 1\n"),
        ("```python\ndef f(): 1\n```\nBetter:\n```python\n", "def f(): 1\n"),  # cut off
        ("```python\r\ndef f(): 1\r\n```\r\n```text\r\ndef f\r\n```\r\n", "def f(): 1\r\n"),
        # A closing fence that nobody opened.
        ("def f(): 1\n```\n", "def f(): 1\n"),
        ("def f(): 1\n```\nThe function f(x) gives 1.\n", "def f(): 1\n"),
        ("    return 1\n```\nIt gives 1.\n", "    return 1\n"),
        ("def f(): 1\n```\nTry it:\n```python\nprint(f())\n```\n", "def f(): 1\n"),
        ("def f(): 1\n```\nIt prints\n```\n1\n```\n", "def f(): 1\n"),
        ("def f(): 1\n```\n```\n", "def f(): 1\n"),
        ("Here it is:\n```\ndef f(): 1\n", "def f(): 1\n"),
        ("Complete it with\n```\n    return 1\n", "    return 1\n"),
    ],
)
def test_the_last_block_that_defines_the_entry_point_is_the_program(text: str, found: str) -> None:
    assert program_in(text, "python", "f") == found


READS = "a, b = map(int, input().split())\nprint(a + b)\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (READS + "```\n", READS),
        (READS + "```\nIt reads from stdin with `input()`, and prints.\n", READS),
        (f"```python\n{READS}```\nTry it:\n```python\nassert 3 + 4 == 7\n```\n", READS),
        (f"```\n{READS}```\nOutput:\n```\n7\n```\n", READS),
        (f"```python\nprint(1)\n```\nbetter\n```python\n{READS}```\n```pycon\n>>> print(3)\n```\n", READS),
        (f"```python\n{READS}```\n```python\n>>> print(3 + 4)\n7\n```\n", READS),
        ("```python\nsys.stdout.write('7')\n```\n```python\nx = 1\n```", "sys.stdout.write('7')\n"),
        ("```python\nimport os\nos.write(1, b'7')\n```\n```python\nx = 1\n```", "import os\nos.write(1, b'7')\n"),
        ("```python\nfor x in input().split(): y(x)\n```\n```python\nx = 1\n```", "for x in input().split(): y(x)\n"),
        ("```python\nx = 1\n```\n```python\ny = 1\n```", "y = 1\n"),
    ],
)  # fmt: skip
def test_where_no_function_is_asked_for_the_program_is_the_last_block_that_reads_or_prints(
    text: str, found: str
) -> None:
    assert program_in(text, "python", None) == found


def test_a_cpp_program_without_an_entry_point_is_the_last_block_with_a_main() -> None:
    main = "int main() { return 0; }\n"
    text = f"```cpp\nint a;\n```\n```c++17\n{main}```\nIn short\n```cpp\nint add(int a) {{ return a; }}\n```\n"
    assert program_in(f"{text}It prints\n```\n3\n```\n", "cpp", None) == main
    assert program_in(f"{main}```\nThe main() function ends.\n", "cpp", None) == main


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<think>\n```python\ndef f(): 0\n```\n</think>\ndef f(): 1", "\ndef f(): 1"),
        ("Maybe ```python\ndef f(): 0\n</think>```python\ndef f(): 1\n```", "def f(): 1\n"),
        ("<think>a</think>```python\ndef f(): 0\n```<think>b</think>\ndef f(): 1", "\ndef f(): 1"),
        ("<think>\n```python\ndef f(): 0\n```\n", ""),  # cut off while thinking
        ("```python\ndef f(): 1\n```\n<think>or\n```python\ndef f(): 0\n```\n", "def f(): 1\n"),
        ("def f(): return '</think>', \"<think>\"", "def f(): return '</think>', \"<think>\""),
    ],
)
def test_thoughts_are_no_answer(text: str, found: str) -> None:
    assert program_in(text, "python", "f") == found


def test_an_answer_is_read_in_time_proportional_to_its_length() -> None:
    # Few seconds where every text is read once; minutes where one is read anew from each of its places.
    program = """
import resource
from workflow_scripts.grading.extraction import program_in
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
for part in ("`", " ", "x", "```\\n", "```python\\n", "   ```py x\\n", "x ```py\\n", "<think>", "'</think>",
             "def f ", "in\\t"):
    for begin in ("", "```python\\n"):
        for entry_point in ("f", None):
            program_in(begin + part * (100_000 // len(part)) + "`x", "python", entry_point)
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_plain_completions_stay_what_they_are() -> None:
    problem = call_problem(([3], 6))
    same, text = graded_pair("plain", problem, "```python\nx\n```")
    assert same is problem
    assert text == "```python\nx\n```"
    with pytest.raises(ValueError, match="'chatty' is none of"):
        graded_pair("chatty", problem, "")


def test_whole_programs_by_calls_asserts_and_output(grader: CodeGrader) -> None:
    calls = call_problem(([3], 6), ([-1], -2))
    asserts = assert_problem("def check(candidate):\n    assert candidate(3) == 6\n")
    stdio = stdio_problem(("3\n", "6\n"), entry_point=None)
    right, wrong = answer(DOUBLE), answer(DOUBLE.replace("2", "3"))
    for problem in (calls, asserts):
        assert verdicts(grader, problem, [right, wrong]) == [Verdict.PASSED, Verdict.FAILED]
    assert verdicts(grader, stdio, [answer("print(2 * int(input()))\n"), answer("print(1)\n")]) == [
        Verdict.PASSED,
        Verdict.FAILED,
    ]


def test_ways_to_answer_a_prompt_that_is_to_be_completed(grader: CodeGrader) -> None:
    prompt = 'from math import prod\n\ndef f(x):\n    """The product."""\n'
    problem = problem_row(
        {"kind": "calls", "calls": [{"arguments": [[2, 3]], "expected": 6}]},
        prompt=prompt,
        completion_kind="continuation",
    )
    passing = [
        answer(prompt + "    return prod(x)\n"),
        answer("def f(x):\n    return prod(x)\n"),  # without the import that the prompt has
        answer("    return prod(x)\n"),  # the body alone
        "    return prod(x)\n",  # without a fence
        "```python\ndef f(x):\n    return prod(x)",  # cut off behind the program
        answer("from __future__ import annotations\nimport math\n\ndef f(x):\n    return math.prod(x)\n"),
        answer("def f(x):\n    return prod(x)\n\nif __name__ == '__main__':\n    print(f(None))\n"),
        answer("def f(x):\n    return prod(x)\n") + "Try it:\n```python\nprint(f([1]))\n```\n",
    ]
    failing = [
        answer("def f(x):\n    pass\n"),
        "I cannot do that.",
        "",
        answer(""),
        answer("def g(x):\n    return 6\n"),
    ]
    got = verdicts(grader, problem, [*passing, *failing])
    assert got[: len(passing)] == [Verdict.PASSED] * len(passing)
    assert Verdict.PASSED not in got[len(passing) :]

    # A prompt that is no program without a body, and does not end its line.
    bare = problem | {"prompt": "from math import prod\ndef f(x):"}
    assert verdicts(grader, bare, [passing[1], passing[2]]) == [Verdict.PASSED] * 2


def test_functions_of_apps_as_methods_and_as_functions(grader: CodeGrader) -> None:
    method = "class Solution:\n    def f(self, x: List[int]) -> int:\n        return reduce(gcd, x)\n"
    row = apps_function_row([[2]], method, "from functools import reduce\n" + method, [[[4, 6]]])
    (problem,) = import_rows([PublishedRow("row", row)], converter("apps"))
    assert isinstance(problem, dict)
    answers = [
        answer(problem["reference"]),
        answer("from functools import reduce\ndef f(x):\n    return reduce(gcd, x)\n"),
        answer(problem["reference"]) + "For example\n```python\nprint(Solution().f([4, 6]))\n```\n",
        answer(problem["reference"].replace("gcd", "max")),
    ]
    assert verdicts(grader, problem, answers) == [Verdict.PASSED] * 3 + [Verdict.FAILED]


def test_mbpp_references_as_answers(grader: CodeGrader) -> None:
    rows = [PublishedRow("row", row) for row in (MBPP_FULL, MBPP_SANITIZED)]
    for problem in import_rows(rows, converter("mbpp")):
        assert isinstance(problem, dict)
        right, wrong = verdicts(grader, problem, [answer(problem["reference"]), answer("x = 1\n")])
        assert right is Verdict.PASSED
        assert wrong is not Verdict.PASSED


@pytest.mark.parametrize(
    ("name", "file", "count"),
    [
        ("humaneval", "humaneval.jsonl.gz", 164),
        ("humaneval-xl", "humaneval_xl_python_chinese.jsonl", 80),
    ],
)
def test_references_of_human_eval_as_answers(name: str, file: str, count: int, grader: CodeGrader) -> None:
    problems = problems_of(name, file)
    assert len(problems) == count
    for problem in problems:
        program = problem["prompt"] + problem["reference"]
        right, wrong = verdicts(grader, problem, [answer(program), answer(problem["prompt"] + "    pass\n")])
        assert right is Verdict.PASSED, problem["task_id"]
        assert wrong is not Verdict.PASSED, problem["task_id"]


# 32, 38 and 50 have a helper function in the prompt that the tests or the answer use.
@pytest.mark.parametrize("number", [0, 32, 38, 50, 162])
def test_references_of_human_eval_x_as_answers(number: int, grader: CodeGrader) -> None:
    problem = problems_of("humaneval-x-cpp", "humaneval_x_cpp.jsonl.gz")[number]
    program = problem["prompt"] + problem["reference"]
    example = '\nint main() {\n    std::cout << "an example" << std::endl;\n}\n'
    own = program[program.rindex(_head_of(problem)) :]
    answers = [
        answer(program + example, "cpp"),  # repeats the helper function, and shows how it is used
        answer(own, "C++"),  # the entry point alone, without includes
        answer(problem["reference"], "cpp"),  # the body alone
        answer(own.partition("{")[0] + "{\n    return {};\n}\n", "cpp"),
    ]
    got = verdicts(grader, problem, answers)
    assert got[:3] == [Verdict.PASSED] * 3, problem["task_id"]
    assert got[3] is not Verdict.PASSED


def _head_of(problem: Mapping[str, Any]) -> str:
    """The line of the prompt that opens the entry point's body."""
    lines = [line for line in problem["prompt"].splitlines() if f"{problem['entry_point']}(" in line and "{" in line]
    return str(lines[-1])


def test_a_cpp_program_that_reads_its_input_keeps_its_main(grader: CodeGrader) -> None:
    problem = stdio_problem(("3\n", "6\n"), language="cpp", entry_point=None)
    program = "#include <iostream>\nint main() { int x; std::cin >> x; std::cout << 2 * x; }\n"
    assert verdicts(grader, problem, [answer(program, "cpp")]) == [Verdict.PASSED]
