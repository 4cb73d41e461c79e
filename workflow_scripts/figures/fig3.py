"""Figure 3: what an end-of-campaign gate misses: trajectories, peak against end, the step of collapse (section 6)."""

import argparse
import textwrap
from typing import Any

import matplotlib.ticker as ticker
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import Normal, Stroke

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.statistics import Statistics
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json
from workflow_scripts.figures.campaign_curves import (
    broken_where_campaigns_stop,
    campaign_frame,
    mean_by_step,
    probe_frame,
    running_text,
    step_frame,
)
from workflow_scripts.figures.headings import testbed_and_model, update_rule
from workflow_scripts.figures.style import (
    BLACK,
    CONTROLLERS,
    FONT_SIZE,
    PAGE_WIDTH,
    SMALL_FONT_SIZE,
    ControllerStyle,
    paper_style,
    save_figure,
)
from workflow_scripts.statistics.intervals import has_no_width

HEIGHT = 4.0  # inches
TITLE = "What an end-of-campaign gate sees, and what it misses"  # true whether or not anything collapses
# Axes above, legends in the space below them; fractions of the figure.
LAYOUT = {"left": 0.066, "right": 0.985, "bottom": 0.37, "top": 0.8, "wspace": 0.3}
LEGEND_CHARACTERS = 34  # a legend line's length within a panel's width
PAIR = ("A0", "A3")
NO_WIDTH_NOTE = "(a) a band of width 0 says that seeds\ndo not differ, not that the mean is known"


def draw_trajectories(ax: Axes, steps: pd.DataFrame, probe: pd.DataFrame, level: float) -> None:
    """Panel (a): every campaign faint, the mean over seeds with its interval, and the held-out probe's mean as markers.

    ``steps`` and ``probe``: columns controller, seed, campaign, step, pass_rate (%).
    """
    handles: list[Any] = []
    without_width = False
    for controller in PAIR:
        look, own = CONTROLLERS[controller], steps[steps["controller"] == controller]
        for _, campaign in own.groupby(["seed", "campaign"]):
            ax.plot(campaign["step"], campaign["pass_rate"], color=look.color, alpha=0.15, linewidth=0.4, zorder=1)
        curve = mean_by_step(own, level)
        label = textwrap.fill(f"{look.label}: mean of {running_text(curve['campaigns'])}", LEGEND_CHARACTERS)
        without_width |= any(has_no_width(low, high) for low, high in zip(curve["low"], curve["high"], strict=True))
        curve = broken_where_campaigns_stop(curve)
        ax.fill_between(curve.index, curve["low"], curve["high"], color=look.color, alpha=0.25, linewidth=0, zorder=2)
        # The white edge lifts the mean off the faint lines of its own colour.
        handles += ax.plot(
            curve.index, curve["mean"], color=look.color, linestyle=look.linestyle, linewidth=1.8, label=label,
            path_effects=[Stroke(linewidth=2.8, foreground="white"), Normal()], zorder=4,
        )  # fmt: skip
    for controller in PAIR:
        look, own = CONTROLLERS[controller], probe[probe["controller"] == controller]
        if own.empty:
            continue
        means = mean_by_step(own, level)["mean"]
        handles += ax.plot(
            means.index, means, linestyle="none", label=f"{look.label}: held-out probe, mean", zorder=5, **_hollow(look)
        )
    handles.append(Line2D([], [], color=BLACK, alpha=0.4, linewidth=0.5, label="one campaign of one seed"))
    handles.append(Patch(facecolor=BLACK, alpha=0.25, label=f"{100 * level:g} % Student t interval over seeds"))
    if without_width:  # below panel (c), whose legend leaves room
        ax.figure.text(0.985, 0.01, NO_WIDTH_NOTE, ha="right", va="bottom", fontsize=SMALL_FONT_SIZE)
    ax.set(xlabel="gradient step in the campaign", ylabel="pass rate (%)", title="(a) Campaign-aligned trajectories")
    ax.set_xlim(-0.7, int(steps["step"].max()) + 0.7)
    ax.xaxis.set_major_locator(_whole_numbers())
    ax.set_ylim(bottom=0)
    _legend_below(ax, handles)


