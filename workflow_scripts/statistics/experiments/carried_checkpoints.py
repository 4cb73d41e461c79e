"""What each controller's chains deliver, and by how many updates (docs/preregistration.md).

A controller that rolls back delivers what it rolls back to. The checkpoint that a chain carries into its last campaign
is measured by that campaign's probe before its first update. Rates are fractions in [0, 1].
"""

from collections.abc import Sequence

from workflow_scripts.core.contracts.campaigns import Trace
from workflow_scripts.core.contracts.experiments import CarriedFindings, DoseContrast
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.statistics.chain_outcomes import select_chains
from workflow_scripts.statistics.contrasts import adjusted_by_holm, paired_contrast
from workflow_scripts.statistics.intervals import Bootstrap, metric_over_seeds
from workflow_scripts.statistics.lineage import lineage

METRICS = ("base", "carried", "end", "lineage", "sum_of_rates", "sum_of_squared_rates", "steps")


def summarise(
    wave: str,
    controllers: Sequence[str],
    seeds: Sequence[int],
    campaigns: int,
    all_traces: Sequence[Trace],
    pairs: Sequence[tuple[str, str]],
    bootstrap: Bootstrap,
) -> CarriedFindings:
    """The wave's carried checkpoints, without ``inputs``; Holm's correction is over the contrasts with the baseline.

    The baseline is the first controller. ``pairs``: further contrasts, each reported with its p-value alone.
    """
    chains, excluded = select_chains(all_traces, controllers, seeds, campaigns)
    found: dict[str, dict[str, dict[int, float]]] = {name: {metric: {} for metric in METRICS} for name in controllers}
    for (controller, seed), chain in chains.items():
        first, last = chain[0]["probe"], chain[-1]["probe"]
        if not first or not last or (first[0]["step"], last[0]["step"]) != (0, 0):
            raise UserError(f"--traces: controller {controller}, seed {seed}: no probe before the first update")
        dose = lineage(chain)
        values = (
            *(first[0]["pass@1"], last[0]["pass@1"], last[-1]["pass@1"]),
            *(float(dose.updates), dose.rates, dose.squares, float(sum(len(trace["steps"]) for trace in chain))),
        )
        for metric, value in zip(METRICS, values, strict=True):
            found[controller][metric][seed] = value
    baseline, *others = controllers
    against = {other: _contrast(baseline, other, found, bootstrap, wave) for other in others}
    adjusted = adjusted_by_holm({other: one["carried"] for other, one in against.items()})
    contrasts: list[DoseContrast] = [{**one, "carried": adjusted[other]} for other, one in against.items()]
    probe = next(iter(chains.values()))[-1]["probe"][0] if chains else None
    if probe is None:
        raise UserError("--traces: no chain of the wave is complete")
    return {
        "schema_version": 1,
        "wave": wave,
        "testbed": all_traces[0]["identity"]["testbed"],
        "model": all_traces[0]["model"],
        "level": bootstrap.level,
        "campaigns": campaigns,
        "learning_rate": next(iter(chains.values()))[0]["plan"]["learning_rate"],
        "probe": {
            "split": probe["split"],
            "n_problems": probe["n_problems"],
            "samples_per_problem": probe["samples_per_problem"],
        },
        "controllers": {
            name: {
                metric: metric_over_seeds(by_seed, bootstrap, derive_seed("carried", wave, name, metric))
                for metric, by_seed in metrics.items()
            }
            for name, metrics in found.items()
        },
        "contrasts": [*contrasts, *(_contrast(one, other, found, bootstrap, wave) for one, other in pairs)],
        "excluded": excluded,
    }


def _contrast(
    first: str, second: str, found: dict[str, dict[str, dict[int, float]]], bootstrap: Bootstrap, wave: str
) -> DoseContrast:
    """``second - first``, carried and end, paired by seed."""

    def between(metric: str) -> int:
        return derive_seed("carried", wave, first, second, metric)

    return {
        "contrast": f"{second}-{first}",
        "carried": paired_contrast(found[first]["carried"], found[second]["carried"], bootstrap, between("carried")),
        "end": paired_contrast(found[first]["end"], found[second]["end"], bootstrap, between("end")),
    }
