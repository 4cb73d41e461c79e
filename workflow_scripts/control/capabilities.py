"""A checkpoint's capability vector, as a controller sees it (paper, Definition 1; the splits are of appendix B).

Whoever calls a controller with ``NEEDS = ("capabilities",)`` puts ``capabilities`` into every trace of its history and
``base_capabilities`` into its settings: ``{name: value in [0, 1] or null}``, null where nothing was evaluated.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workflow_scripts.control.plans import BaseSettings
from workflow_scripts.core.contracts.campaigns import Checkpoint, Init
from workflow_scripts.core.contracts.states import Capabilities, MeasuredTrace
from workflow_scripts.core.errors import UserError

# The split that each capability is measured on; gen_gap takes two.
SPLITS_OF = {
    "pass@1": ("main",),
    "hard_case_acc": ("hard",),
    "cpp_acc": ("cpp",),
    "ood_acc": ("ood",),
    "gen_gap": ("main", "ood"),  # main - ood; the paper names it, and the splits, and not the formula
}
_LOWER_IS_BETTER = ("gen_gap",)


@dataclass(frozen=True, kw_only=True)
class MeasuredSettings(BaseSettings):
    """Settings beside which the base model's capabilities are attached."""

    base_capabilities: Capabilities | None = None


def capabilities_of_init(
    init: Init, history: Sequence[MeasuredTrace], evaluated: Checkpoint, settings: MeasuredSettings
) -> Capabilities:
    """The capabilities of the checkpoint that a plan's ``init`` names, where ``history`` holds the campaigns before it.

    ``evaluated`` (``peak`` or ``end``) is the checkpoint of a campaign that is measured; of the other nothing is known.
    """
    if init["campaign"] == 0:
        if settings.base_capabilities is None:
            raise UserError("--settings: base_capabilities: is missing; evaluate the base model and give its values")
        return settings.base_capabilities
    if init["checkpoint"] != evaluated:
        return {}
    return capabilities_of(history[init["campaign"] - 1])


def capabilities_of(trace: MeasuredTrace) -> Capabilities:
    """The capabilities of a campaign's evaluated checkpoint; a ``UserError`` where nobody has attached them."""
    if "capabilities" not in trace:
        identity = trace["identity"]
        raise UserError(
            f"--traces: campaign {identity['campaign']} of {identity['chain']}: capabilities: is missing; this "
            "controller decides by them, so evaluate the campaign's checkpoint first"
        )
    return trace["capabilities"]


def capability_delta(before: Capabilities, after: Capabilities, names: Iterable[str]) -> Capabilities:
    """The gain from ``before`` to ``after`` in each capability, in [-1, 1]; null where either is unknown.

    Positive is better; where less is better (``gen_gap``), the sign is turned.
    """
    delta: Capabilities = {}
    for name in names:
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            delta[name] = None
        else:
            delta[name] = old - new if name in _LOWER_IS_BETTER else new - old
    return delta


def total_loss(names: Iterable[str]) -> Capabilities:
    """What a failed campaign leaves: 0 in every capability, and nothing known of a gap."""
    return {name: None if name in _LOWER_IS_BETTER else 0.0 for name in names}
