"""A2, memory and transfer gate: peak checkpoint; reuse, pilot or reject by end / peak (paper, section 5.4).

It is A3 without belief revision: the threshold stays where it is, and nothing is predicted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from workflow_scripts.control.controllers import first_campaign
from workflow_scripts.control.gate import GateSettings, gate, make_gated_plan
from workflow_scripts.control.memory import extend
from workflow_scripts.control.plans import make_state
from workflow_scripts.core.contracts.campaigns import Plan, Trace
from workflow_scripts.core.contracts.states import State


@dataclass(frozen=True, kw_only=True)
class Settings(GateSettings):
    """What A2 is told."""

    threshold: Annotated[float, "end/peak below it is a collapse"]


def decide(history: Sequence[Trace], state: State | None, settings: Settings) -> tuple[Plan, State]:
    """Plan campaign ``len(history) + 1`` by the gate alone; the state remembers all, ``None`` replays the history."""
    threshold = settings.threshold
    memory = extend(state, history, threshold)
    new_state = make_state(settings, len(history) + 1, memory, threshold=threshold)
    if not history:
        return first_campaign.start(settings), new_state

    action = gate(memory[-1]["ratio"], threshold, settings.severe_collapse_ratio)
    rule = "transfer gate v2 (section 5.4)"
    return make_gated_plan(history[-1], memory[-1], action, threshold, settings, rule, {}), new_state
