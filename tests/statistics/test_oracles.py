"""The online early-stop oracle on campaigns walked by hand, and what it can never do."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.makers.synthetic_statistics import stopped_after
from workflow_scripts.statistics.oracles import EarlyStop, early_stop

RULE = EarlyStop(declines=3, size=0.02)

BY_HAND = [
    # Peak 0.5 at step 2; steps 3, 4 and 5 lie 0.1, 0.2 and 0.1 below it: stop after 5, and 0.9 at step 6 is never seen.
    ("three below the peak", [0.3, 0.5, 0.4, 0.3, 0.4, 0.9], (5, 0.5)),
    # They need not fall: 0.4 three times is 0.1 below the peak each time.
    ("three that stay below", [0.5, 0.4, 0.4, 0.4, 0.6], (4, 0.5)),
    # Step 4 is 0.01 below the peak, no decline: the count starts anew at step 5 and reaches 3 at step 7.
    ("a near return starts anew", [0.5, 0.4, 0.4, 0.49, 0.4, 0.4, 0.4, 0.8], (7, 0.5)),
    # Step 4 is the new peak, 0.6; steps 5 and 6 are below it, the campaign ends before a third.
    ("a new peak starts anew", [0.5, 0.4, 0.4, 0.6, 0.5, 0.5], (6, 0.6)),
    # Falls of 0.01 add up: steps 2 and 3 are within 0.02 of 0.5, steps 4 to 6 are 0.03, 0.04 and 0.05 below it.
    ("small falls add up", [0.5, 0.49, 0.48, 0.47, 0.46, 0.45, 0.44], (6, 0.5)),
    # 0.5 - 0.48 is 0.02 and a last bit: not more than 0.02. Steps 5 to 7 count; with 2 to 4 it would stop after 4.
    ("exactly the size is no decline", [0.5, 0.48, 0.48, 0.48, 0.4, 0.4, 0.4, 0.4], (7, 0.5)),
    ("never stopped", [0.1, 0.2, 0.3, 0.4], (4, 0.4)),
    ("one step", [0.25], (1, 0.25)),
]


@pytest.mark.parametrize(("rates", "found"), [case[1:] for case in BY_HAND], ids=[case[0] for case in BY_HAND])
def test_by_hand(rates: list[float], found: tuple[int, float]) -> None:
    assert early_stop(rates, RULE) == found


def test_the_rule_is_what_is_asked_for() -> None:
    rates = [0.5, 0.4, 0.5, 0.4, 0.3, 0.9]
    assert early_stop(rates, EarlyStop(declines=1, size=0.02)) == (2, 0.5)
    assert early_stop(rates, EarlyStop(declines=2, size=0.02)) == (5, 0.5)
    assert early_stop(rates, EarlyStop(declines=1, size=0.15)) == (5, 0.5)
    assert early_stop(rates, EarlyStop(declines=1, size=0.5)) == (6, 0.9)


def test_nothing_to_stop_is_an_error() -> None:
    with pytest.raises(ValueError, match="without steps"):
        early_stop([], RULE)


@settings(deadline=None)
@given(st.lists(st.integers(0, 64).map(lambda passed: passed / 64), min_size=1, max_size=25))
def test_it_sees_the_past_alone_and_never_beats_hindsight(rates: list[float]) -> None:
    step, achieved = early_stop(rates, RULE)
    assert 1 <= step <= len(rates)
    assert step == stopped_after(rates)
    assert achieved == max(rates[:step]) <= max(rates)
    if step < len(rates):
        assert early_stop([*rates[:step], 1.0, 1.0], RULE) == (step, achieved)
