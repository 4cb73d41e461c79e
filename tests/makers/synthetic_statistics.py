"""A wave's statistics with made-up campaigns, computed the slow way, for the tests of tables and figures."""

import itertools
import math
from typing import Any

import numpy as np
from scipy import stats

SEEDS = (7, 11, 17, 23, 42)
# Of a chain: the rows of its campaigns, in order.
METRICS = {
    "end_pass_rate": lambda chain: chain[-1]["end"],
    "peak_pass_rate": lambda chain: chain[-1]["peak"],
    "gap": lambda chain: chain[-1]["gap"],
    "end_probe": lambda chain: chain[-1]["probe_end"],
    "peak_probe": lambda chain: chain[-1]["probe_peak"],
    "gap_probe": lambda chain: chain[-1]["probe_peak"] - chain[-1]["probe_end"],
    "start_pass_rate": lambda chain: chain[-1]["start"],
    "total_steps": lambda chain: sum(row["steps"] for row in chain),
    "pass_rate_per_100_steps": lambda chain: 100 * chain[-1]["end"] / sum(row["steps"] for row in chain),
    "collapses": lambda chain: sum(row["collapsed"] for row in chain),
    "any_collapse": lambda chain: int(any(row["collapsed"] for row in chain)),
    "oracle_end": lambda chain: max(chain[-1]["pass_rates"][: stopped_after(chain[-1]["pass_rates"])]),
    "oracle_steps": lambda chain: sum(stopped_after(row["pass_rates"]) for row in chain),
    "hindsight": lambda chain: max(row["peak"] for row in chain),
}
CAMPAIGN_METRICS = {
    **{name: (lambda row, name=name: row[name]) for name in ("peak", "end", "gap", "phase_transition", "onset")},
    **{name: (lambda row, name=name: row[name]) for name in ("latency", "probe_peak", "probe_end")},
    **{f"gap_above_{x}": (lambda row, x=x: int(row["gap"] > x)) for x in (0.2, 0.3, 0.5)},
    "collapsed": lambda row: int(row["collapsed"]),
    "probe_gap": lambda row: row["probe_peak"] - row["probe_end"],
}


