"""The measurement itself: what of a wave's rise and fall could be its grader, drift, or the choice of a maximum.

What is asked and what each outcome means: docs/preregistration.md. Rates are fractions in [0, 1].
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workflow_scripts.core import traces
from workflow_scripts.core.contracts.campaigns import Trace
from workflow_scripts.core.contracts.experiments import HeldOut
from workflow_scripts.core.contracts.measurements import GapsByVerdicts, Grader, MeasurementFindings, Regraded
from workflow_scripts.core.contracts.statistics import Metric
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.statistics.chain_outcomes import Chains, select_chains
from workflow_scripts.statistics.intervals import Bootstrap, metric_over_seeds
from workflow_scripts.statistics.measurement.chance_gaps import ORDERS, WINDOW, gaps
from workflow_scripts.statistics.measurement.resampled_peaks import Resampled, resampled_peaks
from workflow_scripts.statistics.measurement.stationarity import Passes, stationarity

Identity = tuple[str, int, int]  # of a campaign: its owner, seed and number


@dataclass(frozen=True)
class Chosen:
    """Which chains: of ``controllers``, and of ``still``, whose learning rate is 0 after the first campaign."""

    wave: str
    controllers: Sequence[str]
    still: str
    seeds: Sequence[int]
    campaigns: int


@dataclass(frozen=True)
class Measurements:
    """What was measured beside the traces.

    ``regraded`` with its pass rates by campaign, of the controllers'; ``passes`` of the standing chains; ``resampled``
    checkpoints of the last campaigns, on the problems that ``probe`` names.
    """

    regraded: Regraded
    regraded_rates: Mapping[Identity, Sequence[float]]
    passes: Passes
    resampled: Resampled
    probe: HeldOut


def identity(trace: Trace) -> Identity:
    """A campaign's owner, seed and number."""
    own = trace["identity"]
    return own["controller"], own["seed"], own["campaign"]


def summarise(
    chosen: Chosen, all_traces: Sequence[Trace], measured: Measurements, bootstrap: Bootstrap
) -> MeasurementFindings:
    """The findings without ``inputs``; a chain that is not complete is left out, and named.

    A ``UserError``: a controller without a complete chain, a campaign that was not graded again or sampled again.
    """
    everyone = [*chosen.controllers, chosen.still]
    chains, excluded = select_chains(all_traces, everyone, chosen.seeds, chosen.campaigns)
    for name in everyone:
        if all(controller != name for controller, _ in chains):
            raise UserError(f"--traces: controller {name}: no chain is complete")
    first = next(iter(chains.values()))[0]
    return {
        "schema_version": 1,
        "wave": chosen.wave,
        "testbed": first["identity"]["testbed"],
        "model": first["model"],
        "level": bootstrap.level,
        "campaigns": chosen.campaigns,
        "learning_rate": first["plan"]["learning_rate"],
        "still": chosen.still,
        "window": WINDOW,
        "orders": ORDERS,
        "grader": _grader(chains, chosen.controllers, measured, bootstrap),
        "peaks": {
            "probe": measured.probe,
            "controllers": resampled_peaks(chains, chosen.controllers, measured.resampled, bootstrap),
        },
        "stationarity": stationarity(chains, everyone, measured.passes, chosen.campaigns, bootstrap),
        "gaps": gaps(chains, chosen.controllers, chosen.still, bootstrap),
        "excluded": excluded,
    }


def _grader(chains: Chains, controllers: Sequence[str], measured: Measurements, bootstrap: Bootstrap) -> Grader:
    regraded = measured.regraded
    return {
        "rollouts": regraded["rollouts"],
        "programs": regraded["programs"],
        "repeated_programs": regraded["repeated_programs"],
        "inconsistent_programs": regraded["inconsistent_programs"],
        "verdicts": regraded["verdicts"],
        "gaps": {name: _gaps_by_verdicts(chains, name, measured, bootstrap) for name in controllers},
    }


def _gaps_by_verdicts(chains: Chains, controller: str, measured: Measurements, bootstrap: Bootstrap) -> GapsByVerdicts:
    """The mean gap over all campaigns of a seed, by stored and by new verdicts, and new less stored."""
    values: dict[str, dict[int, float]] = {"stored": {}, "regraded": {}, "difference": {}}
    for (owner, seed), chain in chains.items():
        if owner != controller:
            continue
        missing = next((trace for trace in chain if identity(trace) not in measured.regraded_rates), None)
        if missing is not None:
            raise UserError(f"--regraded: campaign {identity(missing)} was not graded again")
        values["stored"][seed] = statistics.fmean(traces.gap(traces.pass_rates(trace)) for trace in chain)
        values["regraded"][seed] = statistics.fmean(traces.gap(measured.regraded_rates[identity(t)]) for t in chain)
        values["difference"][seed] = values["regraded"][seed] - values["stored"][seed]

    def metric(name: str) -> Metric:
        return metric_over_seeds(values[name], bootstrap, derive_seed("measurement", "grader", controller, name))

    return {"stored": metric("stored"), "regraded": metric("regraded"), "difference": metric("difference")}
