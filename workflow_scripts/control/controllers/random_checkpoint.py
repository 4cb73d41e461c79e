"""RAND: naive chaining from the peak or the end checkpoint, by a coin (not in the paper).

B1 always takes the peak, A0 always the end: what choosing is worth shows against a choice that knows nothing.
"""

import random
from collections.abc import Sequence

from workflow_scripts.control.controllers import a0_naive
from workflow_scripts.control.plans import BaseSettings, init_from, origin
from workflow_scripts.core.contracts.campaigns import Checkpoint, Plan, Reason, Trace
from workflow_scripts.core.contracts.states import State
from workflow_scripts.core.seeds import derive_seed

Settings = BaseSettings


def decide(history: Sequence[Trace], state: State | None, settings: Settings) -> tuple[Plan, State]:
    """Plan campaign ``len(history) + 1`` as A0 does, but from a checkpoint that is drawn; the state stays empty."""
    plan, new_state = a0_naive.decide(history, state, settings)
    if not history:
        return plan, new_state

    # random() is the one method whose values Python promises to keep from version to version.
    drawn = random.Random(derive_seed(settings.chain, settings.controller, settings.seed, plan["campaign"])).random()
    checkpoint: Checkpoint = "peak" if drawn < 0.5 else "end"
    init = init_from(history[-1], checkpoint)
    reason: Reason = {
        "rule": "random checkpoint (not in the paper)",
        "text": f"Campaign {len(history)} is over: {plan['max_steps']} steps from {origin(init)}, as a coin says.",
        "numbers": {"drawn": drawn},
    }
    return {**plan, "init": init, "reason": reason}, new_state
