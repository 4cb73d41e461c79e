"""The forms that every controller fills in: a plan for the next campaign and the state that goes with it.

A controller's settings carry who it decides for, the base strategy, and what its own class declares beside them: what
config.yaml gives it stands there as ``Annotated[type, "description"]``.
"""

from dataclasses import MISSING, dataclass, fields
from typing import Unpack

from workflow_scripts.control.kl_schedules import coefficient
from workflow_scripts.core.contracts.campaigns import Action, Checkpoint, Init, Owner, Plan, Reason, Trace
from workflow_scripts.core.contracts.states import OwnState, Remembered, State
from workflow_scripts.core.traces import pass_rates

IDENTITY = tuple(Owner.__annotations__)

FROM_BASE: Init = {"campaign": 0, "checkpoint": "base"}


@dataclass(frozen=True, kw_only=True)
class BaseSettings:
    """Who is decided for, and what every plan starts from: the chain's steps, its rate and KL coefficients."""

    chain: str
    controller: str
    seed: int
    steps: int
    learning_rate: float
    kl_schedule: tuple[float, ...]


def given_names(settings: type[BaseSettings]) -> tuple[str, ...]:
    """What is given for such settings: not who is decided for, and not what is attached later, which has a default."""
    return tuple(one.name for one in fields(settings) if one.name not in IDENTITY and one.default is MISSING)


def make_plan(
    settings: BaseSettings,
    campaign: int,
    action: Action,
    init: Init,
    max_steps: int,
    reason: Reason,
    *,
    learning_rate: float | None = None,
    kl_coefficient: float | None = None,
) -> Plan:
    """A plan (``plan.schema.json``); None is the base learning rate, and the KL coefficient that the schedule gives."""
    return {
        "schema_version": 1,
        "chain": settings.chain,
        "controller": settings.controller,
        "seed": settings.seed,
        "campaign": campaign,
        "action": action,
        "init": init,
        "max_steps": max_steps,
        "learning_rate": settings.learning_rate if learning_rate is None else learning_rate,
        "kl_coefficient": (coefficient(settings.kl_schedule, campaign) if kl_coefficient is None else kl_coefficient),
        "reason": reason,
    }


def make_state(settings: BaseSettings, campaign: int, memory: list[Remembered], **own: Unpack[OwnState]) -> State:
    """A state (``state.schema.json``) after the plan of ``campaign``; ``own`` holds the controller's own fields."""
    return {
        "schema_version": 1,
        "controller": settings.controller,
        "campaign": campaign,
        "memory": memory,
        **own,
    }


def origin(init: Init) -> str:
    """The checkpoint that ``init_from`` gave, in words that follow "from"."""
    if init == FROM_BASE:
        return "the base model, since it measured nothing"
    return f"its {init['checkpoint']} checkpoint"


def init_from(trace: Trace, checkpoint: Checkpoint) -> Init:
    """The trace's ``peak`` or ``end`` checkpoint, or the base model where the campaign measured nothing.

    Only the previous campaign's checkpoints and the base model are offered to a campaign, so a campaign that failed
    before its first pass rate sends the chain back to the base.
    """
    if not pass_rates(trace):
        return FROM_BASE
    return {"campaign": trace["identity"]["campaign"], "checkpoint": checkpoint}
