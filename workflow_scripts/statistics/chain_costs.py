"""What a chain cost, over all its campaigns: hours, questions to a language model, seconds of decision (appendix G).

A chain is (controller, seed) of a wave. Its first campaign is the one that all controllers share; it counts for each of
them, as if the chain had been run alone, and nobody decided it. Campaigns are keyed by (chain, controller, seed,
campaign), with the controller ``first`` for the shared one.
"""

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field

from workflow_scripts.core.campaign_folders import owner_of
from workflow_scripts.core.contracts.statistics import ChainCosts, Cost, Unmeasured, Wave

SECONDS_PER_HOUR = 3600

Key = tuple[str, str, int, int]


@dataclass(frozen=True)
class Measured:
    """What was measured, by campaign.

    ``seconds``: wall-clock time of the training job, loading included; ``decisions``: of the job that planned it;
    ``calls`` and ``failures``: answers of a language model that the plan used, and attempts without an answer.
    """

    seconds: Mapping[Key, float]
    decisions: Mapping[Key, float] = field(default_factory=dict)
    calls: Mapping[Key, int] = field(default_factory=dict)
    failures: Mapping[Key, int] = field(default_factory=dict)


def wave_costs(wave: Wave, measured: Measured, processes: int) -> dict[str, ChainCosts]:
    """By controller: each quantity's value for every chain of which all of it was measured, and their mean."""
    return {controller: _controller_costs(wave, controller, measured, processes) for controller in wave["controllers"]}


def _controller_costs(wave: Wave, controller: str, measured: Measured, processes: int) -> ChainCosts:
    chains = {seed: chain_keys(wave, controller, seed) for seed in wave["seeds"]}
    timed = {seed: keys for seed, keys in chains.items() if all(key in measured.seconds for key in keys)}
    hours = {seed: sum(measured.seconds[key] for key in keys) / SECONDS_PER_HOUR for seed, keys in timed.items()}
    decided = {seed: keys[1:] for seed, keys in timed.items() if keys[1:]}
    return {
        "process_hours": _by_chain({seed: processes * value for seed, value in hours.items()}),
        "wall_hours": _by_chain(hours),
        "chat_calls": _by_chain({s: sum(measured.calls.get(key, 0) for key in keys) for s, keys in timed.items()}),
        "failed_chat_attempts": _by_chain(
            {seed: sum(measured.failures.get(key, 0) for key in keys) for seed, keys in timed.items()}
        ),
        "decision_seconds": _by_chain(
            {
                seed: statistics.mean(measured.decisions[key] for key in keys)
                for seed, keys in decided.items()
                if all(key in measured.decisions for key in keys)
            }
        ),
    }


def missing_campaigns(name: str, wave: Wave, measured: Measured) -> list[Unmeasured]:
    """Of each chain, the first campaign without a time, and the first that was trained but whose decision has none."""
    missing: list[Unmeasured] = []
    for controller in wave["controllers"]:
        for seed in wave["seeds"]:
            keys = chain_keys(wave, controller, seed)
            untimed = [key for key in keys if key not in measured.seconds]
            undecided = [key for key in keys[1:] if key not in measured.decisions]
            if first := (untimed or undecided)[:1]:
                missing.append(
                    {
                        "wave": name,
                        "controller": controller,
                        "seed": seed,
                        "campaign": first[0][-1],
                        "what": "timing" if untimed else "decision",
                    }
                )
    return missing


def chain_keys(wave: Wave, controller: str, seed: int) -> list[Key]:
    """The campaigns of one chain, in order."""
    numbers = range(1, wave["campaigns"] + 1)
    return [(wave["chain"], owner_of(controller, number), seed, number) for number in numbers]


def _by_chain(values: Mapping[int, float]) -> Cost:
    return {
        "values": [{"seed": seed, "value": value} for seed, value in values.items()],
        "mean": statistics.mean(values.values()) if values else None,
        "n": len(values),
        "unit": "seed",
    }
