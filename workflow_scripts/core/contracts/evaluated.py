"""Grades of samples, evaluations of checkpoints, and the capability vectors made of them."""

from typing import Any, Literal, NotRequired, TypedDict

from workflow_scripts.core.contracts.states import Capabilities
from workflow_scripts.core.contracts.statistics import Contrast, Interval, Metric


class GradedSample(TypedDict):
    """A sample's verdict and what it rests on; null where it was not judged."""

    task_id: str
    verdict: str | None
    detail: str


class GradedProblem(TypedDict):
    """How many samples of a problem were judged (n), and how many of these passed (c)."""

    task_id: str
    n: int
    c: int
    unjudged: int


class Report(TypedDict):
    """Samples, problems and totals."""

    samples: list[GradedSample]
    problems: list[GradedProblem]
    verdicts: dict[str, int]
    unjudged: int


class Grades(Report):
    """The grades of one file of samples, and how they were made (``grades.schema.json``)."""

    schema_version: Literal[1]
    isolation: dict[str, str]
    unsplit_asserts_allowed: bool
    prompt_format: NotRequired[Literal["chat", "prefilled"]]
    limits: dict[str, Any]  # those of grading.limit_options
    inputs: dict[str, str]


Evaluation = TypedDict(
    "Evaluation",
    {
        "pass@1": float,
        "pass@4": float | None,
        "pass@8": float | None,
        "pass@16": float | None,
        "n": int,
        "samples": int,
        "unjudged": int,
        "unit": Literal["problem"],
        "intervals": dict[str, Interval | None],
        "grades_sha256": str,
        "problems_sha256": str,
    },
)


class Missing(TypedDict):
    """What a group declares and nobody graded."""

    checkpoint: str
    split: str


class Group(TypedDict):
    """The final checkpoints of a wave's controller, one per seed."""

    wave: str
    controller: str
    checkpoints: list[str]
    splits: dict[str, dict[str, Metric]]
    missing: list[Missing]


class SeedPair(TypedDict):
    """A seed's difference between two controllers, over problems."""

    seed: int
    earlier: float
    later: float
    difference: float
    interval: Interval


class Pair(TypedDict):
    """Two controllers of a wave on one split."""

    contrast: Contrast
    seeds: list[SeedPair]


class Evaluations(TypedDict):
    """All evaluations of a testbed (``evaluations.schema.json``)."""

    schema_version: Literal[1]
    testbed: str
    models: dict[str, str]
    checkpoints: dict[str, dict[str, Evaluation]]
    groups: dict[str, Group]
    paired: dict[str, dict[str, Pair]]
    inputs: dict[str, str]


class Rests(TypedDict):
    """What a split's value rests on."""

    n: int
    samples: int
    grades_sha256: str


class Vector(TypedDict):
    """A checkpoint's capabilities, and what they rest on, by split."""

    capabilities: Capabilities
    evaluations: dict[str, Rests]


class FinalCheckpoint(Vector):
    """The vector of a chain's final checkpoint."""

    controller: str
    seed: int
    campaign: int
    checkpoint: str
    groups: list[str]


class RoleModel(TypedDict):
    """The real model in a role; null where none is evaluated."""

    role: str
    name: str | None


class Vectors(TypedDict):
    """The vectors of one chain's final checkpoints, before the checksum of what they were read from."""

    schema_version: Literal[1]
    testbed: str
    chain: str
    model: RoleModel
    splits: dict[str, list[str]]
    base: Vector | None
    checkpoints: list[FinalCheckpoint]


class CapabilityVectors(Vectors):
    """The whole file (``capability_vectors.schema.json``)."""

    inputs: dict[str, str]
