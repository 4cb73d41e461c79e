"""Figure dose: what each chain carries into its last campaign, by its updates (docs/preregistration.md)."""

import argparse
from pathlib import Path
from typing import Any

import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.experiments import Carried
from workflow_scripts.core.contracts.statistics import Metric
from workflow_scripts.core.files import read_json
from workflow_scripts.figures.headings import testbed_and_model
from workflow_scripts.figures.style import FONT_SIZE, PAGE_WIDTH, paper_style, save_figure
from workflow_scripts.statistics.intervals import STUDENT

HEIGHT = 3.8  # inches
LAYOUT = {"left": 0.075, "right": 0.99, "bottom": 0.21, "top": 0.84, "wspace": 0.12}
TITLE = "What a chain delivers, by the updates that it took"
# Okabe and Ito's colours and two of Tol's; the marker tells controllers apart in grey print.
COLORS = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#D55E00", "#0072B2", "#CC79A7", "#999999", "#882255", "#999933",
)  # fmt: skip
MARKERS = "osD^vP*X<>"
PANELS = {  # what a point stands above: the measure and its axis
    "sum_of_rates": "what the checkpoint went through\n(updates at the base rate)",
    "steps": "all steps that were computed\n(the last campaign's included)",
}


def points(controller: dict[str, Metric], measure: str) -> list[tuple[float, float]]:
    """(measure, carried held-out pass@1 in %) of every chain."""
    along = {one["seed"]: one["value"] for one in controller[measure]["values"]}
    return [(along[one["seed"]], 100 * one["value"]) for one in controller["carried"]["values"]]


def draw(ax: Axes, carried: Carried, measure: str) -> None:
    """One point per chain, and each controller's mean with its interval."""
    for (name, controller), color, marker in zip(carried["controllers"].items(), COLORS, MARKERS, strict=False):
        found = points(controller, measure)
        ax.plot(*zip(*found, strict=True), linestyle="", marker=marker, markersize=3, color=color, alpha=0.45, zorder=2)
        metric = controller["carried"]
        interval = next(one for one in metric["intervals"] if one["method"] == STUDENT)
        mean, low, high = metric["mean"], interval["low"], interval["high"]
        if mean is None:
            continue
        errors = None if low is None or high is None else [[100 * (mean - low)], [100 * (high - mean)]]
        ax.errorbar(
            sum(along for along, _ in found) / len(found), 100 * mean, yerr=errors, color=color, marker=marker,
            markersize=6, markeredgecolor="white", markeredgewidth=0.6, linewidth=1.2, label=name, zorder=4,
        )  # fmt: skip
    base = carried["controllers"][next(iter(carried["controllers"]))]["base"]["mean"]
    if base is not None:
        ax.axhline(100 * base, color="#999999", linewidth=0.8, linestyle=(0, (4, 2)), zorder=1)
        ax.annotate("base model", (1, 100 * base), xycoords=("axes fraction", "data"), ha="right", va="bottom")


def heading(carried: Carried) -> str:
    """Testbed and model; the rate, n and what a probe is made of."""
    probe = carried["probe"]
    n = sorted({metrics["carried"]["n"] for metrics in carried["controllers"].values()})
    return (
        f"{testbed_and_model(carried['testbed'], carried['model'])}; wave {carried['wave']}, learning rate "
        f"{carried['learning_rate']:g}, {carried['campaigns']} campaigns\n"
        f"n: {' to '.join(str(count) for count in dict.fromkeys((n[0], n[-1])))} chains each; held out: "
        f"{probe['n_problems']} problems of {probe['split']} x {probe['samples_per_problem']}; large: mean over seeds "
        f"with Student t interval ({100 * carried['level']:g} %)"
    )


def build_figure(carried: Carried) -> Figure:
    """The figure; call it, and save, inside ``paper_style``."""
    figure = Figure(figsize=(PAGE_WIDTH, HEIGHT))
    axes: Any = figure.subplots(1, len(PANELS), sharey=True, gridspec_kw=LAYOUT)
    for ax, (measure, label) in zip(axes, PANELS.items(), strict=True):
        draw(ax, carried, measure)
        ax.set_xlabel(label)
        sns.despine(ax=ax)
    axes[0].set_ylabel("carried checkpoint, held out: pass@1 (%)")
    figure.legend(
        *axes[0].get_legend_handles_labels(), loc="lower left", bbox_to_anchor=(0.065, 0.0), ncols=len(COLORS),
        handlelength=1.2, columnspacing=1.6,
    )  # fmt: skip
    figure.suptitle(TITLE, x=0.01, y=0.985, ha="left", va="top", fontsize=FONT_SIZE + 1, fontweight="bold")
    figure.text(0.01, 0.935, heading(carried), ha="left", va="top")
    return figure


def main() -> None:
    """Load what the controllers deliver, draw figure dose, write pdf and png."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--carried", required=True, help="results/{testbed}/statistics/carried/{wave}.json")
    parser.add_argument("--output-pdf", required=True, type=Path, help="the figure for the paper")
    parser.add_argument("--output-png", required=True, type=Path, help="the same figure at 200 dpi")
    arguments = parser.parse_args()
    carried: Carried = read_json(arguments.carried, "carried")
    with paper_style():
        save_figure(build_figure(carried), arguments.output_pdf, arguments.output_png)


if __name__ == "__main__":
    run(main)
