"""The cells' formats at their edges."""

import pandas as pd
import pytest

from workflow_scripts.statistics.intervals import NO_WIDTH
from workflow_scripts.tables import cells
from workflow_scripts.tables.cell_records import Column, by_campaign_text, measured_text
from workflow_scripts.tables.rendering import Panel, Table, escape_latex, to_latex, to_markdown


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


def test_an_interval_of_width_0_is_marked_wherever_it_stands():
    assert cells.interval_cell(0.0, 0.0) == "[0.0, 0.0]†"
    assert cells.estimate_cell(20.0, 20.0, 20.0 + 1e-13, signed=True) == "+20.0 [+20.0, +20.0]†"
    assert cells.interval_cell(0.0, 0.04) == "[0.0, 0.0]"
    record = dict.fromkeys(("text", "n_seeds")) | {"status": "measured", "n_unit": "seed", "method": "m", "n": 5}
    record |= {"value": 1.0, "low": 1.0, "high": 1.0, "campaign_low": 0.5, "campaign_high": 0.5}
    column = Column("end", "end", "fraction", 2)
    assert measured_text(record, column) == "1.00 [1.00, 1.00]† (n=5)"
    assert by_campaign_text(record, column) == "[0.50, 0.50]† (n=5)"


def test_the_mark_of_width_0_is_explained_where_it_is_used():
    marked, plain = (
        Table(6, "Ends", [Panel("Means", pd.DataFrame({"Mean": [cell]}), "l")], ["A note."])
        for cell in ("0.0 [0.0, 0.0]†", "0.0 [0.0, 0.1]")
    )
    assert to_markdown(marked).endswith(f"- A note.\n- † {NO_WIDTH}.\n")
    assert rf"A note. $\dagger$ {NO_WIDTH}." in to_latex(marked)
    assert to_markdown(plain).endswith("- A note.\n")
