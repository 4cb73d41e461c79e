"""The excluded cone by hand, in the plane."""

import math

import pytest

from workflow_scripts.control.care_full.care_boundary import distance_to_boundary, distance_to_cone, draw_cone

# Apex (0.2, 0.5), axis to the right, half-angle 45 degrees.
CONE = {"apex": [0.2, 0.5], "towards": [0.6, 0.5]}


@pytest.mark.parametrize(
    ("context", "distance"),
    [
        ([0.6, 0.5], 0.0),  # the regressed context itself
        ([0.9, 0.5], 0.0),  # further in its direction
        ([0.4, 0.69], 0.0),  # 0.2 along, 0.19 across: within 45 degrees
        ([0.4, 0.9], 0.2 / math.sqrt(2)),  # 0.2 along, 0.4 across: (0.4 - 0.2) / sqrt(2) from the side
        ([0.2, 0.9], 0.4 / math.sqrt(2)),  # straight up: 45 degrees from the side
        ([0.1, 0.5], 0.1),  # behind: the apex is nearest
        ([0.1, 0.8], math.hypot(0.1, 0.3) * math.sin(math.atan2(0.3, -0.1) - math.pi / 4)),
        ([0.2, 0.5], 0.0),  # the apex
    ],
)
def test_distance(context: list[float], distance: float) -> None:
    assert distance_to_cone(context, CONE, 45.0) == pytest.approx(distance, abs=1e-12)


def test_a_cone_starts_at_the_nearest_safe_context() -> None:
    assert draw_cone([0.6, 0.5], [[0.1, 0.1], [0.2, 0.5]]) == CONE


@pytest.mark.parametrize("safe", [[], [[0.6, 0.5]]])
def test_without_a_direction_there_is_no_cone(safe: list[list[float]]) -> None:
    assert draw_cone([0.6, 0.5], safe) is None


def test_the_boundary_is_the_nearest_cone() -> None:
    other = {"apex": [0.2, 0.9], "towards": [0.1, 0.9]}
    assert distance_to_boundary([0.1, 0.5], [], 45.0) is None
    assert distance_to_boundary([0.1, 0.5], [CONE, other], 45.0) == pytest.approx(0.1)
    assert distance_to_boundary([0.0, 0.9], [CONE, other], 45.0) == 0.0
