"""Figure ladder: what each reward does at each constant learning rate, step by step (docs/preregistration.md).

A column for each rate and a line for each reward, with a band over seeds; learning rate 0 is in every column.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib.ticker as ticker
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.experiments import Condition, Ladder
from workflow_scripts.core.files import read_json
from workflow_scripts.figures.headings import testbed_and_model
from workflow_scripts.figures.style import (
    BLACK,
    BLUE,
    FONT_SIZE,
    GREEN,
    ORANGE,
    PAGE_WIDTH,
    SMALL_FONT_SIZE,
    paper_style,
    save_figure,
)

HEIGHT = 7.2  # inches
LAYOUT = {"left": 0.095, "right": 0.99, "bottom": 0.1, "top": 0.885, "wspace": 0.1, "hspace": 0.14}
TITLE = "What falls, and with which reward: one campaign at a constant learning rate"
ROWS = {  # of a condition's curves: the label and the factor of its unit
    "held_out": ("held out:\npass@1 (%)", 100.0),
    "held_out_pass@n": ("held out:\npass@{n} (%)", 100.0),
    "training": ("training:\npass rate (%)", 100.0),
    "entropy": ("entropy\n(nats a token)", 1.0),
    "distinct": ("distinct\ncompletions (%)", 100.0),
}
REWARDS: dict[str, tuple[str, str, Any]] = {  # as they are drawn: label, colour, line
    "graded": ("graded reward", BLUE, "-"),
    "shuffled": ("shuffled within the batch", ORANGE, (0, (4, 1.5))),
    "constant": ("1 for every completion", GREEN, (0, (1, 1))),
    "none": ("learning rate 0", BLACK, (0, (5, 1, 1, 1))),
}


def columns_of(ladder: Ladder) -> dict[float, list[Condition]]:
    """The conditions of each rate above 0, those at learning rate 0 in all."""
    still = [one for one in ladder["conditions"] if one["learning_rate"] == 0]
    rates = sorted({one["learning_rate"] for one in ladder["conditions"]} - {0.0})
    order = list(REWARDS)
    return {
        rate: sorted(
            [*still, *(one for one in ladder["conditions"] if one["learning_rate"] == rate)],
            key=lambda one: order.index(one["reward"]),
        )
        for rate in rates
    }


def draw(ax: Axes, conditions: Sequence[Condition], curve: str, factor: float) -> None:
    """One indicator by step, a line for each reward."""
    for condition in conditions:
        own = condition["curves"][curve]
        _, color, linestyle = REWARDS[condition["reward"]]
        ax.plot(
            own["steps"], [factor * value for value in own["mean"]], color=color, linewidth=1.2, linestyle=linestyle
        )
        known = [(low, high) for low, high in zip(own["low"], own["high"], strict=True) if low is not None]
        if len(known) == len(own["steps"]):
            low, high = ([factor * (bound or 0.0) for bound in bounds] for bounds in zip(*known, strict=True))
            ax.fill_between(own["steps"], low, high, color=color, alpha=0.18, linewidth=0)


def column_title(rate: float, conditions: Sequence[Condition]) -> str:
    """The rate and what the graded reward does at it."""
    graded = next((one for one in conditions if one["reward"] == "graded"), None)
    if graded is None:
        return f"rate {rate:g}"
    does = [word for word, is_so in (("rises", graded["rises"]), ("falls", graded["falls"])) if is_so]
    said = " and ".join(does) or "neither rises nor falls"
    if graded["mechanism"]:
        said += f": {graded['mechanism']}"
    return f"rate {rate:g}\ngraded {said}"


def heading(ladder: Ladder) -> str:
    """Testbed and model; n, what a step and a probe are made of, and what the bands are."""
    probe, counts = ladder["probe"], sorted({len(one["seeds"]) for one in ladder["conditions"]})
    n = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    return (
        f"{testbed_and_model(ladder['testbed'], ladder['model'])}; REINFORCE\n"
        f"n: {n} seeds a line; a step: {ladder['prompts_per_step']} problems x {ladder['group_size']} completions; "
        f"held out: {probe['n_problems']} problems of {probe['split']} x {probe['samples_per_problem']}; "
        f"bands: Student t, {100 * ladder['level']:g} %, over seeds"
    )


def build_figure(ladder: Ladder) -> Figure:
    """The figure; call it, and save, inside ``paper_style``."""
    columns = columns_of(ladder)
    figure = Figure(figsize=(PAGE_WIDTH, HEIGHT))
    axes = figure.subplots(
        len(ROWS), len(columns), sharex=True, sharey="row", squeeze=False, gridspec_kw=LAYOUT
    )  # shared, so that columns compare
    for column, (rate, conditions) in zip(axes.T, columns.items(), strict=True):
        for ax, (curve, (label, factor)) in zip(column, ROWS.items(), strict=True):
            draw(ax, conditions, curve, factor)
            if ax is axes[list(ROWS).index(curve), 0]:
                ax.set_ylabel(label.format(n=ladder["probe"]["samples_per_problem"]))
            sns.despine(ax=ax)
        column[0].set_title(column_title(rate, conditions), fontsize=SMALL_FONT_SIZE, fontweight="normal")
        column[-1].set(xlabel="gradient step", xlim=(0, ladder["steps"]))
        column[-1].xaxis.set_major_locator(ticker.MaxNLocator(4, integer=True))
    for ax, (_, factor) in zip(axes[:, 0], ROWS.values(), strict=True):
        ax.set_ylim(0, 100 if factor > 1 else None)  # when all is drawn, since a row's axes are shared
    used = {one["reward"] for conditions in columns.values() for one in conditions}
    handles: list[Any] = [
        Line2D([], [], color=color, linestyle=linestyle, linewidth=1.2, label=label)
        for reward, (label, color, linestyle) in REWARDS.items()
        if reward in used
    ]
    figure.legend(handles=handles, loc="lower left", bbox_to_anchor=(0.01, 0.0), ncols=4, handlelength=2.6)
    figure.suptitle(TITLE, x=0.01, y=0.99, ha="left", va="top", fontsize=FONT_SIZE + 1, fontweight="bold")
    figure.text(0.01, 0.967, heading(ladder), ha="left", va="top")
    return figure


def main() -> None:
    """Load the ladder, draw figure ladder, write pdf and png."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ladder", required=True, help="results/{testbed}/statistics/ladder.json")
    parser.add_argument("--output-pdf", required=True, type=Path, help="the figure for the paper")
    parser.add_argument("--output-png", required=True, type=Path, help="the same figure at 200 dpi")
    arguments = parser.parse_args()
    ladder: Ladder = read_json(arguments.ladder, "ladder")
    with paper_style():
        save_figure(build_figure(ladder), arguments.output_pdf, arguments.output_png)


if __name__ == "__main__":
    run(main)
