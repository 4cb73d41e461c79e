"""The measurement itself (docs/preregistration.md): rollouts and peaks once more, drift, chance in gaps."""

from typing import Any, Literal, TypedDict

from workflow_scripts.core.contracts.campaigns import Model
from workflow_scripts.core.contracts.experiments import HeldOut
from workflow_scripts.core.contracts.statistics import Exclusion, Interval, Metric


class VerdictPair(TypedDict):
    """How many rollouts, of how many programs, have one verdict in the rollouts and one when graded again."""

    stored: str
    new: str
    rollouts: int
    programs: int


class Disagreement(TypedDict):
    """A program whose new verdict is another than that of so many of its rollouts."""

    problem: str
    completion: str
    stored: str
    new: str
    detail: str
    rollouts: int


class RegradedRollouts(TypedDict):
    """Stored rollouts graded once more; ``pass_rates`` by step are those of the new verdicts, by path of rollouts.

    ``repeated_programs`` were graded in several campaigns, ``inconsistent_programs`` of them with several verdicts.
    """

    rollouts: int
    programs: int
    repeated_programs: int
    inconsistent_programs: int
    verdicts: list[VerdictPair]
    disagreements: list[Disagreement]
    pass_rates: dict[str, list[float]]


class Regraded(RegradedRollouts):
    """The same with how it was graded (``regraded.schema.json``)."""

    schema_version: Literal[1]
    isolation: dict[str, str]
    limits: dict[str, Any]  # those of grading.limit_options
    inputs: dict[str, str]


class GapsByVerdicts(TypedDict):
    """The mean gap of campaigns by stored verdicts and by new ones, and new less stored."""

    stored: Metric
    regraded: Metric
    difference: Metric


class Grader(TypedDict):
    """The grader against itself: counts as in ``RegradedRollouts``, and what new verdicts do to gaps, by controller."""

    rollouts: int
    programs: int
    repeated_programs: int
    inconsistent_programs: int
    verdicts: list[VerdictPair]
    gaps: dict[str, GapsByVerdicts]


class PeakAgain(TypedDict):
    """Peak and end of last campaigns: of the curve, and sampled again; ``sampling_error`` is of the resampled gap."""

    curve_peak: Metric
    curve_end: Metric
    curve_gap: Metric
    resampled_peak: Metric
    resampled_end: Metric
    resampled_gap: Metric
    regression: Metric
    sampling_error: Metric


class ResampledPeaks(TypedDict):
    """The same by controller, and what was asked."""

    probe: HeldOut
    controllers: dict[str, PeakAgain]


class Course(TypedDict):
    """Means over seeds by campaign, and each seed's slope in 1 / campaign."""

    mean: list[float]
    trend: Metric


class Stationarity(TypedDict):
    """By controller the reward, and the ease of the problems drawn, by campaign.

    ``pools`` counts the different files of problems; ``draws_without_ease`` of ``draws`` are of problems that no other
    seed's standing chain drew.
    """

    campaigns: list[int]
    pools: int
    draws: int
    draws_without_ease: int
    reward: dict[str, Course]
    ease: dict[str, Course]


class Share(TypedDict):
    """A ratio of two means over seeds; null where the lower mean is 0."""

    value: float | None
    n: int
    unit: Literal["seed"]
    intervals: list[Interval]


class Gap(TypedDict):
    """The mean gap of campaigns: as observed, in any order, and where nothing is learned; null of the latter itself."""

    observed: Metric
    permuted: Metric
    excess: Metric
    share_of_permuted: Share
    share_of_still: Share | None


class MeasurementFindings(TypedDict):
    """Grader, peaks, stationarity and chance in the gap of one wave, before the checksums of its inputs."""

    schema_version: Literal[1]
    wave: str
    testbed: str
    model: Model
    level: float
    campaigns: int
    learning_rate: float
    still: str
    window: int
    orders: int
    grader: Grader
    peaks: ResampledPeaks
    stationarity: Stationarity
    gaps: dict[str, dict[str, Gap]]
    excluded: list[Exclusion]


class Measurement(MeasurementFindings):
    """The measurement itself (``measurement.schema.json``)."""

    inputs: dict[str, str]
