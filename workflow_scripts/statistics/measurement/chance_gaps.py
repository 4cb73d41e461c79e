"""How much of a campaign's peak-to-end gap is chance: its steps in any order, and where nothing is learned.

The largest of noisy numbers is above the last one without any fall (docs/auditing.md). Rates are fractions in [0, 1].
"""

import statistics
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from workflow_scripts.core import traces
from workflow_scripts.core.contracts.campaigns import Trace
from workflow_scripts.core.contracts.measurements import Gap
from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.statistics.chain_outcomes import Chains
from workflow_scripts.statistics.intervals import Bootstrap, metric_over_seeds
from workflow_scripts.statistics.measurement.ratios import share

WINDOW = 5  # steps of a smoothed curve's mean
ORDERS = 1000  # of a campaign's steps, where the permuted gap has no closed form
LEAST_PROBES = 3  # with two points, order is all there is

Pair = tuple[float, float]  # observed and permuted gap of one campaign


def of_values(values: Sequence[float]) -> Pair:
    """Gap of a curve, and its mean over all orders: each value is last equally often, so maximum less mean."""
    return traces.gap(values), max(values) - statistics.fmean(values)


def of_window_means(rates: Sequence[float], seed: int) -> Pair:
    """The same of the curve of means of ``WINDOW`` steps in a row, over ``ORDERS`` drawn orders of the steps.

    The rates are at least ``WINDOW``.
    """
    observed = _window_gaps(np.asarray(rates)[np.newaxis])
    orders = np.random.default_rng(seed).permuted(np.tile(rates, (ORDERS, 1)), axis=1)
    return float(observed[0]), float(_window_gaps(orders).mean())


def _window_gaps(rows: np.ndarray) -> np.ndarray:
    """Of each row: the highest mean of a window less the last one."""
    means = sliding_window_view(rows, WINDOW, axis=1).mean(axis=2)
    gaps: np.ndarray = means.max(axis=1) - means[:, -1]
    return gaps


def _of_steps(trace: Trace) -> Pair | None:
    return of_values(traces.pass_rates(trace))


def _of_windows(trace: Trace) -> Pair | None:
    rates, identity = traces.pass_rates(trace), trace["identity"]
    where = (identity["controller"], identity["seed"], identity["campaign"])
    return of_window_means(rates, derive_seed("measurement", *where)) if len(rates) >= WINDOW else None


def _of_probes(trace: Trace) -> Pair | None:
    values = [probe["pass@1"] for probe in trace["probe"]]
    return of_values(values) if len(values) >= LEAST_PROBES else None


CURVES: Mapping[str, Callable[[Trace], Pair | None]] = {
    "steps": _of_steps,
    "step_means": _of_windows,
    "probe": _of_probes,
}


def gaps(chains: Chains, controllers: Sequence[str], still: str, bootstrap: Bootstrap) -> dict[str, dict[str, Gap]]:
    """By curve and controller the gap of campaigns 2 and on; ``still`` is the controller whose chains do not learn.

    A curve that no campaign has is left out. Where a seed has campaigns without the curve, they do not count.
    """
    found: dict[str, dict[str, Gap]] = {}
    for curve, pair_of in CURVES.items():
        by_controller = {name: _by_seed(chains, name, pair_of) for name in (*controllers, still)}
        if not all(by_controller.values()):
            continue
        found[curve] = {
            name: _gap(pairs, None if name == still else by_controller[still], bootstrap, f"{curve} {name}")
            for name, pairs in by_controller.items()
        }
    return found


def _by_seed(chains: Chains, controller: str, pair_of: Callable[[Trace], Pair | None]) -> dict[int, Pair]:
    """The means over each seed's campaigns after the shared first one."""
    found = {}
    for (owner, seed), chain in chains.items():
        pairs = [pair for trace in chain[1:] if (pair := pair_of(trace)) is not None]
        if owner == controller and pairs:
            found[seed] = (statistics.fmean(pair[0] for pair in pairs), statistics.fmean(pair[1] for pair in pairs))
    return found


def _gap(pairs: Mapping[int, Pair], still: Mapping[int, Pair] | None, bootstrap: Bootstrap, name: str) -> Gap:
    observed, permuted = ({seed: pair[place] for seed, pair in pairs.items()} for place in (0, 1))

    def drawn(what: str) -> int:
        return derive_seed("measurement", name, what)

    shared = [seed for seed in pairs if still is not None and seed in still]
    return {
        "observed": metric_over_seeds(observed, bootstrap, drawn("observed")),
        "permuted": metric_over_seeds(permuted, bootstrap, drawn("permuted")),
        "excess": metric_over_seeds(
            {seed: observed[seed] - permuted[seed] for seed in pairs}, bootstrap, drawn("excess")
        ),
        "share_of_permuted": share([*permuted.values()], [*observed.values()], bootstrap, drawn("share of permuted")),
        "share_of_still": None
        if still is None
        else share(
            [still[seed][0] for seed in shared], [observed[seed] for seed in shared], bootstrap, drawn("share of still")
        ),
    }
