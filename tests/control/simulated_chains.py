"""Chains under A5 in a world whose effects a test chooses; the settings are those that the project declares for A5."""

import random
from collections.abc import Callable
from typing import Any

from tests.control.synthetic_traces import CHAIN, make_trace
from workflow_scripts.control.care_full.care_settings import CareSettings
from workflow_scripts.control.controllers import a5_care_full

NAMES = ("pass@1", "hard_case_acc", "cpp_acc", "ood_acc")
SETTINGS = CareSettings(
    chain=CHAIN,
    controller="A5",
    seed=7,
    steps=20,
    learning_rate=0.0015,
    kl_schedule=(0.0,),
    capabilities=NAMES,
    protected=NAMES[1:],
    learning_rate_factors=(0.5, 1.0, 2.0),
    kl_increments=(0.0, 0.01, 0.05),
    pilot_steps=10,
    prior_scale=0.1,
    observation_noise=0.05,
    regression_margin=0.1,
    initial_alpha=0.1,
    alpha_decay=0.2,
    confidence_bounds=(0.2, 0.5),
    confidence_floor=0.01,
    context_distance=0.25,
    cone_half_angle=45.0,
    boundary_margin=0.05,
    surprise_level=0.95,
    surprise_factor=1.0,
    base_capabilities=dict.fromkeys(NAMES, 0.5),
)

# (learning rate factor, KL increment), context -> the campaign's effect on each capability
World = Callable[[tuple[float, float], list[float]], dict[str, float]]


def linear_world(draw: random.Random) -> World:
    """Effects linear in the context, with weights from A5's own prior and noise of its own size: its assumptions."""
    weights: dict[tuple[float, float], dict[str, list[float]]] = {}

    def effects(strategy: tuple[float, float], context: list[float]) -> dict[str, float]:
        if strategy not in weights:
            weights[strategy] = {name: [draw.gauss(0, SETTINGS.prior_scale) for _ in range(3)] for name in NAMES}
        return {
            name: sum(weight * value for weight, value in zip(own, [1.0, *context], strict=True))
            + draw.gauss(0, SETTINGS.observation_noise)
            for name, own in weights[strategy].items()
        }

    return effects


def simulate(world: World, draw: random.Random, campaigns: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The plans of one chain under A5, and the traces that answered them.

    Capabilities may leave [0, 1]: cut off there, effects would no longer be linear. End / peak is drawn at random.
    """
    history: list[dict[str, Any]] = []
    plans = []
    state = None
    capabilities = dict(SETTINGS.base_capabilities)
    for campaign in range(1, campaigns + 1):
        plan, state = a5_care_full.decide(history, state, SETTINGS)
        last_ratio = end_to_peak(history[-1]) if history else 1.0
        strategy = (plan["learning_rate"] / SETTINGS.learning_rate, plan["kl_coefficient"])
        effects = world(strategy, [capabilities["pass@1"], last_ratio])
        capabilities = {name: value + effects[name] for name, value in capabilities.items()}
        trace = make_trace([0.5, draw.choice([0.1, 0.3, 0.5])], campaign, controller="A5", action=plan["action"])
        history.append({**trace, "plan": plan, "capabilities": capabilities})
        plans.append(plan)
    return plans, history


def end_to_peak(trace: dict[str, Any]) -> float:
    return trace["end"]["pass_rate"] / trace["peak"]["pass_rate"]
