"""SHORT: campaigns as short as ES's shortest, on from the end checkpoint (not in the paper).

ES saves steps and chooses the peak; this saves steps and chooses nothing, so that the two effects can be told apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from workflow_scripts.control.controllers import a0_naive
from workflow_scripts.control.plans import BaseSettings, origin
from workflow_scripts.core.contracts.campaigns import Plan, Reason, Trace
from workflow_scripts.core.contracts.states import State


@dataclass(frozen=True, kw_only=True)
class Settings(BaseSettings):
    """What SHORT is told."""

    short_steps: Annotated[int, "of every campaign but the first"]


def decide(history: Sequence[Trace], state: State | None, settings: Settings) -> tuple[Plan, State]:
    """Plan campaign ``len(history) + 1`` as A0 does, but for ``short_steps`` steps; the state stays empty."""
    plan, new_state = a0_naive.decide(history, state, settings)
    if not history:
        return plan, new_state

    max_steps = min(settings.short_steps, settings.steps)
    reason: Reason = {
        "rule": "short campaigns (not in the paper)",
        "text": f"Campaign {len(history)} is over: {max_steps} steps from {origin(plan['init'])}.",
        "numbers": {"max_steps": max_steps},
    }
    return {**plan, "max_steps": max_steps, "reason": reason}, new_state
