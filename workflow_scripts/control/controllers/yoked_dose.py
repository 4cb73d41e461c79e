"""YOKED and MATCHED: naive chaining with as many updates as another controller's checkpoints (not in the paper).

A controller that rolls back takes part of its updates back. Here each campaign is as long as it takes to have, at its
end, the updates of the checkpoint that the companion carried on with. YOKED's companion has another seed, so that its
lengths were chosen on curves which this chain did not have; MATCHED's has the chain's own. What the companion is worth
beyond its dose is what it has above them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from workflow_scripts.control.controllers import a0_naive
from workflow_scripts.control.plans import BaseSettings, origin
from workflow_scripts.core.contracts.campaigns import Plan, Reason, Trace
from workflow_scripts.core.contracts.states import State
from workflow_scripts.core.errors import UserError
from workflow_scripts.statistics.lineage import lineage, offered

NEEDS = ("companion",)


@dataclass(frozen=True, kw_only=True)
class Settings(BaseSettings):
    """What it is told; ``companion_chain``: the companion's campaigns up to the next one, where there is one."""

    companion: Annotated[str, "the controller whose dose is taken"]
    companion_seed: Annotated[Literal["own", "other"], "whether its chain has this chain's seed or its neighbour's"]
    companion_chain: tuple[Trace, ...] = ()


def decide(history: Sequence[Trace], state: State | None, settings: Settings) -> tuple[Plan, State]:
    """Plan campaign ``len(history) + 1`` as A0 does, but for the steps that are left to the companion's dose.

    The last campaign, after which nobody carries anything on, is as long as the companion's. One step at the least. The
    state stays empty; a ``UserError`` where the companion has fewer campaigns.
    """
    plan, new_state = a0_naive.decide(history, state, settings)
    if not history:
        return plan, new_state

    campaign, companion = plan["campaign"], settings.companion_chain
    if len(companion) < campaign:
        raise UserError(f"--companion: campaign {campaign} needs {campaign} or more traces, got {len(companion)}")
    own = offered(history)[plan["init"]["checkpoint"]].updates
    if len(companion) > campaign:
        dose = lineage(companion[: campaign + 1]).updates
        wanted = dose - own
        text = f"{settings.companion} went on with {dose} updates and this chain has {own}"
    else:
        dose, wanted = None, len(companion[-1]["steps"])
        text = f"{settings.companion} took {wanted}"
    max_steps = min(max(wanted, 1), settings.steps)
    reason: Reason = {
        "rule": "as many updates as a companion (not in the paper)",
        "text": f"Campaign {len(history)} is over: {max_steps} steps from {origin(plan['init'])}; {text}.",
        "numbers": {"own_updates": own, "companion_updates": dose, "companion_seed": companion[-1]["identity"]["seed"]},
    }
    return {**plan, "max_steps": max_steps, "reason": reason}, new_state
