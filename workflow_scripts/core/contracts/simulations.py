"""Controllers in a fitted process and along recorded chains (``collapse_process`` and ``simulation.schema.json``)."""

from typing import Any, Literal, TypedDict

from workflow_scripts.core.contracts.campaigns import Action, Origin


class Search(TypedDict):
    """How the search for the likeliest process ended."""

    campaigns: int
    chains: int
    log_likelihood: float
    converged: bool


class Comparison(TypedDict):
    """A mean over recorded campaigns beside the simulated ones'."""

    observed: float
    observed_error: float | None
    simulated: float


class Comparisons(TypedDict):
    """How the process's own chains compare with the recorded ones."""

    peak: Comparison
    end: Comparison
    gap: Comparison
    collapse_rate: Comparison


class GoodnessOfFit(Comparisons):
    """The comparisons, and what they were made with."""

    replicates: int
    collapse_ratio: float


class Source(TypedDict):
    """The recorded chains that a process was fitted to."""

    testbed: str
    chain: str
    model: str
    controllers: list[str]
    seeds: list[int]
    traces: int


class Fit(TypedDict):
    """A fitted process, before the checksum of what it was fitted to."""

    schema_version: Literal[1]
    parameters: dict[str, Any]  # the fields of simulation.collapse_process.CollapseProcess
    assumed: list[str]
    source: Source
    fit: Search
    goodness_of_fit: GoodnessOfFit


class FittedProcess(Fit):
    """A fitted process (``collapse_process.schema.json``)."""

    inputs_sha256: str


class Estimate(TypedDict):
    """A mean over chains and its interval; null where too few chains have a value."""

    mean: float | None
    low: float | None
    high: float | None
    n: int


class Played(TypedDict):
    """A controller in the process: its true end pass@1 by campaign, and its operating characteristics."""

    controller: str
    curve: list[Estimate]
    characteristics: dict[str, Estimate]


class LeftOut(TypedDict):
    """A controller that must be shown what is not there."""

    controller: str
    needs: str


class Design(TypedDict):
    """How many campaigns and chains were simulated, and how they were judged."""

    campaigns: int
    chains: int
    seed: int
    collapse_ratio: float
    alarm_threshold: float
    confidence: float
    interval: str


class Simulated(TypedDict):
    """What controllers did in the process."""

    process_sha256: str
    parameters: dict[str, Any]
    assumed: list[str]
    source: Source
    design: Design
    controllers: list[Played]
    left_out: list[LeftOut]


class Decision(TypedDict):
    """What a controller would have decided, and whether that is what was."""

    campaign: int
    action: Action
    checkpoint: Origin
    max_steps: int
    learning_rate: float
    kl_coefficient: float
    same_action: bool
    same_training: bool


class ReplayedChain(TypedDict):
    """A controller's decisions along one recorded chain."""

    chain: str
    recorded_controller: str
    seed: int
    decisions: list[Decision]
    steps: int
    recorded_steps: int
    same_action: int
    same_training: int


class ReplayedController(TypedDict):
    """A controller's decisions along every recorded chain."""

    controller: str
    chains: list[ReplayedChain]


class Replayed(TypedDict):
    """What controllers would have decided along recorded chains."""

    traces: int
    inputs_sha256: str
    controllers: list[ReplayedController]
    left_out: list[LeftOut]


class Declared(TypedDict):
    """A controller as it was given; its settings are JSON."""

    controller: str
    module: str
    settings: str


class Simulation(TypedDict):
    """The whole file (``simulation.schema.json``)."""

    schema_version: Literal[1]
    controllers: list[Declared]
    simulated: Simulated | None
    replayed: Replayed | None
