"""Chains of three campaigns with what is measured beside them: rollouts, and grades of peaks and ends."""

import random
from collections.abc import Iterator
from typing import Any

from tests.control.synthetic_traces import make_trace
from workflow_scripts.core.contracts.experiments import HeldOut
from workflow_scripts.core.traces import pass_rates
from workflow_scripts.statistics.measurement.measurement import Measurements, identity

CONTROLLERS, STILL, SEEDS, CAMPAIGNS, STEPS = ("A0", "A3"), "NULL", (1, 2, 3), 3, 7
PROBLEMS = [f"p{number}" for number in range(12)]
PROBE: HeldOut = {"split": "probe", "n_problems": 2, "samples_per_problem": 16}


def make_chains() -> list[dict[str, Any]]:
    """A0 rises, A3 falls and pilots its second campaign, NULL does neither; of each seed the first is shared."""
    made = []
    for seed in SEEDS:
        made.append(_campaign(1, "first", seed, STEPS))
        for controller in (*CONTROLLERS, STILL):
            for campaign in range(2, CAMPAIGNS + 1):
                made.append(_campaign(campaign, controller, seed, 5 if (controller, campaign) == ("A3", 2) else STEPS))
    return made


def _campaign(campaign: int, controller: str, seed: int, steps: int) -> dict[str, Any]:
    drawn = random.Random(f"{controller} {seed} {campaign}")
    slope = {"A0": 0.03, "A3": -0.03}.get(controller, 0.0)
    rates = [round(0.4 + slope * step + drawn.uniform(0, 0.3), 4) for step in range(steps)]
    probe = [(0, round(drawn.uniform(0.3, 0.6), 2)), (3, round(drawn.uniform(0.3, 0.6), 2)), (steps, 0.4)]
    trace = make_trace(rates, campaign=campaign, controller=controller, seed=seed, probe=probe)
    trace["inputs"]["pool"] = "b" * 64
    for step in trace["steps"]:
        step["problem_ids"] = drawn.sample(PROBLEMS, 4)
    return trace


def make_rollouts(trace: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Two completions of each problem that a campaign drew; problem pN passes with the seed's luck and N."""
    for step in trace["steps"]:
        for problem in step["problem_ids"]:
            for number in range(2):
                passed = (int(problem[1:]) + trace["identity"]["seed"] + step["step"] + number) % 12 < 5
                verdict = "passed" if passed else "failed"
                yield {"step": step["step"], "problem": problem, "completion": f"return {number}"} | {
                    "reward": int(passed),
                    "verdict": verdict,
                    "tokens": 2,
                    "log_probability": -1.0,
                }


def make_regraded() -> dict[str, Any]:
    """10 rollouts, of which one has another verdict than the stored one."""
    return {
        "schema_version": 1,
        "rollouts": 10,
        "programs": 6,
        "repeated_programs": 3,
        "inconsistent_programs": 1,
        "verdicts": [
            {"stored": "failed", "new": "failed", "rollouts": 9, "programs": 5},
            {"stored": "failed", "new": "passed", "rollouts": 1, "programs": 1},
        ],
        "disagreements": [
            {
                "problem": "p1",
                "completion": "return 1",
                "stored": "failed",
                "new": "passed",
                "detail": "",
                "rollouts": 1,
            }
        ],
        "pass_rates": {},
        "isolation": {},
        "limits": {
            "cpu_seconds": 1.0,
            "wall_seconds": 10.0,
            "memory_bytes": 1,
            "stack_bytes": 1,
            "output_bytes": 1,
            "time_limit_factor": 3.0,
            "compile_cpu_seconds": 1.0,
            "compile_memory_bytes": 1,
        },
        "inputs": {},
    }


def make_grades(controller: str, seed: int, which: str) -> list[dict[str, Any]]:
    """Two problems with 16 samples each."""
    passed = {"A0": 8, "A3": 10}[controller] + seed - (2 if which == "end" else 0)
    return [
        {"task_id": "h1", "n": 16, "c": passed, "unjudged": 0},
        {"task_id": "h2", "n": 16, "c": 4, "unjudged": 0},
    ]


def make_measurements() -> Measurements:
    """All of it, with every peak 0.01 lower by the new verdicts."""
    chains = make_chains()
    rates = {identity(trace): _lowered(pass_rates(trace)) for trace in chains}
    passes: dict[int, dict[str, tuple[int, int]]] = {seed: {} for seed in SEEDS}
    for trace in chains:
        if trace["identity"]["controller"] == STILL:
            own = passes[trace["identity"]["seed"]]
            for row in make_rollouts(trace):
                passed, total = own.get(row["problem"], (0, 0))
                own[row["problem"]] = (passed + row["reward"], total + 1)
    resampled = {
        (name, seed, which): make_grades(name, seed, which)
        for name in CONTROLLERS
        for seed in SEEDS
        for which in ("peak", "end")
    }
    return Measurements(make_regraded(), rates, passes, resampled, PROBE)


def _lowered(rates: list[float]) -> list[float]:
    place = rates.index(max(rates))
    return [rate - 0.01 if at == place else rate for at, rate in enumerate(rates)]
