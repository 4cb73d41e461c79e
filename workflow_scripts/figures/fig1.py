"""Figure 1: one long campaign, step by step: training pass@1, its rolling mean, the held-out probe, peak and end."""

import argparse
from typing import Any

import matplotlib.ticker as ticker
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import Normal, Stroke

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.statistics import Statistics
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json
from workflow_scripts.figures.campaign_curves import campaign_frame, probe_frame, rolling_mean, step_frame
from workflow_scripts.figures.headings import testbed_and_model, update_rule
from workflow_scripts.figures.style import BLACK, BLUE, FONT_SIZE, ORANGE, PAGE_WIDTH, paper_style, save_figure

HEIGHT = 3.15  # inches
TITLE = "One long campaign, step by step"  # true whether or not anything collapses
LAYOUT = {"left": 0.072, "right": 0.975, "bottom": 0.24, "top": 0.79}  # fractions of the figure
WINDOW = 5  # steps (appendix F)


def draw_run(ax: Axes, steps: pd.DataFrame, probe: pd.DataFrame, campaign: pd.Series) -> None:
    """The campaign's curves and marks; ``steps`` and ``probe`` have columns step and pass_rate (%).

    ``campaign``: peak and end in percent, of single steps as everywhere in the statistics, and steps.
    """
    rates = steps.set_index("step")["pass_rate"]
    handles: list[Any] = ax.plot(
        rates.index, rates, color=BLUE, alpha=0.45, linewidth=0.6, label="pass@1 of one step's samples", zorder=1
    )
    trend = rolling_mean(rates, WINDOW)
    if len(trend):
        # The white edge lifts the mean off the thin line of its own colour.
        handles += ax.plot(
            trend.index, trend, color=BLUE, linewidth=1.6, label=f"mean of the last {WINDOW} steps",
            path_effects=[Stroke(linewidth=2.6, foreground="white"), Normal()], zorder=2,
        )  # fmt: skip
    if not probe.empty:
        handles += ax.plot(
            probe["step"], probe["pass_rate"], linestyle="none", marker="o", markersize=4.5, markerfacecolor="white",
            markeredgecolor=BLACK, markeredgewidth=1.0, label="held-out probe: pass@1", clip_on=False, zorder=4,
        )  # fmt: skip
    peak_step, last_step = int(rates.to_numpy().argmax()) + 1, int(campaign["steps"])
    for name, step, value, marker in (
        ("peak", peak_step, campaign["peak"], "^"),
        ("end", last_step, campaign["end"], "s"),
    ):
        handles += ax.plot(
            step, value, linestyle="none", marker=marker, markersize=8, markerfacecolor=ORANGE, markeredgecolor=BLACK,
            markeredgewidth=0.8, label=f"{name}: {value:.1f} % at step {step}", clip_on=False, zorder=3,
        )  # fmt: skip
    ax.set(xlabel="gradient step of the campaign", ylabel="pass@1 (%)")
    ax.set_xlim(0, last_step)
    ax.xaxis.set_major_locator(ticker.MaxNLocator(10, steps=[1, 2, 5, 10], integer=True))
    ax.set_ylim(bottom=0)
    ax.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(-0.01, -0.21), borderaxespad=0, ncols=3, handlelength=2.4,
        columnspacing=2.0, labelspacing=0.35,
    )  # fmt: skip


def heading(statistics: Statistics) -> str:
    """What was run, in two lines: testbed, real model and role; update rule, n, chain and wave."""
    one = statistics["campaigns"][0]
    return (
        f"{testbed_and_model(statistics['testbed'], statistics['model'])}\n"
        f"Update rule {update_rule(statistics)}, n = 1 campaign of {one['steps']} steps (controller "
        f"{one['controller']}, seed {one['seed']}), chain {statistics['chain']} ({statistics['wave']})"
    )


def build_figure(statistics: Statistics) -> Figure:
    """The figure from the statistics of a wave of one campaign; call it, and save, inside ``paper_style``."""
    figure = Figure(figsize=(PAGE_WIDTH, HEIGHT))
    ax = figure.subplots(gridspec_kw=LAYOUT)
    draw_run(ax, step_frame(statistics), probe_frame(statistics), campaign_frame(statistics).iloc[0])
    sns.despine(ax=ax)
    figure.suptitle(TITLE, x=0.01, y=0.98, ha="left", va="top", fontsize=FONT_SIZE + 1, fontweight="bold")
    figure.text(0.01, 0.92, heading(statistics), ha="left", va="top")
    return figure


def require_one_run(statistics: Statistics, source: str) -> None:
    """Refuse statistics of no campaign (an excluded chain is named with its reason) or of more than one."""
    if len(statistics["campaigns"]) == 1:
        return
    reasons = [f"seed {one['seed']}: {one['reason']}" for one in statistics["excluded"]]
    excluded = f" (excluded: {'; '.join(reasons)})" if reasons else ""
    raise UserError(
        f"{source}: campaigns: {len(statistics['campaigns'])} campaigns count{excluded}, and figure 1 shows one run; "
        "give a wave of one controller, one seed and one campaign, such as W0"
    )


def main() -> None:
    """Load a wave's statistics, draw figure 1, write pdf and png."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statistics", required=True, help="a wave of one campaign: results/tiny/statistics/W0.json")
    parser.add_argument("--output-pdf", required=True, help="the figure for the paper")
    parser.add_argument("--output-png", required=True, help="the same figure at 200 dpi")
    arguments = parser.parse_args()
    statistics = read_json(arguments.statistics, "statistics")
    require_one_run(statistics, arguments.statistics)
    with paper_style():
        save_figure(build_figure(statistics), arguments.output_pdf, arguments.output_png)


if __name__ == "__main__":
    run(main)
