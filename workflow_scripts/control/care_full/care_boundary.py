"""CARE's boundary predicate: the contexts in which a strategy is no longer judged safe (paper, appendix D.3, update 1).

After a regression that was not foreseen, the predicate becomes b_s and not [phi(x') in cone(phi(x), phi(x_regressed))].
The paper does not define the cone of two points. Here it is the circular cone with its apex in phi(x), a context where
the strategy was applied without a regression, and its axis through phi(x_regressed): whoever goes on from the safe
context in the direction of the regressed one is beyond the boundary, as in the paper's "harmful when positive_rate >
0.4". The two-sided hull of two vectors would be a plane through the origin, which new contexts almost never lie in.
"""

import math
from collections.abc import Iterable, Sequence

from workflow_scripts.core.contracts.states import Cone


def draw_cone(regressed: Sequence[float], safe: Iterable[Sequence[float]]) -> Cone | None:
    """The cone from the nearest of the ``safe`` contexts towards the ``regressed`` one.

    None where no safe context is known, or the nearest is the regressed one itself: then there is no direction, and
    the posterior alone carries the warning.
    """
    nearest = min(safe, key=lambda context: math.dist(context, regressed), default=None)
    if nearest is None or math.dist(nearest, regressed) == 0:
        return None
    return {"apex": list(nearest), "towards": list(regressed)}


def distance_to_cone(context: Sequence[float], cone: Cone, half_angle: float) -> float:
    """Euclidean distance of a context from the solid cone; 0 within it. ``half_angle`` in degrees, in (0, 90]."""
    apex, towards = cone["apex"], cone["towards"]
    arm = [a - b for a, b in zip(context, apex, strict=True)]
    axis = [a - b for a, b in zip(towards, apex, strict=True)]
    length = math.hypot(*arm)
    along = sum(a * b for a, b in zip(arm, axis, strict=True)) / math.hypot(*axis)
    across = math.sqrt(max(length**2 - along**2, 0.0))
    beyond = math.atan2(across, along) - math.radians(half_angle)
    if beyond <= 0:
        return 0.0
    return length if beyond >= math.pi / 2 else length * math.sin(beyond)


def distance_to_boundary(context: Sequence[float], boundary: Iterable[Cone], half_angle: float) -> float | None:
    """Distance of a context from the nearest excluded cone, 0 within one; None where nothing is excluded."""
    return min((distance_to_cone(context, cone, half_angle) for cone in boundary), default=None)
