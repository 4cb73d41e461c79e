"""CARE's campaign memory: what was applied, where, and what came of it (paper, Definition 5, at the deployed K = 1).

The deployed gate sees only the ratio end / peak of the training pass rate (section 5.12), so an entry holds this
ratio in the place of the K-dimensional capability delta, and no posterior.
"""

from collections.abc import Sequence

from workflow_scripts.core.contracts.campaigns import Trace
from workflow_scripts.core.contracts.states import Observation, Remembered, State
from workflow_scripts.core.traces import end, end_to_peak_ratio, pass_rates, peak

FAILED_RATIO = 0.0


def remember(trace: Trace) -> Observation:
    """The memory entry of one campaign (``memory`` in ``state.schema.json``), before any belief about it.

    A campaign that failed (a non-finite loss or gradient, a null pass rate, no step at all) counts as a total collapse:
    ratio 0. One whose peak is 0 never rose, so it has no ratio: null.
    """
    plan = trace["plan"]
    rates = pass_rates(trace)
    failed = trace["status"] != "completed" or not rates or len(rates) < len(trace["steps"])
    peak_step, highest = peak(rates) if rates else (None, None)
    return {
        "campaign": trace["identity"]["campaign"],
        "status": trace["status"],
        "strategy": {
            "action": plan["action"],
            "checkpoint": plan["init"]["checkpoint"],
            "max_steps": plan["max_steps"],
            "learning_rate": plan["learning_rate"],
            "kl_coefficient": plan["kl_coefficient"],
        },
        "context": {"start_pass_rate": rates[0] if rates else None},
        "peak_step": peak_step,
        "peak": highest,
        "end": end(rates) if rates else None,
        "ratio": FAILED_RATIO if failed else end_to_peak_ratio(rates),
    }


def extend(state: State | None, history: Sequence[Trace], threshold: float | None = None) -> list[Remembered]:
    """The state's memory with an entry for each campaign that it does not hold yet, under a fixed threshold or none.

    Nothing is predicted: that is belief revision's part.
    """
    memory = list(state["memory"]) if state else []
    for trace in history[len(memory) :]:
        memory.append({**remember(trace), "predicted_ratio": None, "threshold": threshold})
    return memory


def outcome(entry: Observation) -> str:
    """What became of a remembered campaign, in words that follow its number."""
    if entry["status"] != "completed":
        return f"failed ({entry['status']})"
    if entry["ratio"] is None:
        return "never passed a test (peak 0)"
    return f"ended at {entry['ratio']:.2f} of its peak"
