"""What experiments of our own find (docs/preregistration.md), and the audit of the paper's printed numbers."""

from typing import Literal, TypedDict

from workflow_scripts.core.contracts.campaigns import Model
from workflow_scripts.core.contracts.statistics import Contrast, Exclusion, Metric


class Curve(TypedDict):
    """Means over seeds by step, with Student t intervals; null with fewer than two seeds."""

    steps: list[int]
    mean: list[float]
    low: list[float | None]
    high: list[float | None]


class Verdict(TypedDict):
    """What a condition does, by the rule of docs/preregistration.md."""

    rises: bool
    falls: bool
    mechanism: Literal["narrowing", "melting", "mixed"] | None
    loses_variety: bool


class Condition(Verdict):
    """One reward at one rate, over its seeds."""

    reward: str
    learning_rate: float
    seeds: list[int]
    peak_steps: list[int]
    metrics: dict[str, Metric]
    clipped_share: float
    curves: dict[str, Curve]


class Comparison(TypedDict):
    """Two conditions at one rate: difference of means and permutation test; Holm's over the question's rates."""

    question: str
    learning_rate: float
    difference: float
    p_value: float
    holm: float
    floor: float
    n: list[int]
    method: str


class HeldOut(TypedDict):
    """What a probe asks."""

    split: str
    n_problems: int
    samples_per_problem: int


class LeftOut(TypedDict):
    """A campaign that does not count, and why."""

    reward: str
    learning_rate: float
    seed: int
    reason: str


class LadderFindings(TypedDict):
    """The reward ladder, before the checksums of what it was made from."""

    schema_version: Literal[1]
    testbed: str
    model: Model
    level: float
    window: int
    steps: int
    prompts_per_step: int
    group_size: int
    probe: HeldOut
    conditions: list[Condition]
    comparisons: list[Comparison]
    excluded: list[LeftOut]


class Ladder(LadderFindings):
    """The reward ladder (``ladder.schema.json``)."""

    inputs: dict[str, str]


class DoseContrast(TypedDict):
    """Two controllers, seed by seed; Holm's p-value of what is carried is over the contrasts with the baseline."""

    contrast: str
    carried: Contrast
    end: Contrast


class CarriedFindings(TypedDict):
    """What a wave's controllers deliver, before the checksums of what it was made from."""

    schema_version: Literal[1]
    wave: str
    testbed: str
    model: Model
    level: float
    campaigns: int
    learning_rate: float
    probe: HeldOut
    controllers: dict[str, dict[str, Metric]]
    contrasts: list[DoseContrast]
    excluded: list[Exclusion]


class Carried(CarriedFindings):
    """What a wave's controllers deliver (``carried.schema.json``)."""

    inputs: dict[str, str]


class Finding(TypedDict):
    """A printed number against one that follows from others; ``how`` it follows, in a sentence."""

    check: str
    source: str
    published: str
    recomputed: str
    verdict: Literal["consistent", "rounding", "inconsistent", "cannot be checked"]
    how: str


class Audit(TypedDict):
    """The audit of the paper's printed numbers (``published_audit.schema.json``)."""

    schema_version: Literal[1]
    counts: dict[str, int]
    findings: list[Finding]
    unchecked: list[str]
    inputs: dict[str, str]
