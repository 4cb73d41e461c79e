"""What CARE in full is told (appendix D)."""

from dataclasses import dataclass
from typing import Annotated

from workflow_scripts.control.capabilities import MeasuredSettings


@dataclass(frozen=True, kw_only=True)
class CareSettings(MeasuredSettings):
    """The settings of A5."""

    capabilities: Annotated[tuple[str, ...], "those of `control/capabilities.py` that it knows, the target among them"]
    protected: Annotated[tuple[str, ...], "those whose regression rejects"]
    learning_rate_factors: Annotated[tuple[float, ...], "of the base rate, 1 among them (5.5)"]
    kl_increments: Annotated[tuple[float, ...], "added to the schedule, 0 among them (5.5)"]
    pilot_steps: Annotated[int, "steps of a pilot or rejected campaign (Table 7)"]
    prior_scale: Annotated[float, "standard deviation of a weight"]
    observation_noise: Annotated[float, "standard deviation of a delta"]
    regression_margin: Annotated[float, "epsilon: a loss beyond it is a regression"]
    initial_alpha: Annotated[float, "share of accepted campaigns that may regress, at first"]
    alpha_decay: Annotated[float, "lambda: how fast surprising regressions lower alpha"]
    confidence_bounds: Annotated[tuple[float, float], "gamma_low and gamma_high"]
    confidence_floor: Annotated[float, "epsilon_0"]
    context_distance: Annotated[float, "d_thresh: beyond it a strategy is adapted"]
    cone_half_angle: Annotated[float, "of an excluded cone of contexts, in degrees"]
    boundary_margin: Annotated[float, "distance at which a context is near the boundary"]
    surprise_level: Annotated[float, "beta: quantile from which an effect surprises"]
    surprise_factor: Annotated[float, "sigma_surprise^2 per mean squared error"]
