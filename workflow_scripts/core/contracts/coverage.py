"""How often intervals of a mean hold the true mean, by simulation."""

from typing import Literal, TypedDict


class SimulatedPopulation(TypedDict):
    """What samples are drawn from; its mean is what an interval must hold."""

    about: str
    mean: float
    standard_deviation: float


class MethodCoverage(TypedDict):
    """One method at one number of seeds; the width is in standard deviations of the population."""

    population: str
    n: int
    method: str
    coverage: float
    standard_error: float
    undefined: float
    mean_width: float


class SimulatedCoverage(TypedDict):
    """Shares of simulated samples (``coverage.schema.json``)."""

    schema_version: Literal[1]
    level: float
    samples: int
    seed: int
    max_atoms: int
    resamples: int
    unit: Literal["seed"]
    populations: dict[str, SimulatedPopulation]
    methods: list[MethodCoverage]
