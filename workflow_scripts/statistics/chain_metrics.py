"""The metrics of a chain (controller and seed), each controller's means over seeds, and the paired contrasts.

A chain is one value per metric: its last campaign's, or one put together from all its campaigns.
"""

import itertools
from collections.abc import Mapping, Sequence

import pandas as pd

from workflow_scripts.core.contracts.statistics import Contrast, Metric
from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.statistics.chain_outcomes import CHAIN_METRICS
from workflow_scripts.statistics.contrasts import adjusted_by_holm, paired_contrast
from workflow_scripts.statistics.intervals import Bootstrap, metric_over_seeds

BySeed = Mapping[str, Mapping[str, Mapping[int, float]]]  # controller, metric, seed


def values_by_seed(per_chain: pd.DataFrame, controllers: Sequence[str]) -> BySeed:
    """Each metric of each of the controllers' chains that has one, from the rows of ``chain_outcomes``."""
    return {
        controller: {metric: _by_seed(per_chain, controller, metric) for metric in CHAIN_METRICS}
        for controller in controllers
    }


def chain_metrics(values: BySeed, bootstrap: Bootstrap, seed_parts: Sequence[str]) -> dict[str, dict[str, Metric]]:
    """Each controller's means over seeds with intervals (``controllers`` in ``statistics.schema.json``)."""
    return {
        controller: {
            metric: metric_over_seeds(by_seed, bootstrap, derive_seed("bootstrap", *seed_parts, controller, metric))
            for metric, by_seed in metrics.items()
        }
        for controller, metrics in values.items()
    }


def paired_metrics(values: BySeed, bootstrap: Bootstrap, seed_parts: Sequence[str]) -> dict[str, dict[str, Contrast]]:
    """Each pair of controllers, the later one minus the earlier one (``paired`` in ``statistics.schema.json``).

    All pairs of a metric are one family of tests.
    """
    families = {
        metric: adjusted_by_holm(
            {
                f"{second}-{first}": paired_contrast(
                    values[first][metric],
                    values[second][metric],
                    bootstrap,
                    derive_seed("bootstrap", *seed_parts, first, second, metric),
                )
                for first, second in itertools.combinations(values, 2)
            }
        )
        for metric in CHAIN_METRICS
    }
    return {
        f"{second}-{first}": {metric: family[f"{second}-{first}"] for metric, family in families.items()}
        for first, second in itertools.combinations(values, 2)
    }


def _by_seed(per_chain: pd.DataFrame, controller: str, metric: str) -> dict[int, float]:
    """The metric of each of the controller's chains that has one."""
    measured = per_chain[metric].dropna().reset_index()
    mine = measured[measured["controller"] == controller]
    return dict(zip(mine["seed"].tolist(), mine[metric].tolist(), strict=True))
