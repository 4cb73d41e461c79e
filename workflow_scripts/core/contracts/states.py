"""A controller's memory between its plans (``state.schema.json``), and a checkpoint's capabilities."""

from typing import Literal, TypedDict

from workflow_scripts.core.contracts.campaigns import Action, Origin, Status, Trace

Capabilities = dict[str, float | None]  # by the names of control.capabilities; null where nothing was evaluated


class MeasuredCheckpoint(TypedDict):
    """The capabilities of one checkpoint (``capabilities.schema.json``)."""

    schema_version: Literal[1]
    checkpoint: str
    capabilities: Capabilities
    inputs: dict[str, str]


class MeasuredTrace(Trace):
    """A trace with the capabilities of the campaign's checkpoint beside it, as a controller is shown it that asks."""

    capabilities: Capabilities


class AppliedStrategy(TypedDict):
    """What was applied: the plan of a remembered campaign."""

    action: Action
    checkpoint: Origin
    max_steps: int
    learning_rate: float
    kl_coefficient: float


class StartContext(TypedDict):
    """Where it was applied: the pass rate at the campaign's first step."""

    start_pass_rate: float | None


class Observation(TypedDict):
    """What is remembered of a campaign before any belief about it."""

    campaign: int
    status: Status
    strategy: AppliedStrategy
    context: StartContext
    peak_step: int | None
    peak: float | None
    end: float | None
    ratio: float | None


class Predicted(Observation):
    """The observation with what was predicted of it; null without a precedent."""

    predicted_ratio: float | None


class Remembered(Predicted):
    """A memory entry: the observation, the prediction and the gate's threshold after it."""

    threshold: float | None


class CareStrategy(TypedDict):
    """A factor on the base learning rate and an increment on the base KL coefficient."""

    learning_rate_factor: float
    kl_increment: float


class Cone(TypedDict):
    """Contexts where a strategy is not judged safe: from one context in the direction of another."""

    apex: list[float]
    towards: list[float]


class Effect(TypedDict):
    """An entry of full CARE's memory: Definition 5's tuple, and what was believed before the campaign was seen."""

    campaign: int
    strategy: CareStrategy
    context: list[float] | None
    delta: Capabilities
    predicted: Capabilities
    risk: float | None
    regressed: list[str]
    mahalanobis_squared: float | None
    trigger_quantile: float | None
    triggered: bool
    noise_variance: float
    boundary: list[Cone]
    alpha: float
    confidence: float


class Care(TypedDict):
    """The capability-effect memory of full CARE (appendix D)."""

    alpha: float
    entries: list[Effect]


class OwnState(TypedDict, total=False):
    """What only some controllers keep: the threshold of a gate, A5's memory."""

    threshold: float
    care: Care


class State(OwnState):
    """A controller's memory after a decision."""

    schema_version: Literal[1]
    controller: str
    campaign: int
    memory: list[Remembered]
