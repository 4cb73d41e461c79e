"""The cells' formats at their edges."""

import pytest

from workflow_scripts.tables import cells
from workflow_scripts.tables.rendering import escape_latex


@pytest.mark.parametrize(
    ("value", "signed", "text"),
    [(11.84, False, "11.8"), (2.0, True, "+2.0"), (-0.04, True, "+0.0"), (-9.06, True, "-9.1"), (None, True, "n/a")],
)
def test_number_cell(value, signed, text):
    assert cells.number_cell(value, signed) == text


def test_estimate_and_p_value_cells():
    assert cells.estimate_cell(11.8, 5.2, 18.3) == "11.8 [5.2, 18.3]"
    assert cells.estimate_cell(11.8, None, None) == "11.8 n/a"
    assert cells.estimate_cell(None, None, None) == "n/a"
    assert cells.p_value_cell(0.125, 0.0625) == "0.1250 (0.0625)"
    assert cells.p_value_cell(None, None) == "n/a"


def test_seeds_text_is_sorted_and_leaves_undefined_out():
    assert cells.seeds_text({11: 18.1, 7: 11.8, 17: None}) == "7:11.8;11:18.1"


def test_escape_latex():
    assert escape_latex(r"a_b 50% {x} \n & #1 $") == r"a\_b 50\% \{x\} \textbackslash{}n \& \#1 \$"
    assert escape_latex("-1.6 [-29.6, +6.6] A3-A0 qwen2-355k") == "$-$1.6 [$-$29.6, +6.6] A3-A0 qwen2-355k"
