"""Intervals of a mean over campaigns, by two units: the seed, as a cluster of campaigns, and the campaign.

The cluster bootstrap draws seeds with replacement and takes all campaigns of each; a resample's mean is over all the
campaigns that it holds, so a seed weighs as much as it has of them. It respects that the campaigns of one chain are not
independent: each starts from a checkpoint of the one before. The bootstrap over campaigns does not, and is here because
the paper counts campaigns (Tables 11 and 16). It is too narrow where chains differ as wholes, and too wide where
campaigns differ by their place in the chain, since every chain has one at each place. With few seeds the cluster
bootstrap is itself narrow, as any percentile bootstrap.
"""

from collections.abc import Sequence

import numpy as np

from workflow_scripts.core.contracts.statistics import Interval
from workflow_scripts.statistics.intervals import (
    Bootstrap,
    exact_bootstrap,
    exact_cluster_bootstrap,
    interval,
    is_enumerated,
    percentile_interval,
    resampled_bootstrap,
    resampling_note,
    too_few,
)

CLUSTER_EXACT = "exact cluster bootstrap over seeds"
CLUSTER_RESAMPLED = "resampled cluster bootstrap over seeds"
CAMPAIGN_EXACT = "exact bootstrap over campaigns"
CAMPAIGN_RESAMPLED = "resampled bootstrap over campaigns"
DEPENDENT = "the paper's unit: as if the campaigns of one chain were independent, which they are not"


def cluster_interval(clusters: Sequence[Sequence[float]], bootstrap: Bootstrap, seed: int) -> Interval:
    """The interval over seeds (``interval`` in ``statistics.schema.json``); ``clusters`` holds each seed's values.

    A seed without a value is no unit. With fewer than two units the bounds are null and the note says so.
    """
    units = [cluster for cluster in clusters if cluster]
    left_out = len(clusters) - len(units)
    notes = [f"{left_out} of {len(clusters)} seeds left out: no campaign with a value"] if left_out else []
    exact = is_enumerated(len(units), bootstrap)
    method = CLUSTER_EXACT if exact else CLUSTER_RESAMPLED
    low, high = None, None
    if len(units) < 2:
        notes.append(too_few(len(units), "seed"))
    elif exact:
        low, high = exact_cluster_bootstrap(units, bootstrap.level)
    else:
        low, high = resampled_cluster_bootstrap(units, bootstrap.level, bootstrap.resamples, seed)
        notes.append(resampling_note(len(units), bootstrap))
    return interval(method, bootstrap.level, low, high, "; ".join(notes) or None)


def campaign_interval(values: Sequence[float], bootstrap: Bootstrap, seed: int) -> Interval:
    """The interval over campaigns, with a note on their dependence; null bounds with fewer than two ``values``."""
    exact = is_enumerated(len(values), bootstrap)
    method = CAMPAIGN_EXACT if exact else CAMPAIGN_RESAMPLED
    if len(values) < 2:
        return interval(method, bootstrap.level, None, None, too_few(len(values), "campaign"))
    if exact:
        return interval(method, bootstrap.level, *exact_bootstrap(values, bootstrap.level), DEPENDENT)
    bounds = resampled_bootstrap(values, bootstrap.level, bootstrap.resamples, seed)
    return interval(method, bootstrap.level, *bounds, f"{DEPENDENT}; {resampling_note(len(values), bootstrap)}")


def resampled_cluster_bootstrap(
    clusters: Sequence[Sequence[float]], level: float, resamples: int, seed: int
) -> tuple[float, float]:
    """``exact_cluster_bootstrap``'s interval from ``resamples`` random resamples; the seed alone decides which."""
    sums = np.array([sum(cluster) for cluster in clusters], dtype=float)
    counts = np.array([len(cluster) for cluster in clusters])
    drawn = np.random.default_rng(seed).choice(len(clusters), size=(resamples, len(clusters)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    return percentile_interval([(value, 1) for value in means.tolist()], level)
