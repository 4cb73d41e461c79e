"""The cells' formats at their edges."""

import pandas as pd
import pytest

from workflow_scripts.statistics.intervals import NO_WIDTH
from workflow_scripts.tables.frame.cells import (
    by_campaign_text,
    estimate_text,
    interval_text,
    measured_text,
    number_text,
    p_value_text,
)
from workflow_scripts.tables.frame.records import Column, Estimate, Interval, Record, Row, SignFlip
from workflow_scripts.tables.frame.rendering import Panel, Table, escape_latex, to_frame, to_latex, to_markdown

PERCENT, POINTS = Column("end", "end"), Column("end", "end", "points", signed=True)


def record(ours: Estimate, column: Column = PERCENT) -> Record:
    return Record(Row("A0"), column, None, None, "measured", ours, Estimate())


@pytest.mark.parametrize(
    ("value", "digits", "signed", "text"),
    [(11.84, 1, False, "11.8"), (2.0, 1, True, "+2.0"), (-0.04, 1, True, "+0.0"), (-9.06, 1, True, "-9.1"),
     (None, 1, True, "n/a"), (0.3427, 3, False, "0.343"), (-0.004, 2, True, "+0.00"), (36.4, 0, False, "36"),
     (None, 2, False, "n/a")],
)  # fmt: skip
def test_number_text(value, digits, signed, text):
    assert number_text(value, Column("x", "x", "fraction", digits, signed)) == text


def test_estimates_and_p_values():
    assert estimate_text(record(Estimate(11.8, interval=Interval(5.2, 18.3)))) == "11.8 [5.2, 18.3]"
    assert estimate_text(record(Estimate(11.8))) == "11.8 n/a"
    assert estimate_text(record(Estimate())) == "n/a"
    assert p_value_text(SignFlip(0.125, 0.0625)) == "0.1250 (0.0625)"
    assert p_value_text(SignFlip()) == "n/a"


def test_seeds_are_one_sorted_field_and_undefined_ones_left_out():
    seeds = {11: 18.1, 7: 11.8, 17: None}
    assert to_frame([record(Estimate(seeds=seeds))])["seeds"].tolist() == ["7:11.8;11:18.1"]


def test_escape_latex():
    assert escape_latex(r"a_b 50% {x} \n & #1 $") == r"a\_b 50\% \{x\} \textbackslash{}n \& \#1 \$"
    assert escape_latex("~^<>≈±†") == (
        r"\textasciitilde{}\textasciicircum{}\textless{}\textgreater{}$\approx$$\pm$$\dagger$"
    )
    assert escape_latex("-1.6 [-29.6, +6.6] A3-A0 qwen2-355k") == "$-$1.6 [$-$29.6, +6.6] A3-A0 qwen2-355k"


def test_an_interval_of_width_0_is_marked_wherever_it_stands():
    assert interval_text(Interval(0.0, 0.0), PERCENT) == "[0.0, 0.0]†"
    signed = record(Estimate(20.0, interval=Interval(20.0, 20.0 + 1e-13)), POINTS)
    assert estimate_text(signed) == "+20.0 [+20.0, +20.0]†"
    assert interval_text(Interval(0.0, 0.04), PERCENT) == "[0.0, 0.0]"
    ours = Estimate(1.0, n=5, unit="seed", interval=Interval(1.0, 1.0, "m"), by_campaign=Interval(0.5, 0.5))
    column = Column("end", "end", "fraction", 2)
    assert measured_text(record(ours, column)) == "1.00 [1.00, 1.00]† (n=5)"
    assert by_campaign_text(record(ours, column)) == "[0.50, 0.50]† (n=5)"


def test_the_mark_of_width_0_is_explained_where_it_is_used():
    marked, plain = (
        Table(6, "Ends", [Panel("Means", pd.DataFrame({"Mean": [cell]}), "l")], ["A note."])
        for cell in ("0.0 [0.0, 0.0]†", "0.0 [0.0, 0.1]")
    )
    assert to_markdown(marked).endswith(f"- A note.\n- † {NO_WIDTH}.\n")
    assert rf"A note. $\dagger$ {NO_WIDTH}." in to_latex(marked)
    assert to_markdown(plain).endswith("- A note.\n")
