"""What a reward does at a constant rate: rise, fall and mechanism of single long campaigns (docs/preregistration.md).

A condition is a reward and a learning rate, over seeds. Rates are fractions in [0, 1], entropies nats a token. Seeds of
two conditions share no draw, so conditions are compared unpaired.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from workflow_scripts.core.contracts.campaigns import Trace
from workflow_scripts.core.contracts.experiments import Comparison, Condition, Curve, LadderFindings, LeftOut, Verdict
from workflow_scripts.core.contracts.statistics import Interval, Metric
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.core.traces import PASS_RATE
from workflow_scripts.statistics.contrasts import holm
from workflow_scripts.statistics.intervals import STUDENT, Bootstrap, metric_over_seeds, student_t

WINDOW = 5  # steps that training, entropy and distinct completions are averaged over
ENTROPY, DISTINCT = "entropy", "completions/unique_fraction"
OF_STEPS = {"training": PASS_RATE, "entropy": ENTROPY, "distinct": DISTINCT}
OF_PROBES = {"held_out": "pass@1", "held_out_pass@n": "pass@n"}
STILL = "none"  # the reward of a campaign at learning rate 0, whatever was graded
_PARTITIONS = 200_000  # 10 seeds against 10 are 184,756, and enumerated

Key = tuple[str, float]
Rows = NDArray[np.float64]


def key_of(trace: Trace) -> Key:
    """A campaign's condition: what it learned from, and the learning rate."""
    rate = trace["plan"]["learning_rate"]
    return (trace["settings"]["update_rule"]["reward"] if rate else STILL, rate)


def summarise(traces: Sequence[Trace], bootstrap: Bootstrap) -> LadderFindings:
    """The ladder without ``inputs``; a campaign that did not complete is left out, and named."""
    conditions: dict[Key, list[Trace]] = {}
    excluded: list[LeftOut] = []
    for trace in sorted(traces, key=lambda trace: trace["identity"]["seed"]):
        if trace["status"] == "completed":
            conditions.setdefault(key_of(trace), []).append(trace)
        else:
            reward, rate = key_of(trace)
            seed, status = trace["identity"]["seed"], trace["status"]
            excluded.append({"reward": reward, "learning_rate": rate, "seed": seed, "reason": f"ended with {status}"})
    if not conditions:
        raise UserError("--traces: no campaign completed")
    found = [_condition(key, conditions[key], bootstrap) for key in sorted(conditions)]
    first = next(iter(conditions.values()))[0]
    probe = first["probe"][0]
    return {
        "schema_version": 1,
        "testbed": first["identity"]["testbed"],
        "model": first["model"],
        "level": bootstrap.level,
        "window": WINDOW,
        "steps": len(first["steps"]),
        "prompts_per_step": first["settings"]["prompts_per_step"],
        "group_size": first["settings"]["group_size"],
        "probe": {
            "split": probe["split"],
            "n_problems": probe["n_problems"],
            "samples_per_problem": probe["samples_per_problem"],
        },
        "conditions": found,
        "comparisons": _comparisons({(one["reward"], one["learning_rate"]): one for one in found}),
        "excluded": excluded,
    }


# ---- one condition


def _condition(key: Key, traces: Sequence[Trace], bootstrap: Bootstrap) -> Condition:
    reward, rate = key
    seeds = [trace["identity"]["seed"] for trace in traces]
    at = [probe["step"] for probe in traces[0]["probe"]]
    if any([probe["step"] for probe in trace["probe"]] != at for trace in traces):
        raise UserError(f"--traces: {reward} at {rate:g}: campaigns are probed at different steps")
    if len({len(trace["steps"]) for trace in traces}) > 1:
        raise UserError(f"--traces: {reward} at {rate:g}: campaigns have different numbers of steps")
    steps = {name: _series([trace["steps"] for trace in traces], of) for name, of in OF_STEPS.items()}
    probes = {name: _series([trace["probe"] for trace in traces], of) for name, of in OF_PROBES.items()}
    values, peaks = seed_values(at, probes, steps)

    def metric(name: str) -> Metric:
        by_seed = dict(zip(seeds, values[name].tolist(), strict=True))
        return metric_over_seeds(by_seed, bootstrap, derive_seed("ladder", reward, str(rate), name))

    metrics = {name: metric(name) for name in values}
    limit = traces[0]["settings"]["max_grad_norm"]
    norms = [step["grad_norm"] for trace in traces for step in trace["steps"] if step["grad_norm"] is not None]
    return {
        "reward": reward,
        "learning_rate": rate,
        "seeds": seeds,
        "peak_steps": peaks,
        "metrics": metrics,
        "clipped_share": sum(norm > limit for norm in norms) / len(norms) if norms else 0.0,
        **verdict({name: direction(one) for name, one in metrics.items()}),
        "curves": {
            **{name: _curve(at, rows, bootstrap.level) for name, rows in probes.items()},
            **{name: _curve(range(1, rows.shape[1] + 1), rows, bootstrap.level) for name, rows in steps.items()},
        },
    }


def _series(records: Sequence[Sequence[Any]], key: str) -> Rows:
    """One indicator, seeds x steps; what a step did not measure is an error here, since the campaign completed."""
    return np.array([[one[key] for one in of_seed] for of_seed in records], dtype=float)


