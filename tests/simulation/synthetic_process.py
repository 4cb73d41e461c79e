"""A rise-and-collapse process with chosen parameters, and the valid traces of chains that were drawn from it."""

from dataclasses import replace
from typing import Any

import numpy as np

from tests.control.synthetic_traces import make_trace
from workflow_scripts.simulation.collapse_fit import Assumed
from workflow_scripts.simulation.collapse_process import CollapseProcess, base_policies, dose, next_start, run_campaigns

ASSUMED = Assumed(
    kl_half_coefficient=0.05,
    hazard_exponent=1.0,
    hard_share=0.5,
    cpp_share=0.8,
    ood_share=0.9,
    erosion=0.002,
    evaluation_samples=1600,
)
LEARNING_RATE = 0.0015  # that of synthetic_traces

_PROCESS = CollapseProcess(
    reference_learning_rate=LEARNING_RATE,
    kl_half_coefficient=0.05,
    start_skill=0.35,
    ceiling=0.8,
    drift=0.15,
    hazard_steps=9.0,
    hazard_shape=4.0,
    hazard_exponent=1.0,
    severity=0.6,
    severity_spread=0.1,
    fall_steps=2.0,
    peak_carryover=0.95,
    end_carryover=0.8,
    problem_correlation=0.2,
    prompts_per_step=4,
    group_size=16,
    hard_share=0.5,
    cpp_share=0.8,
    ood_share=0.9,
    erosion=0.002,
    evaluation_samples=1600,
)


def make_process(**changes: Any) -> CollapseProcess:
    """The process of these tests, with some parameters changed."""
    return replace(_PROCESS, **changes)


def make_traces(process: CollapseProcess, chains: int, campaigns: int, steps: int, seed: int) -> list[dict[str, Any]]:
    """Valid traces of chains that roll the end forward (A0) and of as many that roll the peak (A3), one seed each."""
    traces = []
    for number in range(2 * chains):
        controller, checkpoint = (("A0", "end"), ("A3", "peak"))[number % 2]
        random = np.random.default_rng([seed, number])
        rate, coefficient, length = np.array([LEARNING_RATE]), np.zeros(1), np.array([steps])
        last = None
        for campaign in range(1, campaigns + 1):
            start = base_policies(process, 1)
            if last:
                rolled = np.array([checkpoint])
                start = next_start(process, last, rolled == "peak", rolled == "end", dose(process, rate, coefficient))
            last = run_campaigns(process, start, rate, coefficient, length, random)
            trace = make_trace(last.rates[0].tolist(), campaign, controller, seed=number, action="reuse")
            if campaign > 1:
                trace["plan"]["init"]["checkpoint"] = checkpoint
            trace["settings"]["prompts_per_step"] = process.prompts_per_step
            traces.append(trace)
    return traces
