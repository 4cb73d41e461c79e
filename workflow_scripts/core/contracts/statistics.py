"""Statistics over seeds: of a wave, of what its chains cost, and of evaluations; all keyed by names of chains."""

from typing import Literal, NotRequired, TypedDict, final

from workflow_scripts.core.contracts.campaigns import Action, Model


class SeedValue(TypedDict):
    """One seed's value."""

    seed: int
    value: float


class Interval(TypedDict):
    """A confidence interval; its note says why it is null, or what to know about it."""

    method: str
    level: float
    low: float | None
    high: float | None
    note: str | None


@final
class Metric(TypedDict):
    """A mean and an interquartile mean over seeds, every seed's value beside them."""

    values: list[SeedValue]
    mean: float | None
    n: int
    unit: Literal["seed"]
    iqm: float | None
    intervals: list[Interval]


class SignFlip(TypedDict):
    """A sign-flip test; the floor is the smallest p-value that it can give, ``holm`` is adjusted for so many tests."""

    method: str
    p_value: float | None
    floor: float | None
    n: int
    holm: float | None
    tests: int


@final
class Contrast(TypedDict):
    """A difference of two controllers, seed by seed."""

    differences: list[SeedValue]
    mean: float | None
    n: int
    unit: Literal["seed"]
    probability_of_improvement: float | None
    intervals: list[Interval]
    sign_flip: SignFlip


class CampaignMetric(TypedDict):
    """A mean over campaigns; ``defined`` of ``n`` have a value."""

    mean: float | None
    n: int
    defined: int
    n_seeds: int
    intervals: list[Interval]


class Position(TypedDict):
    """Means over a controller's chains at one position in the chain."""

    campaign: int
    mean_start: float
    mean_peak: float
    mean_end: float
    n: int


class Campaign(TypedDict):
    """One campaign of a chain that counts."""

    seed: int
    controller: str
    campaign: int
    action: Action
    max_steps: int
    learning_rate: float
    kl_coefficient: float
    steps: int
    start: float
    peak: float
    peak_step: int
    end: float
    gap: float
    collapsed: bool
    onset: int | None
    latency: int | None
    phase_transition: float | None
    probe_peak: float | None
    probe_end: float | None


class Trajectory(TypedDict):
    """A campaign's pass rates by step, and its probe as pairs of step and pass@1."""

    controller: str
    seed: int
    campaign: int
    pass_rates: list[float]
    probe: list[list[float]]


class Exclusion(TypedDict):
    """What was left out of the statistics, and why."""

    controller: str
    seed: int
    campaign: int | None
    reason: str


class Findings(TypedDict):
    """One wave's statistics, before the checksums of what they were made from."""

    schema_version: Literal[1]
    wave: str
    testbed: str
    chain: str
    model: Model
    controllers: dict[str, dict[str, Metric]]
    paired: dict[str, dict[str, Contrast]]
    campaign_metrics: dict[str, dict[str, CampaignMetric]]
    carryover: dict[str, list[Position]]
    campaigns: list[Campaign]
    trajectories: list[Trajectory]
    excluded: list[Exclusion]


class Statistics(Findings):
    """One wave's statistics (``statistics.schema.json``)."""

    inputs: dict[str, str]


class Start(TypedDict):
    """The wave and the step whose checkpoint a wave starts from."""

    wave: str
    step: int


class OwnTraining(TypedDict, total=False):
    """A wave's training settings in place of its testbed's."""

    learning_rate: float
    warmup_steps: int
    max_grad_norm: float
    probe_split: str
    probe_every: int
    probe_samples: int
    probe_problems: int


class Declaration(TypedDict):
    """A wave as config.yaml declares it, with its seeds."""

    about: str
    model: str
    update_rule: str
    domain: str
    steps: int
    kl_schedule: str
    campaigns: int
    controllers: list[str]
    seeds: list[int]
    start: NotRequired[Start]
    training: NotRequired[OwnTraining]
    family: NotRequired[str]


class Wave(Declaration):
    """A wave with the name of its chains and of the real model (``wave_declarations.schema.json``)."""

    model_name: str
    chain: str


class StandIn(TypedDict):
    """The real model in a role of the paper's."""

    role: str
    name: str


class Cost(TypedDict):
    """A mean over chains, one per seed."""

    values: list[SeedValue]
    mean: float | None
    n: int
    unit: Literal["seed"]


class ChainCosts(TypedDict):
    """What a controller's chains cost."""

    process_hours: Cost
    wall_hours: Cost
    chat_calls: Cost
    failed_chat_attempts: Cost
    decision_seconds: Cost


class WaveCosts(TypedDict):
    """What a wave's chains cost, by controller."""

    chain: str
    campaigns: int
    model: StandIn
    controllers: dict[str, ChainCosts]


class Unmeasured(TypedDict):
    """A campaign that keeps its chain out of the hours, or of the decision's seconds."""

    wave: str
    controller: str
    seed: int
    campaign: int
    what: Literal["timing", "decision"]


class Costs(TypedDict):
    """What chains cost, before the checksums of what it was read from."""

    schema_version: Literal[1]
    testbed: str
    device: Literal["cpu", "cuda"]
    processes: int
    waves: dict[str, WaveCosts]
    missing: list[Unmeasured]


class TimingSummary(Costs):
    """What chains cost (``timing_summary.schema.json``)."""

    inputs: dict[str, str]


class Entry(TypedDict):
    """A trace of the manifest; null where the campaign was not run."""

    trace: str
    sha256: str | None
    status: Literal["completed", "non_finite_loss", "non_finite_gradient", "not run"]
    steps: int | None
    end: float | None


class ListedCampaign(Entry):
    """A campaign of the manifest."""

    campaign: int


class ListedChain(TypedDict):
    """A chain of the manifest."""

    controller: str
    seed: int
    campaigns: list[ListedCampaign]


class Counts(TypedDict):
    """A wave's campaigns; a shared first one counts once."""

    declared: int
    run: int
    completed: int


class ListedWave(TypedDict):
    """A wave of the manifest."""

    declaration: Declaration
    chain: str
    model: StandIn
    campaigns: Counts
    chains: list[ListedChain]


class Manifest(TypedDict):
    """The manifest of a release (``wave_aggregate.schema.json``)."""

    schema_version: Literal[1]
    testbed: str
    waves: dict[str, ListedWave]
