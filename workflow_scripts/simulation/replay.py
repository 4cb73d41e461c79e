"""What a controller would have decided along recorded chains: each history as it is, campaign by campaign.

The history is the recorded controller's, not this one's: after its first different plan the chain would have gone
elsewhere, which nobody has seen. So decisions, and the steps that they ask for, are compared; what would have come of
them is not known, and nothing is said of it.
"""

from typing import Any

from workflow_scripts.control.registry import Controller, make_settings
from workflow_scripts.simulation.recorded_chains import RecordedChain

# What a plan changes about a campaign; its action and its reason are only recorded.
TRAINED = ("init", "max_steps", "learning_rate", "kl_coefficient")


def replay(controller: Controller, name: str, settings: dict[str, Any], chain: RecordedChain) -> dict[str, Any]:
    """The controller's decisions from campaign 2 on, beside the recorded ones (``replays`` in the schema).

    The last campaign's trace is shown to nobody: no recorded plan follows it.
    """
    own = make_settings(controller, settings, {"chain": chain.chain, "controller": name, "seed": chain.seed})
    state: dict[str, Any] | None = None
    decisions = []
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


def _compare(plan: dict[str, Any], recorded: dict[str, Any]) -> dict[str, Any]:
    return {
        "campaign": plan["campaign"],
        "action": plan["action"],
        "checkpoint": plan["init"]["checkpoint"],
        **{key: plan[key] for key in TRAINED if key != "init"},
        "same_action": plan["action"] == recorded["action"],
        "same_training": all(plan[key] == recorded[key] for key in TRAINED),
    }
