"""C++ references are compiled and run with their tests."""

import copy

import pytest

from workflow_scripts.core.errors import UserError
from workflow_scripts.problems.generate_problems import generate_problems
from workflow_scripts.problems.generated.verify_cpp import verify_cpp_references


@pytest.fixture(scope="module")
def rows():
    return generate_problems("py", "cpp", {1: 4, 2: 16, 3: 20}, 0, 6, 3)


def test_right_references_pass(rows):
    verify_cpp_references(rows)


def test_a_wrong_reference_is_found(rows):
    wrong = copy.deepcopy(rows[:1])
    wrong[0]["tests"]["code"] = "int main() {\n    assert((1 == 2));\n}\n"
    with pytest.raises(RuntimeError, match="Assertion"):
        verify_cpp_references(wrong)


def test_a_missing_compiler_is_named(rows, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match=r"g\+\+ was not found on PATH; install it"):
        verify_cpp_references(rows)
