"""The answer to a collapse of CARE v1: the learning rate is shrunk, for good (paper, appendix A).

The budget stays: section 5.4 names "step budget and gate sensitivity" as what the redesign put in the place of the
decay. Appendix A does not say which checkpoint v1 rolls forward; the gate's "peak-checkpoint selection" (section 5.4)
is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from workflow_scripts.control.memory import outcome
from workflow_scripts.control.plans import BaseSettings, init_from, make_plan, origin
from workflow_scripts.core.contracts.campaigns import Plan, Reason, Trace
from workflow_scripts.core.contracts.states import Remembered


@dataclass(frozen=True, kw_only=True)
class DecaySettings(BaseSettings):
    """What CARE v1 is told."""

    threshold: Annotated[float, "end/peak below it is a collapse"]
    collapse_factor: Annotated[float, "of the learning rate, at each collapse (A)"]


def collapses(memory: Sequence[Remembered], threshold: float) -> int:
    """How many remembered campaigns ended below ``threshold`` of their peak; a failed one is a collapse."""
    return sum(entry["ratio"] is not None and entry["ratio"] < threshold for entry in memory)


def make_decayed_plan(
    trace: Trace,
    memory: Sequence[Remembered],
    factor: float,
    settings: DecaySettings,
    rule: str,
    counts: dict[str, int],
) -> Plan:
    """The plan after ``trace``, the last one in ``memory``, at ``factor`` of the base learning rate.

    The action is ``adapt`` after a collapse, else ``reuse``; ``counts`` are the events that the factor comes from.
    """
    last, threshold = memory[-1], settings.threshold
    init = init_from(trace, "peak")
    collapsed = collapses(memory[-1:], threshold) == 1
    what = f"{'a collapse' if collapsed else 'not'} below the threshold {threshold:.2f}"
    events = ", ".join(f"{name}: {count}" for name, count in counts.items())
    reason: Reason = {
        "rule": rule,
        "text": (
            f"Campaign {last['campaign']} {outcome(last)}, {what}: {settings.steps} steps from {origin(init)}"
            f" at {factor:.4g} of the base learning rate ({events})."
        ),
        "numbers": {
            "end": last["end"],
            "peak": last["peak"],
            "ratio": last["ratio"],
            "threshold": threshold,
            **counts,
            "learning_rate_factor": factor,
        },
    }
    return make_plan(
        settings,
        last["campaign"] + 1,
        "adapt" if collapsed else "reuse",
        init,
        settings.steps,
        reason,
        learning_rate=settings.learning_rate * factor,
    )
