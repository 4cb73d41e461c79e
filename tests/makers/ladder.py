"""Campaigns of a reward ladder whose curves a test draws."""

from collections.abc import Callable
from typing import Any

from tests.control.synthetic_traces import make_trace

STEPS, EVERY = 12, 3
Course = Callable[[int, int], float]


def make_campaign(
    seed: int,
    held_out: Course,
    reward: str = "graded",
    rate: float = 1e-3,
    training: Course = lambda *_: 0.5,
    entropy: Course = lambda *_: 0.1,
) -> dict[str, Any]:
    """One campaign; courses are functions of seed and step."""
    probe = [(step, held_out(seed, step)) for step in range(0, STEPS + 1, EVERY)]
    trace = make_trace([training(seed, step) for step in range(1, STEPS + 1)], seed=seed, probe=probe)
    trace["settings"]["update_rule"]["reward"] = reward
    trace["settings"]["max_grad_norm"] = 1.0
    trace["plan"]["learning_rate"] = rate
    for step in trace["steps"]:
        number = step["step"]
        step |= {"entropy": entropy(seed, number), "completions/unique_fraction": 0.5, "grad_norm": 0.1 * number}
    return trace


def luck(seed: int, step: int) -> float:
    """Small, deterministic and different for every seed and step."""
    return 0.01 * ((seed * 7919 + step * 104729) % 97 / 97 - 0.5)


def make_ladder() -> list[dict[str, Any]]:
    """Three seeds of a narrowing graded reward, of a melting shuffled one, and of learning rate 0, at one rate each."""
    made = []
    for seed in (1, 2, 3):
        made += [
            make_campaign(
                seed,
                lambda seed, step: 0.5 + (0.02 * step if step <= 6 else 0.12 - 0.05 * (step - 6)) + luck(seed, step),
                training=lambda seed, step: 0.5 + 0.04 * step + luck(seed, step),
                entropy=lambda seed, step: 0.3 - 0.02 * step + luck(seed, step),
            ),
            make_campaign(
                seed,
                lambda seed, step: 0.5 - 0.04 * step + luck(seed, step),
                reward="shuffled",
                training=lambda seed, step: 0.5 - 0.03 * step + luck(seed, step),
                entropy=lambda seed, step: 0.1 + 0.02 * step + luck(seed, step),
            ),
            make_campaign(seed, lambda seed, step: 0.5 + luck(seed, step), rate=0.0),
        ]
    return made
