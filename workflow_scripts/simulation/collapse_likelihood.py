"""How likely recorded campaigns are under the rise-and-collapse process, and what they say of each policy's skill.

Given the skill that it starts from, the update of its cliff and what it loses there, a campaign's skill is determined,
and its pass rates are independent. So a campaign is a finite mixture: over a grid of starts, all equally likely; the
cliff's updates, as likely as the hazard has them; and five losses, the middles of equally likely fifths of their
distribution. Pass rates are taken as normal with the process's mean and variance.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

from workflow_scripts.simulation.collapse_process import (
    Array,
    CollapseProcess,
    cumulative_hazard,
    dose,
    pass_rate_variance,
    skill_paths,
)

STARTS = 1 / (1 + np.exp(-np.linspace(-4.0, 4.0, 33)))  # evenly in the logit, 0.018 to 0.982
FIFTHS = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
_LEAST = 1e-4  # skill's distance from 0 and 1, where the variance would vanish


@dataclass(frozen=True)
class Recorded:
    """What the likelihood reads of one campaign: its pass rates (one or more) and what it was trained with."""

    rates: tuple[float, ...]
    learning_rate: float
    kl_coefficient: float


@dataclass(frozen=True)
class Posterior:
    """Expected skill after 0 ... T updates of one campaign (T + 1,), given its pass rates."""

    skill: Array


class CampaignTable:
    """Campaigns by strategy, as arrays: what does not depend on the process is computed once."""

    def __init__(self, campaigns: Sequence[Recorded]) -> None:
        """``campaigns`` keep their order in ``posteriors``."""
        self.size = len(campaigns)
        self.groups: dict[tuple[float, float], tuple[list[int], int, Array]] = {}
        members: dict[tuple[float, float], list[int]] = {}
        for index, campaign in enumerate(campaigns):
            members.setdefault((campaign.learning_rate, campaign.kl_coefficient), []).append(index)
        for strategy, indices in members.items():
            longest = max(len(campaigns[index].rates) for index in indices)
            rates = np.full((len(indices), longest), np.nan)
            for row, index in enumerate(indices):
                rates[row, : len(campaigns[index].rates)] = campaigns[index].rates
            known = ~np.isnan(rates)
            x = np.where(known, rates, 0.0)
            # The normal's logarithm is a sum of [1, x, x^2] times functions of the skill: one matrix product.
            self.groups[strategy] = (indices, longest, np.concatenate([known, x, x**2], axis=1))

    def log_likelihood(self, process: CollapseProcess) -> float:
        """The logarithm of the density of all pass rates."""
        total = 0.0
        for strategy, (_, longest, features) in self.groups.items():
            joint, _ = _log_joint(process, strategy, longest, features)
            total += float(_log_sum(joint).sum())
        return total

    def posteriors(self, process: CollapseProcess) -> list[Posterior]:
        """The expected skill of every campaign, in the order in which they were given."""
        found: list[Posterior | None] = [None] * self.size
        for strategy, (indices, longest, features) in self.groups.items():
            joint, paths = _log_joint(process, strategy, longest, features)
            expected = np.exp(joint - _log_sum(joint)[:, None]) @ paths
            lengths = features[:, :longest].sum(axis=1).astype(int)
            for index, skill, length in zip(indices, expected, lengths, strict=True):
                found[index] = Posterior(skill[: length + 1])
        return [posterior for posterior in found if posterior is not None]


def losses(process: CollapseProcess) -> Array:
    """The medians of the fifths of the Beta distribution of what a cliff takes, (5,)."""
    if process.severity_spread == 0:
        return np.full(len(FIFTHS), process.severity)
    concentration = (1 - process.severity_spread) / process.severity_spread
    found: Array = betaincinv(process.severity * concentration, (1 - process.severity) * concentration, FIFTHS)
    return found


def _log_joint(
    process: CollapseProcess, strategy: tuple[float, float], longest: int, features: Array
) -> tuple[Array, Array]:
    """Log density of each campaign (rows) with each start, cliff and loss (columns), and their paths (columns, T + 1).

    The last cliff stands for all that come after the campaign.
    """
    doses = dose(process, np.array([strategy[0]]), np.array([strategy[1]]))
    updates = np.arange(1, longest + 2, dtype=float)
    grids = np.meshgrid(STARTS, losses(process), updates, indexing="ij")
    start, loss, cliff = (grid.ravel() for grid in grids)
    paths = skill_paths(process, start, np.full(len(start), doses[0]), cliff, loss, longest)

    survival = np.exp(-cumulative_hazard(process, doses, np.append(0.0, updates)))
    survival[-1] = 0.0
    probability = np.maximum(survival[:-1] - survival[1:], 1e-300)
    others = len(STARTS) * len(FIFTHS)
    log_prior = np.tile(np.log(probability), others) - np.log(others)

    mean = np.clip(paths[:, :-1], _LEAST, 1 - _LEAST)
    variance = pass_rate_variance(process, mean)
    weights = np.concatenate(
        [-0.5 * (np.log(2 * np.pi * variance) + mean**2 / variance), mean / variance, -0.5 / variance], axis=1
    )
    return features @ weights.T + log_prior, paths


def _log_sum(joint: Array) -> Array:
    highest = joint.max(axis=1)
    return highest + np.log(np.exp(joint - highest[:, None]).sum(axis=1))
