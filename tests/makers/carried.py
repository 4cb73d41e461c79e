"""Chains of three campaigns whose probes and plans a test chooses."""

from typing import Any

from tests.control.synthetic_traces import make_trace

CONTROLLERS, SEEDS, CAMPAIGNS = ("A0", "B1", "NULL"), (1, 2, 3), 3
RATES = [0.2, 0.5, 0.9, 0.4]  # four steps with their peak at the third
GAIN = {"A0": 0.1, "B1": 0.2, "NULL": 0.0}  # per campaign, held out


def make_chains() -> list[dict[str, Any]]:
    """A0 goes on from ends, B1 from peaks, NULL learns nothing after campaign 1, which all share."""
    made = []
    for seed in SEEDS:
        made.append(_campaign(1, "first", seed, 0.3, 0.4, 1e-3, "base"))
        for controller in CONTROLLERS:
            checkpoint = "peak" if controller == "B1" else "end"
            rate = 0.0 if controller == "NULL" else 1e-3
            for campaign in range(2, CAMPAIGNS + 1):
                start = 0.3 + 0.01 * seed + GAIN[controller] * (campaign - 1)
                made.append(_campaign(campaign, controller, seed, start, start + 0.05, rate, checkpoint))
    return made


def _campaign(
    campaign: int, controller: str, seed: int, start: float, end: float, rate: float, checkpoint: str
) -> dict[str, Any]:
    trace = make_trace(RATES, campaign=campaign, controller=controller, seed=seed, probe=[(0, start), (4, end)])
    trace["plan"]["learning_rate"] = rate
    trace["plan"]["init"] = {"campaign": campaign - 1, "checkpoint": checkpoint}
    for step in trace["steps"]:
        step["learning_rate"] = rate * min(1.0, step["step"] / 2)  # half the rate in the first step
    return trace
