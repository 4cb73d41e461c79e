"""A wave's statistics with made-up campaigns, computed the slow way, for the tests of tables and figures."""

import itertools
import math
from typing import Any

import numpy as np
from scipy import stats

SEEDS = (7, 11, 17, 23, 42)
METRICS = {
    "end_pass_rate": lambda c: c["end"],
    "peak_pass_rate": lambda c: c["peak"],
    "gap": lambda c: c["gap"],
    "end_probe": lambda c: c["probe_end"],
    "peak_probe": lambda c: c["probe_peak"],
    "gap_probe": lambda c: c["probe_peak"] - c["probe_end"],
}


def make_statistics(
    wave: str = "W4", role: str = "7B", seeds: tuple[int, ...] = SEEDS, campaigns: int = 10, collapse: bool = True
) -> dict[str, Any]:
    """A valid statistics document: A0 runs 20-step campaigns, A3 pilots every third campaign with 10 steps."""
    rng = np.random.default_rng(20)
    trajectories = [
        _trajectory(rng, controller, seed, campaign, collapse)
        for controller in ("A0", "A3")
        for seed in seeds
        for campaign in range(1, campaigns + 1)
    ]
    rows = [_campaign(trajectory) for trajectory in trajectories]
    last = {(row["controller"], row["seed"]): row for row in rows}  # rows come in order of campaign
    controllers, paired = {}, {}
    for controller in ("A0", "A3"):
        by_seed = {name: {seed: of(last[controller, seed]) for seed in seeds} for name, of in METRICS.items()}
        controllers[controller] = {name: _metric(values, "values") for name, values in by_seed.items()}
    for name, of in METRICS.items():
        differences = {seed: of(last["A3", seed]) - of(last["A0", seed]) for seed in seeds}
        paired[name] = _metric(differences, "differences") | {"sign_flip": sign_flip(list(differences.values()))}
    return {
        "schema_version": 1,
        "wave": wave,
        "testbed": "tiny",
        "chain": f"{role}-reinforce-py-20",
        "model": {"role": role, "name": "tiny-qwen2-355k", "parameters": 354816},
        "controllers": controllers,
        "paired": {"A3-A0": paired},
        "campaigns": rows,
        "trajectories": trajectories,
        "excluded": [{"controller": "A3", "seed": 99, "campaign": 4, "reason": "loss was NaN_at 50% of its steps"}],
        "inputs": {"results/tiny/chains/made_up/trace.json": "0" * 64},
    }


def _trajectory(rng: np.random.Generator, controller: str, seed: int, campaign: int, collapse: bool) -> dict[str, Any]:
    steps = 10 if controller == "A3" and campaign % 3 == 0 else 20
    rise = 0.1 + 0.3 * (1 - np.exp(-np.arange(steps) / 5)) + (0.05 if controller == "A3" else 0)
    rates = np.clip(rise + rng.normal(0, 0.04, steps), 0.01, 1)
    if collapse and rng.random() < 0.5:
        rates[rng.integers(steps // 2, steps) :] *= 0.1
    probe = [[step, round(float(rates[max(step - 1, 0)]) * 0.8, 4)] for step in range(0, steps + 1, 5)]
    return {
        "controller": controller,
        "seed": seed,
        "campaign": campaign,
        "pass_rates": [round(float(rate), 4) for rate in rates],
        "probe": probe,
    }


def _campaign(trajectory: dict[str, Any]) -> dict[str, Any]:
    rates = trajectory["pass_rates"]
    peak_step = int(np.argmax(rates)) + 1
    peak, end = rates[peak_step - 1], rates[-1]
    after = [step for step in range(peak_step + 1, len(rates) + 1) if rates[step - 1] < 0.3 * peak]
    probe = [value for _, value in trajectory["probe"]]
    return {
        "seed": trajectory["seed"],
        "controller": trajectory["controller"],
        "campaign": trajectory["campaign"],
        "action": "pilot" if len(rates) == 10 else "continue",
        "steps": len(rates),
        "peak": peak,
        "peak_step": peak_step,
        "end": end,
        "gap": peak - end,
        "collapsed": end < 0.3 * peak,
        "onset": after[0] if after else None,
        "latency": len(rates) - after[0] if after else None,
        "phase_transition": None,
        "probe_peak": max(probe),
        "probe_end": probe[-1],
    }


def bootstrap_interval(values: list[float]) -> tuple[float, float]:
    """The 2.5 % and 97.5 % atoms of the mean over all n^n resamples (inverse CDF)."""
    means = sorted(sum(draw) / len(draw) for draw in itertools.product(values, repeat=len(values)))
    return tuple(means[math.ceil(q * len(means)) - 1] for q in (0.025, 0.975))


def sign_flip(values: list[float]) -> dict[str, Any]:
    """The exact two-sided sign-flip test."""
    flips = [
        abs(sum(s * v for s, v in zip(signs, values, strict=True)))
        for signs in itertools.product((1, -1), repeat=len(values))
    ]
    p_value = sum(flip >= abs(sum(values)) - 1e-12 for flip in flips) / len(flips)
    return {"p_value": p_value, "floor": 2 / len(flips), "n": len(values)}


def _metric(by_seed: dict[int, float], key: str) -> dict[str, Any]:
    values = list(by_seed.values())
    low, high, note = None, None, "one seed has no spread"
    student_t = (low, high, note)
    if len(values) > 1:
        (low, high), note = bootstrap_interval(values), None
        half = stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / math.sqrt(len(values))
        student_t = (float(np.mean(values) - half), float(np.mean(values) + half), None)
    return {
        key: [{"seed": seed, "value": value} for seed, value in by_seed.items()],
        "mean": sum(values) / len(values),
        "n": len(values),
        "unit": "seed",
        "intervals": [
            {"method": "exact bootstrap over seeds", "level": 0.95, "low": low, "high": high, "note": note},
            {"method": "Student t", "level": 0.95, "low": student_t[0], "high": student_t[1], "note": student_t[2]},
        ],
    }
