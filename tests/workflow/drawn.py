"""What figure 3 draws, read back from its axes and compared with the recomputed chains of one controller."""

import math
import re
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from tests.workflow.recomputed import Chains, Definitions, average, by_step, known, of_campaign, over_seeds
from workflow_scripts.figures.style import CONTROLLERS

Curve = dict[int, Fraction | None]


def check_trajectories(ax: Axes, controller: str, chains: Chains, definitions: Definitions) -> None:
    """Panel (a): every campaign, the mean over seeds of their campaigns' mean, its interval, and the probe's mean."""
    label, color = CONTROLLERS[controller].label, _color(controller)
    faint = [line for line in ax.lines if line.get_alpha() == 0.15 and to_hex(line.get_color()) == color]
    campaigns = [campaign for chain in chains.values() for campaign in chain]
    expected = sorted([100 * float(rate) for rate in campaign.rates] for campaign in campaigns)
    assert sorted(_numbers(line.get_ydata()) for line in faint) == [pytest.approx(rates) for rates in expected]

    rates = by_step(chains, lambda campaign: enumerate(campaign.rates, start=1))
    curve = {step: over_seeds(_means(values), definitions.level) for step, values in rates.items()}
    words = check_line(ax, f"{label}: mean of", {step: estimate.value for step, estimate in curve.items()})
    running = {step: sum(len(own) for own in values.values()) for step, values in rates.items()}
    assert re.findall(r"mean of (\d+)", words) == [str(running[1])]
    for count, step in re.findall(r"(\d+) (?:from|at) step (\d+)", words):
        assert int(count) == running[int(step)]

    bands = [band for band in ax.collections if _hex(band.get_facecolor()) == color]
    corners = {(x, round(y, 6)) for band in bands for path in band.get_paths() for x, y in _points(path.vertices)}
    assert corners == {(step, round(100 * bound, 6)) for step, one in curve.items() for bound in known(one.student)}

    probe = by_step(chains, lambda campaign: campaign.probe)
    held_out = {step: over_seeds(_means(values), definitions.level).value for step, values in probe.items()}
    check_line(ax, f"{label}: held-out probe, mean", held_out)


def check_peaks_and_ends(ax: Axes, controller: str, chains: Chains) -> None:
    """Panel (b): the means by position in the chain, and every seed's point, peaks filled and ends hollow."""
    for which, filled in (("peak", True), ("end", False)):
        values: dict[int, list[Fraction]] = {}
        for chain in chains.values():
            for position, campaign in enumerate(chain, start=1):
                values.setdefault(position, []).append(campaign.peak if filled else campaign.end)
        means = {position: average(own) for position, own in values.items()}
        check_line(ax, f"{CONTROLLERS[controller].label}: {which}, mean", means)
        [cloud] = [
            cloud
            for cloud in ax.collections
            if isinstance(cloud, PathCollection)
            and _hex(cloud.get_edgecolor()) == _color(controller)
            and bool(np.size(cloud.get_facecolor())) == filled
        ]
        points = sorted((round(x), y) for x, y in _points(cloud.get_offsets()))
        expected = sorted((position, 100 * float(value)) for position, own in values.items() for value in own)
        assert points == [pytest.approx(point) for point in expected]


def check_onsets(ax: Axes, controller: str, chains: Chains, definitions: Definitions) -> None:
    """Panel (c): the bars, the mean onset as a line, and the numbers in the legend."""
    label = CONTROLLERS[controller].label
    campaigns = [campaign for chain in chains.values() for campaign in chain]
    collapsed = [campaign for campaign in campaigns if of_campaign(campaign, "onset", definitions) is not None]
    onsets = [of_campaign(campaign, "onset", definitions) or Fraction(0) for campaign in collapsed]
    latencies = [of_campaign(campaign, "latency", definitions) or Fraction(0) for campaign in collapsed]
    legend = ax.get_legend()
    assert legend is not None
    words = [text.get_text() for text in legend.get_texts()]
    assert f"{label}: {len(collapsed)} of {len(campaigns)} campaigns" in words
    rectangles = [bar for bar in ax.patches if isinstance(bar, Rectangle)]
    bars = [bar for bar in rectangles if to_hex(bar.get_facecolor()) == _color(controller)]
    heights = {round(bar.get_x() + bar.get_width() / 2): bar.get_height() for bar in bars}
    assert heights == {int(onset): onsets.count(onset) for onset in onsets}
    if collapsed:
        mean, left = float(average(onsets) or 0), float(average(latencies) or 0)
        assert f"mean onset step {mean:.1f}, {left:.1f} steps left" in words
        uprights = [line for line in ax.lines if to_hex(line.get_color()) == _color(controller)]
        assert sorted({x for line in uprights for x in _numbers(line.get_xdata())}) == [pytest.approx(mean)]


def check_line(ax: Axes, start: str, expected: Curve) -> str:
    """The one line whose label starts so has these values, in percent, and no other; returns its label."""
    labels: dict[str, Line2D] = {str(line.get_label()).replace("\n", " "): line for line in ax.lines}
    [label] = [label for label in labels if label.startswith(start)]
    line = labels[label]
    places, heights = _numbers(line.get_xdata()), _numbers(line.get_ydata())
    drawn = {int(x): y for x, y in zip(places, heights, strict=True) if not math.isnan(y)}
    assert drawn == pytest.approx({place: 100 * float(value) for place, value in expected.items() if value is not None})
    return label


def _color(controller: str) -> str:
    return to_hex(CONTROLLERS[controller].color)


def _hex(colors: Any) -> str:
    """The first of a collection's colours, without its opacity."""
    red, green, blue, _ = np.asarray(colors, dtype=float)[0].tolist()
    return to_hex((red, green, blue))


def _numbers(drawn: Any) -> list[float]:
    return [float(number) for number in np.asarray(drawn, dtype=float)]


def _points(drawn: Any) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in np.asarray(drawn, dtype=float)]


def _means(by_seed: dict[int, list[Fraction]]) -> Curve:
    return {seed: average(values) for seed, values in by_seed.items()}
