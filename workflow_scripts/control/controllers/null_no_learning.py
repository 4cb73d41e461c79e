"""NULL, the null control: naive chaining at learning rate 0 (not in the paper).

From campaign 2 on the policy stays what the shared first campaign left; a chain's numbers differ only by the problems
and completions that are drawn. What any rule gains here is what the choice of a maximum gains from noise.
"""

from collections.abc import Sequence

from workflow_scripts.control.controllers import a0_naive
from workflow_scripts.control.plans import BaseSettings
from workflow_scripts.core.contracts.campaigns import Plan, Reason, Trace
from workflow_scripts.core.contracts.states import State

Settings = BaseSettings


def decide(history: Sequence[Trace], state: State | None, settings: Settings) -> tuple[Plan, State]:
    """Plan campaign ``len(history) + 1`` as A0 does, but at learning rate 0; the state stays empty."""
    plan, new_state = a0_naive.decide(history, state, settings)
    if not history:
        return plan, new_state

    reason: Reason = {
        "rule": "null control (not in the paper)",
        "text": f"Campaign {len(history)} is over: {settings.steps} steps in which nothing is learned.",
        "numbers": {"learning_rate": 0.0},
    }
    return {**plan, "learning_rate": 0.0, "reason": reason}, new_state
