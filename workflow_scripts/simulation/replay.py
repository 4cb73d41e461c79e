"""What a controller would have decided along recorded chains: each history as it is, campaign by campaign.

The history is the recorded controller's, not this one's: after its first different plan the chain would have gone
elsewhere, which nobody has seen. So decisions, and the steps that they ask for, are compared; what would have come of
them is not known, and nothing is said of it.
"""

from typing import Any

from workflow_scripts.control.registry import Controller, make_settings
from workflow_scripts.core.contracts.campaigns import Init, Plan
from workflow_scripts.core.contracts.simulations import Decision, ReplayedChain
from workflow_scripts.core.contracts.states import State
from workflow_scripts.simulation.recorded_chains import RecordedChain


def replay(controller: Controller, name: str, settings: dict[str, Any], chain: RecordedChain) -> ReplayedChain:
    """The controller's decisions from campaign 2 on, beside the recorded ones (``replays`` in the schema).

    The last campaign's trace is shown to nobody: no recorded plan follows it.
    """
    own = make_settings(controller, settings, {"chain": chain.chain, "controller": name, "seed": chain.seed})
    state: State | None = None
    decisions: list[Decision] = []
    for campaign in range(2, len(chain.traces) + 1):
        plan, state = controller.decide(chain.traces[: campaign - 1], state, own)
        decisions.append(_compare(plan, chain.traces[campaign - 1]["plan"]))
    return {
        "chain": chain.chain,
        "recorded_controller": chain.controller,
        "seed": chain.seed,
        "decisions": decisions,
        "steps": sum(one["max_steps"] for one in decisions),
        "recorded_steps": sum(trace["plan"]["max_steps"] for trace in chain.traces[1:]),
        "same_action": sum(one["same_action"] for one in decisions),
        "same_training": sum(one["same_training"] for one in decisions),
    }


def _compare(plan: Plan, recorded: Plan) -> Decision:
    return {
        "campaign": plan["campaign"],
        "action": plan["action"],
        "checkpoint": plan["init"]["checkpoint"],
        "max_steps": plan["max_steps"],
        "learning_rate": plan["learning_rate"],
        "kl_coefficient": plan["kl_coefficient"],
        "same_action": plan["action"] == recorded["action"],
        "same_training": _trained(plan) == _trained(recorded),
    }


def _trained(plan: Plan) -> tuple[Init, int, float, float]:
    """What a plan changes about a campaign; its action and its reason are only recorded."""
    return plan["init"], plan["max_steps"], plan["learning_rate"], plan["kl_coefficient"]