def draw_peak_and_end(ax: Axes, campaigns: pd.DataFrame) -> None:
    """Panel (b): peak (solid) and end (dashed) by campaign, mean over seeds, every seed as a point, the loss shaded.

    ``campaigns``: columns controller, seed, campaign, peak and end (%).
    """
    handles: list[Any] = []
    for controller, shift in zip(PAIR, (-0.22, 0.22), strict=True):
        look, own = CONTROLLERS[controller], campaigns[campaigns["controller"] == controller]
        means = own.groupby("campaign")[["peak", "end"]].mean()
        for which, filled in (("peak", True), ("end", False)):
            face = look.color if filled else "none"
            # Points are shifted sideways by controller, so that equal values do not hide each other.
            ax.scatter(
                own["campaign"] + shift, own[which], s=5, marker=look.marker, facecolor=face, edgecolor=look.color,
                linewidth=0.4, alpha=0.6, zorder=2,
            )  # fmt: skip
            linestyle = "-" if filled else (0, (3, 1.5))
            handles += ax.plot(
                means.index, means[which], color=look.color, linestyle=linestyle, linewidth=1.4, marker=look.marker,
                markersize=3.5, markerfacecolor=look.color if filled else "white", label=f"{look.label}: {which}, mean",
                zorder=4,
            )  # fmt: skip
        lost: dict[str, Any] = {
            "facecolor": (look.color, 0.15),
            "edgecolor": (look.color, 0.6),
            "hatch": look.hatch,
            "linewidth": 0,
        }
        ax.fill_between(means.index, means["end"], means["peak"], zorder=1, **lost)
        handles.append(Patch(label=f"{look.label}: lost by an end-only gate", **lost))
    handles.append(
        Line2D([], [], linestyle="none", marker="o", markersize=2.2, color=BLACK, alpha=0.6, label="one seed")
    )
    ax.set(xlabel="campaign of the chain", ylabel="pass rate (%)", title="(b) Peak and end by campaign")
    ax.xaxis.set_major_locator(_whole_numbers())
    ax.set_ylim(bottom=0)
    _legend_below(ax, handles)


def draw_onsets(ax: Axes, campaigns: pd.DataFrame) -> None:
    """Panel (c): how many campaigns collapse at which step, each controller's mean onset as a vertical line.

    ``campaigns``: columns controller, onset (step, null where the campaign has none), latency and steps.
    """
    handles: list[Any] = []
    for controller, shift in zip(PAIR, (-0.2, 0.2), strict=True):
        look, own = CONTROLLERS[controller], campaigns[campaigns["controller"] == controller]
        collapsed = own.dropna(subset="onset")
        label = f"{look.label}: {len(collapsed)} of {len(own)} campaigns"
        handles.append(Patch(facecolor=look.color, edgecolor=BLACK, linewidth=0.3, hatch=look.hatch, label=label))
        if collapsed.empty:
            continue
        counts = collapsed["onset"].value_counts()
        ax.bar(
            counts.index.astype(int) + shift, counts, width=0.4, color=look.color, edgecolor=BLACK, linewidth=0.3,
            hatch=look.hatch, label=label,
        )  # fmt: skip
        mean, left = float(collapsed["onset"].mean()), float(collapsed["latency"].mean())
        words = f"mean onset step {mean:.1f}, {left:.1f} steps left"
        ax.axvline(mean, color=look.color, linestyle=look.linestyle, linewidth=1.2, zorder=0)  # behind the bars
        handles += ax.plot(
            mean, 0.97, color=look.color, linestyle=look.linestyle, linewidth=1.2, marker="v", markersize=4.5,
            transform=ax.get_xaxis_transform(), clip_on=False, label=words,
        )  # fmt: skip
    if campaigns["onset"].isna().all():
        ax.text(0.5, 0.5, "no campaign has\na collapse onset", transform=ax.transAxes, ha="center", va="center")
        ax.set_ylim(0, 1)
    ax.set(xlabel="step of collapse onset", ylabel="campaigns (count)", title="(c) Collapse onset")
    ax.set_xlim(0.5, int(campaigns["steps"].max()) + 0.5)
    ax.margins(y=0.12)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(_whole_numbers())
    _legend_below(ax, handles)


