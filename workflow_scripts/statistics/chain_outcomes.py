"""From traces to outcomes: the chains (controller and seed) that count, one row per campaign and one per chain.

A chain's first campaign is the one that all controllers share (controller ``first``), so its row appears once for every
controller. All rates are fractions in [0, 1].
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from workflow_scripts.core import traces
from workflow_scripts.core.campaign_folders import SHARED, owner_of
from workflow_scripts.core.contracts.campaigns import Trace
from workflow_scripts.core.contracts.statistics import Exclusion, Trajectory
from workflow_scripts.core.errors import UserError
from workflow_scripts.statistics.oracles import EarlyStop, early_stop

# The metrics of a chain that its last campaign's row holds, and the columns that they are read from.
_LAST_CAMPAIGN = {
    "end_pass_rate": "end",  # section 5.6
    "peak_pass_rate": "peak",
    "gap": "gap",
    "end_probe": "probe_end",
    "peak_probe": "probe_peak",
    "gap_probe": "probe_gap",
    "start_pass_rate": "start",
    "oracle_end": "oracle_peak",  # section 5.8, Table 9
}
# Those over all its campaigns, the shared first one included: the column and how it is put together.
_WHOLE_CHAIN = {
    "total_steps": ("steps", "sum"),  # Table 7
    "collapses": ("collapsed", "sum"),  # Table 8
    "any_collapse": ("collapsed", "max"),  # Table 8: 0 or 1
    "oracle_steps": ("oracle_steps", "sum"),  # Table 9
    "hindsight": ("peak", "max"),  # Table 9: an omniscient selector's choice
}
CHAIN_METRICS = (*_LAST_CAMPAIGN, *_WHOLE_CHAIN, "pass_rate_per_100_steps")

Chains = dict[tuple[str, int], list[Trace]]


def select_chains(
    all_traces: Sequence[Trace], controllers: Sequence[str], seeds: Sequence[int], campaigns: int
) -> tuple[Chains, list[Exclusion]]:
    """The chains that count, keyed by (controller, seed), and the exclusions (``excluded`` in the schema).

    A chain counts if each of its ``campaigns`` campaigns completed with a pass rate at every step; any other is
    excluded with the first campaign that stopped it. A trace given twice, or asked for by no chain, is a ``UserError``.
    """
    by_key = _index(all_traces, controllers, seeds, campaigns)
    chains: Chains = {}
    excluded: list[Exclusion] = []
    for controller in controllers:
        for seed in seeds:
            keys = [(owner_of(controller, number), seed, number) for number in range(1, campaigns + 1)]
            faults = ((key[-1], _fault(by_key.get(key))) for key in keys)
            if first_fault := next((found for found in faults if found[1]), None):
                excluded.append(_exclusion(controller, seed, *first_fault))
                continue
            chain = [by_key[key] for key in keys]
            chains[controller, seed] = chain
            if not chain[-1]["probe"]:
                reason = "the probe was not measured: left out of end_probe, peak_probe and gap_probe alone"
                excluded.append(_exclusion(controller, seed, campaigns, reason))
    return chains, excluded


def campaign_outcomes(chains: Chains, collapse_ratio: float, rule: EarlyStop) -> pd.DataFrame:
    """One row per campaign; ``onset``, ``latency``, ``phase_transition`` and the probe are missing where undefined."""
    rows = [
        {"seed": seed, "controller": controller, **_campaign_outcome(trace, collapse_ratio, rule)}
        for (controller, seed), chain in chains.items()
        for trace in chain
    ]
    columns = ["seed", "controller", "campaign", "action", "max_steps", "learning_rate", "kl_coefficient", "steps"]
    columns += ["start", "peak", "peak_step", "end", "gap", "collapsed"]
    nullable = {"onset": "Int64", "latency": "Int64"}
    rates = ("phase_transition", "probe_peak", "probe_end", "probe_gap")
    table = pd.DataFrame(rows, columns=[*columns, *nullable, *rates, "oracle_peak", "oracle_steps"])
    return table.astype({**nullable, **dict.fromkeys(rates, "float64")})


def chain_outcomes(campaign_table: pd.DataFrame) -> pd.DataFrame:
    """One row per chain, indexed by (controller, seed), one column per metric of ``CHAIN_METRICS``."""
    chains = campaign_table.sort_values("campaign", kind="stable").groupby(["controller", "seed"], sort=False)
    last = chains.tail(1).set_index(["controller", "seed"])[list(_LAST_CAMPAIGN.values())]
    table = last.set_axis(list(_LAST_CAMPAIGN), axis="columns").join(chains.agg(**_WHOLE_CHAIN)).astype("float64")
    # Table 7 divides seed by seed: the mean of ratios, not the ratio of means.
    table["pass_rate_per_100_steps"] = 100 * table["end_pass_rate"] / table["total_steps"]
    return table


def trajectories(chains: Chains) -> list[Trajectory]:
    """Every campaign's pass rates by step and probe measurements, (step, pass@1) (``trajectories`` in the schema)."""
    return [
        {
            "controller": controller,
            "seed": seed,
            "campaign": trace["identity"]["campaign"],
            "pass_rates": traces.pass_rates(trace),
            "probe": [[entry["step"], entry["pass@1"]] for entry in trace["probe"]],
        }
        for (controller, seed), chain in chains.items()
        for trace in chain
    ]