def seed_values(
    at: Sequence[int], probes: Mapping[str, Rows], steps: Mapping[str, Rows]
) -> tuple[dict[str, Rows], list[int]]:
    """Each seed's measures, and the step of its peak, from seeds x probes and seeds x steps.

    The peak is the probe whose mean over the other seeds is highest (the first of equal ones), so that a seed's own
    luck does not choose it; a single seed's is its own highest.
    """
    held, variety = probes["held_out"], probes["held_out_pass@n"]
    n = len(held)
    others = (held.sum(axis=0) - held) / (n - 1) if n > 1 else held
    chosen = np.argmax(np.round(others, 12), axis=1)
    peak = held[np.arange(n), chosen]
    values = {
        "start": held[:, 0],
        "peak": peak,
        "end": held[:, -1],
        "rise": peak - held[:, 0],
        "fall": peak - held[:, -1],
        "change": held[:, -1] - held[:, 0],
        "pass@n_start": variety[:, 0],
        "pass@n_end": variety[:, -1],
        "pass@n_change": variety[:, -1] - variety[:, 0],
    }
    for name, rows in steps.items():
        last = rows[:, -WINDOW:].mean(axis=1)
        ends = np.maximum(np.array(at)[chosen], WINDOW)
        about = np.array([row[end - WINDOW : end].mean() for row, end in zip(rows, ends, strict=True)])
        values[f"{name}_start"] = rows[:, :WINDOW].mean(axis=1)
        values[f"{name}_end"] = last
        values[f"{name}_change_after_peak"] = last - about
    return values, [at[index] for index in chosen]


def direction(metric: Metric) -> Literal[-1, 0, 1]:
    """The sign of a mean whose Student t interval does not hold 0; 0 where it does or where there is none."""
    found = next(one for one in metric["intervals"] if one["method"] == STUDENT)
    low, high = _bounds(found)
    return 1 if low > 0 else -1 if high < 0 else 0


def _bounds(found: Interval) -> tuple[float, float]:
    low, high = found["low"], found["high"]
    return (0.0, 0.0) if low is None or high is None else (low, high)


def verdict(signs: Mapping[str, int]) -> Verdict:
    """What a condition does, by the rule of docs/preregistration.md, from the sign of each measure's interval."""
    falls = signs["fall"] > 0
    entropy, training = signs["entropy_change_after_peak"], signs["training_change_after_peak"]
    mechanism: Literal["narrowing", "melting", "mixed"] = "mixed"
    if entropy < 0 <= training:
        mechanism = "narrowing"
    elif training < 0 < entropy:
        mechanism = "melting"
    return {
        "rises": signs["rise"] > 0,
        "falls": falls,
        "mechanism": mechanism if falls else None,
        "loses_variety": signs["pass@n_change"] < 0 <= signs["change"],
    }


def _curve(at: Sequence[int], rows: Rows, level: float) -> Curve:
    """Mean over seeds by step, with its Student t interval where there are two seeds."""
    columns = rows.T.tolist()
    bands = [student_t(values, level) if len(values) > 1 else (None, None) for values in columns]
    return {
        "steps": list(at),
        "mean": [float(np.mean(values)) for values in columns],
        "low": [low for low, _ in bands],
        "high": [high for _, high in bands],
    }


# ---- conditions against each other


def _comparisons(conditions: Mapping[Key, Condition]) -> list[Comparison]:
    """H1: falls of the graded reward against learning rate 0. H2: ends of the controls against the graded reward's."""
    still = next((one for (reward, _), one in conditions.items() if reward == STILL), None)
    rates = sorted({rate for reward, rate in conditions if reward == "graded"})
    asked: list[tuple[str, str, Callable[[float], Condition | None]]] = [
        ("H1: fall, graded - learning rate 0", "fall", lambda _: still),
        ("H2: end, shuffled - graded", "end", lambda rate: conditions.get(("shuffled", rate))),
        ("H2: end, constant - graded", "end", lambda rate: conditions.get(("constant", rate))),
    ]
    found = []
    for question, metric, other_at in asked:
        rows = []
        for rate in rates:
            other, graded = other_at(rate), conditions["graded", rate]
            if other is None or min(len(graded["seeds"]), len(other["seeds"])) < 2:
                continue
            pair = (graded, other) if metric == "fall" else (other, graded)
            rows.append(_compared(question, rate, *(_values(one, metric) for one in pair)))
        for row, adjusted in zip(rows, holm([row["p_value"] for row in rows]), strict=True):
            row["holm"] = adjusted
        found += rows
    return found


def _values(condition: Condition, metric: str) -> list[float]:
    return [one["value"] for one in condition["metrics"][metric]["values"]]


def _compared(question: str, rate: float, first: Sequence[float], second: Sequence[float]) -> Comparison:
    """Difference of means, and the two-sided permutation test of it over all splits of the seeds, or drawn ones."""
    sizes = len(first), len(second)
    splits = math.comb(sum(sizes), sizes[0])
    test = stats.permutation_test(
        (first, second),
        lambda a, b, axis: np.mean(a, axis=axis) - np.mean(b, axis=axis),
        vectorized=True,
        n_resamples=_PARTITIONS,
        random_state=np.random.default_rng(derive_seed("ladder", question, str(rate))),
    )
    exact = splits <= _PARTITIONS
    return {
        "question": question,
        "learning_rate": rate,
        "difference": float(np.mean(first) - np.mean(second)),
        "p_value": float(test.pvalue),
        "holm": float(test.pvalue),
        "floor": 2 / splits if exact else 2 / (_PARTITIONS + 1),
        "n": [*sizes],
        "method": f"two-sided permutation test of means, {'exact' if exact else f'{_PARTITIONS} draws'}",
    }
