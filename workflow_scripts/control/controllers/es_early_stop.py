"""ES, the deployed early stop: the next campaign ends a few steps behind the last one's peak (paper, section 5.8).

max_steps(c + 1) = clamp(peak_step(c) + 3, 8, 20); base learning rate and KL coefficient, peak checkpoint. Nothing stops
within a campaign: the budget is set before it begins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from workflow_scripts.control.controllers import first_campaign
from workflow_scripts.control.plans import BaseSettings, init_from, make_plan, make_state
from workflow_scripts.core.contracts.campaigns import Plan, Reason, Trace
from workflow_scripts.core.contracts.states import State
from workflow_scripts.core.traces import pass_rates, peak


@dataclass(frozen=True, kw_only=True)
class Settings(BaseSettings):
    """What ES is told."""

    es_margin: Annotated[int, "steps behind the last campaign's peak (5.8)"]
    es_bounds: Annotated[tuple[int, int], "fewest and most steps (5.8)"]


def decide(history: Sequence[Trace], _state: State | None, settings: Settings) -> tuple[Plan, State]:
    """Plan campaign ``len(history) + 1`` from the last trace alone; the state stays empty."""
    campaign = len(history) + 1
    state = make_state(settings, campaign, [])
    if not history:
        return first_campaign.start(settings), state

    rates = pass_rates(history[-1])
    peak_step = peak(rates)[0] if rates else None
    margin, (low, high) = settings.es_margin, settings.es_bounds
    max_steps = next_budget(peak_step, margin, (low, high), settings.steps)
    if peak_step is None:
        text = f"Campaign {campaign - 1} measured nothing: {max_steps} steps from the base model."
    else:
        text = (
            f"Campaign {campaign - 1} peaked at step {peak_step}: {max_steps} steps from that checkpoint,"
            f" {margin} more than it took, within {low} to {high}."
        )
    reason: Reason = {
        "rule": "early stop at peak + margin (section 5.8)",
        "text": text,
        "numbers": {"peak_step": peak_step, "margin": margin, "lower_bound": low, "upper_bound": high},
    }
    return make_plan(settings, campaign, "stop_early", init_from(history[-1], "peak"), max_steps, reason), state


def next_budget(peak_step: int | None, margin: int, bounds: tuple[int, int], steps: int) -> int:
    """clamp(peak_step + margin, bounds), and never more than the chain's ``steps`` per campaign.

    Without a peak the upper bound. The first step of a campaign that never passed a test is its peak, since ties go to
    the first.
    """
    low, high = bounds
    wanted = high if peak_step is None else min(max(peak_step + margin, low), high)
    return min(wanted, steps)
