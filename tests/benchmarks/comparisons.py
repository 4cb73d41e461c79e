"""Two costs beside each other: measured in turn in one run, shown as the ratio with its spread."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Comparison:
    """What something costs, and what its yardstick costs; element k of both was measured one after the other.

    ``goal`` is the ratio that is aimed at: a mark to read the result by, and no test, for a busy machine is no fault.
    """

    name: str
    yardstick: str
    costs: Sequence[float]
    yardstick_costs: Sequence[float]
    unit: str
    goal: float

    def line(self) -> str:
        """Median ratio, least and greatest, number of pairs, and the median costs."""
        ratios = [cost / other for cost, other in zip(self.costs, self.yardstick_costs, strict=True)]
        middle = statistics.median(ratios)
        spread = f"{middle:.2f} [{min(ratios):.2f}, {max(ratios):.2f}], n={len(ratios)}"
        cost, other = statistics.median(self.costs), statistics.median(self.yardstick_costs)
        word = "goal" if middle <= self.goal else "MISSED goal"
        return (
            f"{self.name} / {self.yardstick}: {spread}; {word} at most {self.goal:g} "
            f"({cost:.3g} / {other:.3g} {self.unit})"
        )


def in_turn(
    measure: Callable[[], float], measure_yardstick: Callable[[], float], repeats: int
) -> tuple[list[float], list[float]]:
    """Costs and the yardstick's, a pair for each repeat."""
    pairs = [(measure(), measure_yardstick()) for _ in range(repeats)]
    return [cost for cost, _ in pairs], [other for _, other in pairs]
