"""Which compositions are refused, and that equal behaviour is seen."""

import pytest

from workflow_scripts.problems.generated.behaviour import accepted_signature, outputs, sample_inputs, signature
from workflow_scripts.problems.generated.catalogue import PRIMITIVES, compositions


@pytest.mark.parametrize(
    "composition",
    [
        ("sort_ascending", "sort_ascending"),  # the second step changes nothing
        ("reverse_list", "reverse_list"),  # as if no step at all
        ("sort_ascending", "sum_numbers"),  # equals its second step
        ("sort_ascending", "reverse_list"),  # equals a primitive that is not among its steps
        ("first_three", "count_numbers"),  # constant
        ("five_multiples", "count_numbers"),  # constant
        ("differences", "sort_descending", "checksum"),  # equals itself without a step
        ("square", "square"),  # leaves the bounds
        ("uppercase_text", "count_vowels"),  # constant
        ("double_numbers", "sort_ascending", "reverse_list"),  # equals a shorter one
        ("keep_positive", "keep_even", "keep_positive"),  # an idle last step
    ],
)
def test_refused(composition):
    assert accepted_signature(composition) is None


@pytest.mark.parametrize("composition", [("keep_even", "sum_numbers"), ("differences", "keep_positive", "checksum")])
def test_accepted(composition):
    assert accepted_signature(composition) is not None


def test_every_primitive_alone_is_accepted():
    assert [c for c in compositions(1) if accepted_signature(c) is None] == []


def test_compositions_that_compute_the_same_share_a_signature():
    first, second = ("double_numbers", "negate_numbers"), ("negate_numbers", "double_numbers")
    assert accepted_signature(first) == accepted_signature(second)
    assert accepted_signature(first) != accepted_signature(("double_numbers", "reverse_list"))


def test_outputs_follow_the_steps_and_the_signature_knows_the_input_type():
    results = outputs(("keep_even", "sum_numbers"))
    assert results == [sum(v for v in x if v % 2 == 0) for x in sample_inputs("ints")]
    assert signature(("sum_numbers",), results) != signature(("text_length",), results)


def test_compositions_are_type_compatible():
    for composition in compositions(2):
        first, second = (PRIMITIVES[name] for name in composition)
        assert first.output_type == second.input_type
