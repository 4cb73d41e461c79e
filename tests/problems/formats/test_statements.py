"""Statements that give a tolerance or allow several answers are recognised, in the words of several contests."""

import pytest

from workflow_scripts.problems.formats.statements import allows_several_answers, stated_tolerance


@pytest.mark.parametrize(
    ("statement", "tolerance"),
    [
        ("Your answer will be considered correct if its absolute or relative error does not exceed $10^{-6}$.", 1e-6),
        ("Absolute or relative error should not be greater than 10^-9.", 1e-9),
        ("Your answer must have an absolute or relative error of at most 10^{ - 4}.", 1e-4),
        ("The answer is right if the absolute or relative error won't exceed 10 - 6.", 1e-6),
        ("with an absolute or relative error at most 10−6 from the judge's", 1e-6),
        ("with absolute error at most 10⁻⁵", 1e-5),
        ("Relative or absolute error of 1e-6 is allowed", 1e-6),
        ("The error must be less than 0.00001.", 1e-5),
        ("The output should not contain an absolute error greater than 1.0e-3", 1e-3),
        ("Answers within 10^-5 of the actual value will be accepted as correct.", 1e-5),
        ("Answers within $$$10^{-5}$$$ of the correct one are accepted.", 1e-5),
        ("Print the mean; it is correct within 0.001.", 1e-3),
        ("It is accepted if it is within 10^{-6} absolute or relative error.", 1e-6),
        ("absolute or relative error of less than or equal to 10**-7", 1e-7),
        ("Formally, the error is at most 1 \\times 10^{-8}", 1e-8),
        ("an absolute error of at most 10^{-3}, or a relative error of at most 10^{-6}", 1e-6),
        ("Your answer will be considered correct, if its relative or absolute error doesn't\nexceed 10 - 4.", 1e-4),
        ("Print it with absolute or relative error 10^{-6}.", 1e-6),
        ("The answer must be accurate to 0.0001.", 1e-4),
        ("Your answer may differ from the jury's by at most 0.01.", 1e-2),
    ],
)
def test_a_tolerance_is_found(statement: str, tolerance: float) -> None:
    assert stated_tolerance(f"You are given n.\n\nOutput\n\n{statement} Good luck.") == tolerance


@pytest.mark.parametrize(
    "statement",
    [
        "Print the sum of two numbers.",
        "Print the answer with exactly 6 digits after the point.",
        "The probability is at least 0.001, and 10^-3 is its unit.",
        "It is within 10 - 6 = 4 steps, and the program ends within 0.5 seconds.",
        "An error is printed where x is less than 0.",
        "The absolute value of a is at most 10^6. Each of 10^{-6} is a number.",
        "The error rate is below 0.1%.",
        "The difference of two terms is 0.01.",
        "They differ in at most 5 places, in the range 10-20.",
    ],
)
def test_other_numbers_are_none(statement: str) -> None:
    assert stated_tolerance(statement) is None


@pytest.mark.parametrize(
    "statement",
    [
        "If there are multiple answers, print any of them.",
        "If there are several solutions, output any.",
        "If there is more than one valid answer, you may print any.",
        "If there are many ways to do it, print any of them.",
        "Print any suitable array.",
        "Output any one of the possible strings.",
        "Any valid answer will be accepted.",
        "You can print the numbers in any order.",
        "Print the pairs in arbitrary order.",
        "In case of multiple possible solutions you can output either.",
        "If multiple solutions exist, print any one of them.",
        "Return any of them.",
        "If there are multiple optimal sequences, print any.",
        "If there are several such trees, you are allowed to output any of these.",
        "If more than one solution exists, any of them will be accepted.",
    ],
)
def test_several_answers_are_found(statement: str) -> None:
    assert allows_several_answers(f"You are given n.\n\nOutput\n\n{statement} Good luck.")


@pytest.mark.parametrize(
    "statement",
    [
        "Print the sum of two numbers.",
        "The points are given in any order.",
        "Can any of them be printed? Print YES or NO.",
        "If there are multiple answers, print the smallest.",
        "You can perform any of these operations any number of times.",
        "He can choose any one of n cards. Print the number of ways.",
        "Print -1 if there is no answer.",
    ],
)
def test_one_answer_is_none_of_them(statement: str) -> None:
    assert not allows_several_answers(statement)


def test_a_long_statement_ends() -> None:
    for text in (
        "error " * 4000,
        "print any " * 4000,
        "within 0." + "0" * 100_000,
        "10 " * 8000,
        "multiple " * 4000,
    ):
        assert stated_tolerance(text) is None
        assert not allows_several_answers(text)
