"""How much training a checkpoint of a chain went through, with what rolled-back campaigns left behind taken out.

Nothing here imports numpy: controllers read it, and start in milliseconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from workflow_scripts.core.contracts.campaigns import Origin, Trace
from workflow_scripts.core.traces import pass_rates, peak


@dataclass(frozen=True)
class Dose:
    """Updates at a rate above 0 that a checkpoint went through; sums over them of rate / base rate and its square."""

    updates: int = 0
    rates: float = 0.0
    squares: float = 0.0

    def after(self, trace: Trace, updates: int, base_rate: float) -> "Dose":
        """This dose and the first so many updates of a campaign."""
        own = [step["learning_rate"] / base_rate for step in trace["steps"][:updates] if step["learning_rate"]]
        return Dose(self.updates + len(own), self.rates + sum(own), self.squares + sum(rate**2 for rate in own))


def offered(chain: Sequence[Trace]) -> dict[Origin, Dose]:
    """The dose of each checkpoint that the next campaign of a chain may start from."""
    doses: dict[Origin, Dose] = {"base": Dose(), "peak": Dose(), "end": Dose()}
    for trace in chain:
        base_rate, start = chain[0]["plan"]["learning_rate"], doses[trace["plan"]["init"]["checkpoint"]]
        rates = pass_rates(trace)
        # The peak checkpoint was sampled at the peak step, before that step's update.
        doses["peak"] = start.after(trace, peak(rates)[0] - 1 if rates else 0, base_rate)
        doses["end"] = start.after(trace, len(trace["steps"]), base_rate)
    return doses


def lineage(chain: Sequence[Trace]) -> Dose:
    """The dose of the checkpoint that the last campaign of a chain starts from."""
    return offered(chain[:-1])[chain[-1]["plan"]["init"]["checkpoint"]]