def _index(
    all_traces: Sequence[Trace], controllers: Sequence[str], seeds: Sequence[int], campaigns: int
) -> Mapping[tuple[str, int, int], Trace]:
    wanted = {(SHARED, seed, 1) for seed in seeds}
    wanted |= {(name, seed, number) for name in controllers for seed in seeds for number in range(2, campaigns + 1)}
    by_key: dict[tuple[str, int, int], Trace] = {}
    for trace in all_traces:
        identity = trace["identity"]
        key = (identity["controller"], identity["seed"], identity["campaign"])
        name = f"controller {key[0]}, seed {key[1]}, campaign {key[2]}"
        if key in by_key:
            raise UserError(f"--traces: {name}: given twice")
        if key not in wanted:
            raise UserError(f"--traces: {name}: not asked for by --controllers, --seeds and --campaigns")
        by_key[key] = trace
    return by_key


def _fault(trace: Trace | None) -> str:
    """Why a campaign keeps its chain out of the statistics; empty if it does not."""
    if trace is None:
        return "no trace: the campaign was not run"
    if trace["status"] != "completed":
        return f"ended with status {trace['status']} at step {len(trace['steps'])}"
    measured = len(traces.pass_rates(trace))
    if not measured or measured < len(trace["steps"]):
        return f"no pass rate at step {measured + 1}"
    return ""


def _exclusion(controller: str, seed: int, campaign: int, reason: str) -> Exclusion:
    return {"controller": controller, "seed": seed, "campaign": campaign, "reason": reason}


def _campaign_outcome(trace: Trace, collapse_ratio: float, rule: EarlyStop) -> dict[str, Any]:
    plan, rates = trace["plan"], traces.pass_rates(trace)
    peak_step, peak = traces.peak(rates)
    oracle_steps, oracle_peak = early_stop(rates, rule)
    probe = [entry["pass@1"] for entry in sorted(trace["probe"], key=lambda entry: entry["step"])]
    return {
        "campaign": trace["identity"]["campaign"],
        "action": plan["action"],
        "max_steps": plan["max_steps"],
        "learning_rate": plan["learning_rate"],
        "kl_coefficient": plan["kl_coefficient"],
        "steps": len(rates),
        "start": rates[0],
        "peak": peak,
        "peak_step": peak_step,
        "end": traces.end(rates),
        "gap": traces.gap(rates),
        "collapsed": traces.is_collapse(rates, collapse_ratio),
        "onset": traces.collapse_onset_step(rates, collapse_ratio),
        "latency": traces.post_onset_latency(rates, collapse_ratio),
        "phase_transition": traces.phase_transition_score(rates),
        "probe_peak": max(probe) if probe else None,
        "probe_end": probe[-1] if probe else None,
        "probe_gap": max(probe) - probe[-1] if probe else None,
        "oracle_peak": oracle_peak,
        "oracle_steps": oracle_steps,
    }
