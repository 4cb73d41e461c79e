"""The first campaign of every chain: the base model, the base hyperparameters and the full budget (paper, section 5.4).

It does not depend on the controller ("a shared Campaign-1 checkpoint"), so it is decided and trained once, under the
controller name ``first``.
"""

from collections.abc import Sequence

from workflow_scripts.control.plans import FROM_BASE, BaseSettings, make_plan, make_state
from workflow_scripts.core.contracts.campaigns import Plan, Reason, Trace
from workflow_scripts.core.contracts.states import State
from workflow_scripts.core.errors import UserError

Settings = BaseSettings


def decide(history: Sequence[Trace], state: State | None, settings: Settings) -> tuple[Plan, State]:
    """Plan campaign 1; a history is a ``UserError``, because later campaigns belong to a controller."""
    if history or state is not None:
        raise UserError(
            f"controller {settings.controller}: plans campaign 1 only, but {len(history)} campaigns came before; "
            "let a controller such as a0_naive decide the later ones"
        )
    return start(settings), make_state(settings, 1, [])


def start(settings: Settings) -> Plan:
    """The plan of campaign 1, for ``settings`` as in ``control.plans``."""
    reason: Reason = {
        "rule": "shared first campaign (section 5.4)",
        "text": f"Nothing has been observed yet: {settings.steps} steps from the base model.",
        "numbers": {},
    }
    return make_plan(settings, 1, "start", FROM_BASE, settings.steps, reason)
