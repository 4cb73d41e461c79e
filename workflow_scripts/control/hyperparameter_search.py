"""Random search over learning rate and KL coefficient: the grid, a draw from it, and the plan (paper, section 5.5).

The paper's grid is {5e-7, 1e-6, 2e-6} x {0, 0.01, 0.05} around its base rate of 1e-6, so rates are multiples of the
base rate here. It does not say which checkpoint is rolled forward: that is the setting ``checkpoint``.
"""

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from workflow_scripts.control.plans import BaseSettings, init_from, make_plan, origin
from workflow_scripts.core.contracts.campaigns import Checkpoint, Plan, Reason, Trace
from workflow_scripts.core.seeds import derive_seed


@dataclass(frozen=True, kw_only=True)
class SearchSettings(BaseSettings):
    """What random search is told."""

    learning_rate_factors: Annotated[tuple[float, ...], "of the base rate (5.5)"]
    kl_coefficients: Annotated[tuple[float, ...], "that are drawn from (5.5)"]
    checkpoint: Annotated[Checkpoint, "which one is rolled forward"]


def grid(settings: SearchSettings) -> list[tuple[float, float]]:
    """Every (learning rate, KL coefficient), the KL coefficient running fastest."""
    rates = [factor * settings.learning_rate for factor in settings.learning_rate_factors]
    return list(itertools.product(rates, settings.kl_coefficients))


def draw(weights: Sequence[float], settings: SearchSettings, campaign: int) -> int:
    """The index that this campaign of this chain draws, with probabilities ``weights`` (sum 1)."""
    seed = derive_seed(settings.chain, settings.controller, settings.seed, campaign)
    # random() is the one method whose values Python promises to keep from version to version.
    number = random.Random(seed).random()
    for index, edge in enumerate(itertools.accumulate(weights)):
        if number < edge:
            return index
    return len(weights) - 1


def make_searched_plan(
    trace: Trace,
    weights: Sequence[float],
    settings: SearchSettings,
    rule: str,
    drawn_from: str,
    numbers: dict[str, float | None],
) -> Plan:
    """The plan after ``trace`` with a cell of the grid drawn by ``weights``, at the full budget."""
    campaign = trace["identity"]["campaign"] + 1
    init = init_from(trace, settings.checkpoint)
    cell = draw(weights, settings, campaign)
    learning_rate, kl_coefficient = grid(settings)[cell]
    reason: Reason = {
        "rule": rule,
        "text": (
            f"Campaign {campaign - 1} is over: {settings.steps} steps from {origin(init)} at learning rate"
            f" {learning_rate:.3g} and KL coefficient {kl_coefficient:.3g}, drawn from {drawn_from}."
        ),
        "numbers": {"probability": weights[cell], **numbers},
    }
    return make_plan(
        settings,
        campaign,
        "adapt",
        init,
        settings.steps,
        reason,
        learning_rate=learning_rate,
        kl_coefficient=kl_coefficient,
    )