def _hollow(look: ControllerStyle) -> dict[str, Any]:
    return {
        "marker": look.marker,
        "markersize": 4.5,
        "markerfacecolor": "white",
        "markeredgecolor": look.color,
        "markeredgewidth": 1.0,
    }


def _whole_numbers() -> ticker.MaxNLocator:
    return ticker.MaxNLocator(6, steps=[1, 2, 5, 10], integer=True)


def _legend_below(ax: Axes, handles: list[Any]) -> None:
    ax.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(-0.16, -0.25), borderaxespad=0, handlelength=2.4,
        labelspacing=0.25,
    )  # fmt: skip


def heading(statistics: Statistics) -> str:
    """What was run, in two lines: testbed, real model and role; update rule, seeds, chain and wave."""
    seeds = {name: {row["seed"] for row in statistics["campaigns"] if row["controller"] == name} for name in PAIR}
    counts = sorted({len(own) for own in seeds.values()})
    n = f"{counts[0]} per controller" if len(counts) == 1 else ", ".join(f"{len(seeds[k])} ({k})" for k in PAIR)
    return (
        f"{testbed_and_model(statistics['testbed'], statistics['model'])}\n"
        f"Update rule {update_rule(statistics)}, seeds: n = {n}, chain {statistics['chain']} ({statistics['wave']})"
    )


def of_the_pair(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of the two controllers that the figure compares; other controllers of the wave change nothing in it."""
    return frame[frame["controller"].isin(PAIR)]


def build_figure(statistics: Statistics) -> Figure:
    """The three panels from a wave's statistics; call it, and save, inside ``paper_style``."""
    campaigns = of_the_pair(campaign_frame(statistics))
    level = statistics["controllers"][PAIR[0]]["end_pass_rate"]["intervals"][0]["level"]
    figure = Figure(figsize=(PAGE_WIDTH, HEIGHT))
    left, middle, right = figure.subplots(1, 3, gridspec_kw=LAYOUT)
    draw_trajectories(left, of_the_pair(step_frame(statistics)), of_the_pair(probe_frame(statistics)), level)
    draw_peak_and_end(middle, campaigns)
    draw_onsets(right, campaigns)
    for ax in (left, middle, right):
        sns.despine(ax=ax)
    figure.suptitle(TITLE, x=0.01, y=0.985, ha="left", va="top", fontsize=FONT_SIZE + 1, fontweight="bold")
    figure.text(0.01, 0.935, heading(statistics), ha="left", va="top")
    return figure


def require_chains(statistics: Statistics, source: str) -> None:
    """Refuse statistics in which one of the two controllers has no campaign that counts."""
    present = {row["controller"] for row in statistics["campaigns"]}
    for controller in PAIR:
        if controller not in present:
            raise UserError(f"{source}: campaigns: none of {controller}; give a wave with {' and '.join(PAIR)}")


def main() -> None:
    """Load a wave's statistics, draw figure 3, write pdf and png."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statistics", required=True, help="a wave with A0 and A3: results/tiny/statistics/W4.json")
    parser.add_argument("--output-pdf", required=True, help="the figure for the paper")
    parser.add_argument("--output-png", required=True, help="the same figure at 200 dpi")
    arguments = parser.parse_args()
    statistics = read_json(arguments.statistics, "statistics")
    require_chains(statistics, arguments.statistics)
    with paper_style():
        save_figure(build_figure(statistics), arguments.output_pdf, arguments.output_png)


if __name__ == "__main__":
    run(main)
