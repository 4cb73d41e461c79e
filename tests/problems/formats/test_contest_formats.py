"""Problems of APPS in the project's form."""

from typing import Any

import pytest

from tests.problems.published_samples import apps_function_row, apps_row
from tests.problems.test_import_problems import imported, run_calls
from workflow_scripts.problems.formats import published_problem


def test_apps_with_standard_input() -> None:
    python, cpp = (imported("apps", apps_row(), language=language)[0] for language in ("python", "cpp"))
    assert python["tests"] == {
        "kind": "stdio",
        "cases": [{"input": "1 2\n", "output": "3\n"}, {"input": "3 4\n", "output": "7"}],
    }
    assert (python["task_id"], python["entry_point"], python["completion_kind"]) == ("APPS/7", None, "program")
    assert python["reference"].startswith("a, b =")
    assert "Python 3" in python["prompt"]
    assert (cpp["language"], cpp["reference"], cpp["tests"]) == ("cpp", None, python["tests"])


CLASS = "class Solution:\n    def f(self, x: int) -> int:\n        "


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (apps_function_row([[2], [4]], "def f(x):\n\t", "def f(x):\n    return 2 * x"), [2, 4]),
        (apps_function_row([2, 4], CLASS, CLASS + "return 2 * x"), [2, 4]),
        (apps_function_row([[[1]], [[1, 2]]], "", "def f(x):\n    return list(range(1, x + 1))"), [[1], [1, 2]]),
        (apps_function_row([[1], [1, 2]], "", "def f(x):\n    return list(range(1, x + 1))"), [[1], [1, 2]]),
        (
            apps_function_row(
                [[1], [2]],
                "class Solution:\n    def f(self, x: int) -> List[int]:\n        ",
                "class Solution:\n    def f(self, x: int) -> List[int]:\n        return [x]",
            ),
            [[1], [2]],
        ),
        (apps_function_row([["b"]], "", "def f(x):\n    return x['a']", [[{"a": "b"}]]), ["b"]),
    ],
)
def test_apps_functions_and_methods_are_call_tests(row: dict[str, Any], expected: list[Any]) -> None:
    (problem,) = imported("apps", row)
    assert [call["expected"] for call in problem["tests"]["calls"]] == expected
    assert (problem["entry_point"], problem["completion_kind"]) == ("f", "continuation")
    run_calls(problem)


def test_an_apps_program_may_be_a_function_where_a_method_is_shown() -> None:
    (problem,) = imported("apps", apps_function_row([2, 4], CLASS, "def f(x):\n    return sum([x, x])"))
    run_calls(problem)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (apps_row() | {"input_output": ""}, "it has no tests"),
        (apps_row(input_output={"inputs": [], "outputs": []}), "it has no tests"),
        (apps_row(input_output={"inputs": [1], "outputs": ["1"]}), "a case is not text"),
        (apps_row(input_output={"fn_name": "__init__", "inputs": [[1]], "outputs": [1]}), "fn_name is '__init__'"),
        (apps_function_row([1], "", "", [[{"1": 2}]]), "a call takes or returns a dictionary with integer keys"),
        (apps_function_row([1], "", "", [2]), "the arguments of a call are not a list"),
        (apps_row(input_output={"inputs": ["1", "2"], "outputs": ["", " \n"]}), "its cases expect no output"),
        (apps_row(input_output={"inputs": ["1"], "outputs": ["1" * 2000]}), "a case expects more output than is"),
        (apps_function_row([None, None], "", "def f(x): pass"), "its calls all expect None"),
        (apps_function_row([float("nan")], "", ""), "it holds a number that JSON does not have"),
        (apps_function_row([float("inf")], "", ""), "it holds a number that JSON does not have"),
        (apps_row(question="half a pair: \ud800"), "it holds half of a surrogate pair"),
        (
            apps_row() | {"input_output": f'{{"inputs": [[1{"0" * 5000}]]}}'},
            "input_output holds a number with too many",
        ),
    ],
)
def test_apps_rows_that_do_not_fit_are_left_out(
    row: dict[str, Any], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published_problem, "LARGEST_EXPECTED_BYTES", 1999)
    (found,) = imported("apps", row)
    assert found.startswith(reason)
