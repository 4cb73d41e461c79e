"""Chains under a controller, its own ``decide``, in the rise-and-collapse process: many at once, no model trained.

The controller is shown, per campaign, a trace with what controllers read and nothing else: identity, plan, status and
pass rates; and, where it decides by them, capabilities, measured on the checkpoint that it asks for. Its state is
passed on as in the workflow. Campaign c of chain i meets its cliff by the same draw under every controller, so that
differences between controllers are theirs more than luck's; the draws depend on the number of chains.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.control.plans import FROM_BASE
from workflow_scripts.control.registry import Controller, make_settings
from workflow_scripts.core.campaign_folders import owner_of
from workflow_scripts.core.contracts.campaigns import Owner, Plan, Step, Trace
from workflow_scripts.core.contracts.states import Capabilities, MeasuredTrace, State
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.core.traces import PASS_RATE
from workflow_scripts.simulation.collapse_process import (
    CAPABILITIES,
    Array,
    Campaigns,
    CollapseProcess,
    Policies,
    base_policies,
    dose,
    evaluate,
    next_start,
    run_campaigns,
)

CHAIN = "simulated"


@dataclass(frozen=True)
class SimulatedChains:
    """What n chains of C campaigns did and were, each array (n, C); rates and skills are fractions.

    ``true_end`` and ``true_peak`` are skills at the steps that were measured, hence comparable with the observed ones.
    ``threshold`` is what the plan that followed a campaign was decided by, NaN where it names none.
    """

    true_peak: Array
    true_end: Array
    observed_peak: Array
    observed_end: Array
    steps: NDArray[np.int64]
    actions: NDArray[np.str_]
    threshold: Array


def simulate(
    controller: Controller,
    name: str,
    settings: dict[str, Any],
    process: CollapseProcess,
    campaigns: int,
    chains: int,
    seed: int,
) -> SimulatedChains:
    """``chains`` chains of ``campaigns`` campaigns under one controller; equal arguments give equal chains."""
    identities: list[Owner] = [{"chain": CHAIN, "controller": name, "seed": number} for number in range(chains)]
    own = [make_settings(controller, settings, identity) for identity in identities]
    measures = "capabilities" in controller.needs
    if measures:
        measured = _as_capabilities(evaluate(process, base_policies(process, 1), _generator(seed, "base", 0)))[0]
        own = [replace(one, base_capabilities=measured) for one in own]
    histories: list[list[Trace]] = [[] for _ in own]
    states: list[State | None] = [None] * chains
    last: Campaigns | None = None
    seen: list[tuple[Campaigns, list[Plan]]] = []
    shown = _Steps()
    for campaign in range(1, campaigns + 1):
        plans = []
        for number in range(chains):
            plan, states[number] = controller.decide(histories[number], states[number], own[number])
            plans.append(plan)
        last = _train(process, plans, last, _generator(seed, "campaign", campaign))
        capabilities = (
            _as_capabilities(
                evaluate(process, _checkpoints(last, controller.evaluated), _generator(seed, "evaluation", campaign))
            )
            if measures
            else None
        )
        for number, trace in enumerate(_traces(plans, last, campaign, name, shown)):
            histories[number].append(_measured(trace, capabilities[number]) if capabilities else trace)
        seen.append((last, plans))
    return _collect(seen)


def _measured(trace: Trace, capabilities: Capabilities) -> MeasuredTrace:
    return {**trace, "capabilities": capabilities}


def _generator(seed: int, purpose: str, number: int) -> np.random.Generator:
    return np.random.default_rng(derive_seed("simulation", seed, purpose, number))


def _train(
    process: CollapseProcess, plans: Sequence[Plan], last: Campaigns | None, random: np.random.Generator
) -> Campaigns:
    """The campaigns that the plans ask for; ``last`` are those that they follow, None before the first."""
    rate = np.array([plan["learning_rate"] for plan in plans], dtype=float)
    coefficient = np.array([plan["kl_coefficient"] for plan in plans], dtype=float)
    source = np.array([plan["init"]["checkpoint"] for plan in plans])
    for plan in plans:
        if plan["init"] != FROM_BASE and plan["init"]["campaign"] != plan["campaign"] - 1:
            raise UserError(
                f"controller {plan['controller']}: campaign {plan['campaign']}: init: is {plan['init']}, but only the "
                "previous campaign's checkpoints and the base model are there to start from"
            )
    start = base_policies(process, len(plans))
    if last:
        start = next_start(process, last, source == "peak", source == "end", dose(process, rate, coefficient))
    steps = np.array([plan["max_steps"] for plan in plans])
    return run_campaigns(process, start, rate, coefficient, steps, random)


def _checkpoints(campaigns: Campaigns, which: str) -> Policies:
    return campaigns.peak if which == "peak" else campaigns.end


def _as_capabilities(values: Array) -> list[Capabilities]:
    """Capability vectors as ``control.capabilities`` has them; gen_gap is main - out of distribution."""
    main, ood = CAPABILITIES.index("pass@1"), CAPABILITIES.index("ood_acc")
    return [{**dict(zip(CAPABILITIES, row, strict=True)), "gen_gap": row[main] - row[ood]} for row in values.tolist()]


class _Steps(dict[float, Step]):
    """A trace's step by its pass rate: there are few rates, and controllers change no trace, so steps are shared."""

    def __missing__(self, rate: float) -> Step:
        self[rate] = cast("Step", {PASS_RATE: rate})
        return self[rate]


def _traces(plans: Sequence[Plan], campaigns: Campaigns, campaign: int, controller: str, shown: _Steps) -> list[Trace]:
    """What a controller reads of each campaign, and nothing else of a trace."""
    owner = owner_of(controller, campaign)
    traces = [
        {
            "identity": {"chain": CHAIN, "controller": owner, "seed": plan["seed"], "campaign": campaign},
            "plan": plan,
            "status": "completed",
            "steps": [shown[rate] for rate in rates[: plan["max_steps"]]],
        }
        for plan, rates in zip(plans, campaigns.rates.tolist(), strict=True)
    ]
    return cast("list[Trace]", traces)


def _collect(seen: Sequence[tuple[Campaigns, Sequence[Plan]]]) -> SimulatedChains:
    chains = len(seen[0][1])
    row = np.arange(chains)
    following = [plans for _, plans in seen[1:]]
    thresholds = [[plan["reason"]["numbers"].get("threshold", np.nan) for plan in plans] for plans in following]
    return SimulatedChains(
        # The skill that was measured at a step is the one before its update.
        true_peak=np.column_stack([np.nanmax(one.skill[:, :-1], axis=1) for one, _ in seen]),
        true_end=np.column_stack([one.skill[row, one.steps - 1] for one, _ in seen]),
        observed_peak=np.column_stack([np.nanmax(one.rates, axis=1) for one, _ in seen]),
        observed_end=np.column_stack([one.rates[row, one.steps - 1] for one, _ in seen]),
        steps=np.column_stack([one.steps for one, _ in seen]),
        actions=np.array([[plan["action"] for plan in plans] for _, plans in seen]).T,
        threshold=np.array([*thresholds, [np.nan] * chains], dtype=float).T,
    )