def make_statistics(
    wave: str = "W4",
    role: str = "7B",
    seeds: tuple[int, ...] = SEEDS,
    campaigns: int = 10,
    collapse: bool = True,
    controllers: tuple[str, ...] = ("A0", "A3"),
) -> dict[str, Any]:
    """A valid statistics document: A3 pilots every third campaign with 10 steps, all others run 20-step campaigns."""
    rng = np.random.default_rng(20)
    trajectories = [
        _trajectory(rng, controller, seed, campaign, collapse)
        for controller in controllers
        for seed in seeds
        for campaign in range(1, campaigns + 1)
    ]
    rows = [_campaign(trajectory) for trajectory in trajectories]
    chains: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for row, trajectory in zip(rows, trajectories, strict=True):
        chains.setdefault((row["controller"], row["seed"]), []).append(row | {"pass_rates": trajectory["pass_rates"]})
    values = {
        controller: {name: {seed: of(chains[controller, seed]) for seed in seeds} for name, of in METRICS.items()}
        for controller in controllers
    }
    paired = {
        f"{later}-{earlier}": {
            name: _contrast({seed: values[later][name][seed] - values[earlier][name][seed] for seed in seeds})
            for name in METRICS
        }
        for earlier, later in itertools.combinations(controllers, 2)
    }
    return {
        "schema_version": 1,
        "wave": wave,
        "testbed": "tiny",
        "chain": f"{role}-reinforce-py-20",
        "model": {"role": role, "name": "tiny-qwen2-404k", "parameters": 354816},
        "controllers": {
            controller: {name: _metric(by_seed, "values") for name, by_seed in metrics.items()}
            for controller, metrics in values.items()
        },
        "paired": paired,
        "campaign_metrics": {
            controller: {
                name: _campaign_metric([[of(row) for row in chains[controller, seed]] for seed in seeds])
                for name, of in CAMPAIGN_METRICS.items()
            }
            for controller in controllers
        },
        "carryover": {
            controller: [
                {"campaign": position + 1, "n": len(seeds)}
                | {f"mean_{at}": _mean_at(chains, controller, position, at) for at in ("start", "peak", "end")}
                for position in range(campaigns)
            ]
            for controller in controllers
        },
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
    drops = [rates[step - 1] - rates[step] for step in range(peak_step, len(rates))]
    probe = [value for _, value in trajectory["probe"]]
    return {
        "seed": trajectory["seed"],
        "controller": trajectory["controller"],
        "campaign": trajectory["campaign"],
        "action": "pilot" if len(rates) == 10 else "continue",
        "max_steps": len(rates),
        "learning_rate": 0.002,
        "kl_coefficient": 0.0,
        "steps": len(rates),
        "start": rates[0],
        "peak": peak,
        "peak_step": peak_step,
        "end": end,
        "gap": peak - end,
        "collapsed": end < 0.3 * peak,
        "onset": after[0] if after else None,
        "latency": len(rates) - after[0] if after else None,
        "phase_transition": max(drops) / (peak - end) if peak > end else None,
        "probe_peak": max(probe),
        "probe_end": probe[-1],
    }


def stopped_after(rates: list[float]) -> int:
    """The step at which the online early-stop oracle stops: three in a row more than 0.02 below the best so far."""
    for step in range(4, len(rates) + 1):
        if all(rates[step - back] < max(rates[: step - back]) - 0.02 for back in (1, 2, 3)):
            return step
    return len(rates)


def cluster_interval(by_seed: list[list[float]]) -> tuple[float, float]:
    """The 2.5 % and 97.5 % atoms of the mean over all campaigns of n seeds drawn with replacement."""
    means = []
    for draw in itertools.product([(sum(values), len(values)) for values in by_seed], repeat=len(by_seed)):
        means.append(sum(total for total, _ in draw) / sum(count for _, count in draw))
    means.sort()
    return tuple(means[math.ceil(q * len(means)) - 1] for q in (0.025, 0.975))


def bootstrap_interval(values: list[float]) -> tuple[float, float]:
    """The 2.5 % and 97.5 % atoms of the mean over all n^n resamples (inverse CDF)."""
    means = sorted(sum(draw) / len(draw) for draw in itertools.product(values, repeat=len(values)))
    return tuple(means[math.ceil(q * len(means)) - 1] for q in (0.025, 0.975))


def bca_interval(values: list[float]) -> tuple[float, float]:
    """The 95 % BCa bounds over all n^n resamples of values that differ, by the formulas as Efron writes them."""
    n, observed = len(values), sum(values) / len(values)
    means = sorted(sum(draw) / n for draw in itertools.product(values, repeat=n))
    ties = [math.isclose(mean, observed, rel_tol=1e-12, abs_tol=1e-12) for mean in means]
    below = sum(0.5 if tie else float(mean < observed) for mean, tie in zip(means, ties, strict=True))
    bias = stats.norm.ppf(below / len(means))
    left_out = [(sum(values) - value) / (n - 1) for value in values]
    apart = [sum(left_out) / n - mean for mean in left_out]
    acceleration = sum(d**3 for d in apart) / (6 * sum(d**2 for d in apart) ** 1.5)
    shifted = [bias + stats.norm.ppf(quantile) for quantile in (0.025, 0.975)]
    quantiles = [stats.norm.cdf(bias + z / (1 - acceleration * z)) for z in shifted]
    return tuple(means[max(math.ceil(q * len(means) - 1e-9), 1) - 1] for q in quantiles)


def sign_flip(values: list[float]) -> dict[str, Any]:
    """The exact two-sided sign-flip test."""
    flips = [
        abs(sum(s * v for s, v in zip(signs, values, strict=True)))
        for signs in itertools.product((1, -1), repeat=len(values))
    ]
    p_value = sum(flip >= abs(sum(values)) - 1e-12 for flip in flips) / len(flips)
    found = {"method": "exact two-sided sign-flip test", "p_value": p_value, "floor": 2 / len(flips), "n": len(values)}
    return found | {"holm": p_value, "tests": 1}


def _mean_at(chains: dict[tuple[str, int], list[dict[str, Any]]], controller: str, position: int, at: str) -> float:
    values = [chain[position][at] for (owner, _), chain in chains.items() if owner == controller]
    return sum(values) / len(values)


def _campaign_metric(by_seed: list[list[float | None]]) -> dict[str, Any]:
    """The mean over all campaigns of all seeds that have a value; the campaigns' interval by 2,000 draws."""
    kept = [[value for value in values if value is not None] for values in by_seed]
    defined = [value for values in kept for value in values]
    clusters = [values for values in kept if values]
    low, high, cluster_note = None, None, "fewer than 2 seeds have a value"
    if len(clusters) > 1:
        (low, high), cluster_note = cluster_interval(clusters), None
    bounds = (None, None)
    if len(defined) > 1:
        draws = np.random.default_rng(0).choice(defined, (2000, len(defined))).mean(axis=1)
        bounds = tuple(float(bound) for bound in np.quantile(draws, (0.025, 0.975), method="inverted_cdf"))
    note = "as if the campaigns of one chain were independent"
    return {
        "mean": sum(defined) / len(defined) if defined else None,
        "n": sum(len(values) for values in by_seed),
        "defined": len(defined),
        "n_seeds": len(by_seed),
        "intervals": [
            {
                "method": "exact cluster bootstrap over seeds",
                "level": 0.95,
                "low": low,
                "high": high,
                "note": cluster_note,
            },
            {
                "method": "resampled bootstrap over campaigns",
                "level": 0.95,
                "low": bounds[0],
                "high": bounds[1],
                "note": note,
            },
        ],
    }


def _contrast(differences: dict[int, float]) -> dict[str, Any]:
    metric = _metric(differences, "differences")
    del metric["iqm"]
    better = sum((value > 0) + (value == 0) / 2 for value in differences.values()) / len(differences)
    return metric | {"probability_of_improvement": better, "sign_flip": sign_flip(list(differences.values()))}


def _metric(by_seed: dict[int, float], key: str) -> dict[str, Any]:
    values = list(by_seed.values())
    low, high, note = None, None, "one seed has no spread"
    student_t, bca = (low, high, note), (low, high, note)
    if len(values) > 1:
        (low, high), note = bootstrap_interval(values), None
        bca = (None, None, "all values are equal") if min(values) == max(values) else (*bca_interval(values), None)
        half = stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / math.sqrt(len(values))
        student_t = (float(np.mean(values) - half), float(np.mean(values) + half), None)
    return {
        key: [{"seed": seed, "value": value} for seed, value in by_seed.items()],
        "mean": sum(values) / len(values),
        "n": len(values),
        "unit": "seed",
        "iqm": float(np.mean(sorted(values)[len(values) // 4 : len(values) - len(values) // 4])),
        "intervals": [
            {"method": "exact bootstrap over seeds", "level": 0.95, "low": low, "high": high, "note": note},
            {"method": "Student t", "level": 0.95, "low": student_t[0], "high": student_t[1], "note": student_t[2]},
            {"method": "exact BCa over seeds", "level": 0.95, "low": bca[0], "high": bca[1], "note": bca[2]},
        ],
    }
