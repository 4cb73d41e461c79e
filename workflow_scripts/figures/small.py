"""Figure small: one longer campaign under the graded reward and under controls, step by step.

A column for each kind of run, every seed a line: pass rates in training and on held-out problems, entropy, how many
completions differ, and what the grader says. Reads traces, since no table needs these numbers.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import matplotlib.ticker as ticker
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.campaigns import Trace
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json
from workflow_scripts.figures.campaign_curves import rolling_mean
from workflow_scripts.figures.headings import testbed_and_model
from workflow_scripts.figures.style import BLACK, BLUE, FONT_SIZE, GREEN, ORANGE, PAGE_WIDTH, paper_style, save_figure

HEIGHT = 6.8  # inches
LAYOUT = {"left": 0.075, "right": 0.99, "bottom": 0.135, "top": 0.885, "wspace": 0.12, "hspace": 0.16}
TITLE = "One longer campaign, step by step, and what it does with rewards that teach less"
WINDOW = 5  # steps, as in figure 1
LINESTYLES: tuple[Any, ...] = ("-", (0, (4, 1.5)), (0, (1, 1)))
# From the bottom up; what is no program, what does not end and what fails otherwise are told apart by lightness.
VERDICTS = {"passed": BLUE, "failed": ORANGE, "error": "#999999", "time_limit": "#555555"}
OTHER = "#111111"

Runs = Mapping[str, Sequence[Trace]]


def kind_of(trace: Trace) -> str:
    """What sets a run apart from the others, as its column is called."""
    rule = trace["settings"]["update_rule"]
    if trace["plan"]["learning_rate"] == 0:
        return "learning rate 0"
    if rule["reward"] == "shuffled":
        return "reward in random order"
    return "reward centred by group" if rule["use_score_centering"] else "graded reward"


def by_kind(traces: Sequence[Trace]) -> dict[str, list[Trace]]:
    """The runs of each kind by seed, kinds in the order in which they come."""
    found: dict[str, list[Trace]] = {}
    for trace in sorted(traces, key=lambda trace: trace["identity"]["seed"]):
        found.setdefault(kind_of(trace), []).append(trace)
    return {kind: found[kind] for kind in dict.fromkeys(map(kind_of, traces))}


def by_step(trace: Trace, key: str, factor: float = 1.0) -> pd.Series:
    """One of the indicators of a trace by step; steps that did not measure it are left out."""
    steps = [cast("Mapping[str, Any]", step) for step in trace["steps"]]
    return pd.Series({step["step"]: factor * step[key] for step in steps if step[key] is not None}, dtype=float)


def verdict_shares(traces: Sequence[Trace]) -> pd.DataFrame:
    """Share (%) of each verdict by step, over the completions of all seeds; a column per verdict that occurs."""
    counts = [pd.DataFrame({step["step"]: step["verdicts"] for step in trace["steps"]}).T for trace in traces]
    total = pd.concat(counts).groupby(level=0).sum().fillna(0)
    named = total.reindex(columns=list(VERDICTS), fill_value=0)
    named["other"] = total.drop(columns=list(VERDICTS), errors="ignore").sum(axis=1)
    return 100 * named.div(named.sum(axis=1), axis=0)


def draw_pass_rates(ax: Axes, traces: Sequence[Trace]) -> None:
    for trace, linestyle in zip(traces, LINESTYLES, strict=False):
        rates = by_step(trace, "CodeGrader/pass_rate/mean", 100)
        ax.plot(rates.index, rates, color=BLUE, alpha=0.35, linewidth=0.4)
        trend = rolling_mean(rates, WINDOW)
        ax.plot(trend.index, trend, color=BLUE, linewidth=1.3, linestyle=linestyle)
        steps = [probe["step"] for probe in trace["probe"]]
        for key, marker, color in (("pass@1", "o", BLACK), ("pass@n", "D", GREEN)):
            values = [100 * cast("Mapping[str, Any]", probe)[key] for probe in trace["probe"]]
            ax.plot(
                steps, values, color=color, linewidth=0.7, linestyle=linestyle, marker=marker, markersize=3.2,
                markerfacecolor="white", markeredgewidth=0.8, clip_on=False, zorder=4,
            )  # fmt: skip
    ax.set_ylim(0, 100)


def draw_indicator(ax: Axes, traces: Sequence[Trace], key: str, color: str, factor: float = 1.0) -> None:
    for trace, linestyle in zip(traces, LINESTYLES, strict=False):
        values = by_step(trace, key, factor)
        ax.plot(values.index, values, color=color, alpha=0.35, linewidth=0.4)
        trend = rolling_mean(values, WINDOW)
        ax.plot(trend.index, trend, color=color, linewidth=1.3, linestyle=linestyle)


def draw_verdicts(ax: Axes, traces: Sequence[Trace]) -> None:
    shares = verdict_shares(traces)
    colors = [*VERDICTS.values(), OTHER]
    ax.stackplot(shares.index, shares.to_numpy().T, colors=colors, linewidth=0)
    ax.set_ylim(0, 100)


def heading(runs: Runs) -> str:
    """Testbed and model; n of each kind, what a step and a probe are made of."""
    first = next(iter(runs.values()))[0]
    settings, rates = first["settings"], {trace["plan"]["learning_rate"] for one in runs.values() for trace in one}
    rate = ", ".join(f"{rate:g}" for rate in sorted(rates - {0.0})) or "0"
    seeds = {kind: ", ".join(str(trace["identity"]["seed"]) for trace in one) for kind, one in runs.items()}
    alike = len(set(seeds.values())) == 1
    told = f"seeds {seeds[kind_of(first)]} in each column" if alike else "; ".join(map(": ".join, seeds.items()))
    step = f"{settings['prompts_per_step']} problems x {settings['group_size']} completions"
    held_out = "".join(
        f"; held out: {probe['n_problems']} problems of {probe['split']} x {probe['samples_per_problem']} completions"
        for probe in first["probe"][:1]
    )
    return (
        f"{testbed_and_model(first['identity']['testbed'], first['model'])}; learning rate {rate}\n"
        f"n: {told}; a step: {step}{held_out}"
    )


def build_figure(runs: Runs) -> Figure:
    """The figure; call it, and save, inside ``paper_style``."""
    figure = Figure(figsize=(PAGE_WIDTH, HEIGHT))
    axes = figure.subplots(4, len(runs), sharex=True, sharey="row", squeeze=False, gridspec_kw=LAYOUT)
    for column, (kind, traces) in zip(axes.T, runs.items(), strict=True):
        draw_pass_rates(column[0], traces)
        draw_indicator(column[1], traces, "entropy", BLUE)
        draw_indicator(column[2], traces, "completions/unique_fraction", BLUE, 100)
        draw_indicator(column[2], traces, "frac_reward_zero_std", ORANGE, 100)
        draw_verdicts(column[3], traces)
        column[0].set_title(kind)
        column[1].set_ylim(bottom=0)
        column[2].set_ylim(0, 100)
        column[3].set(xlabel="gradient step", xlim=(0, max(len(trace["steps"]) for trace in traces)))
        column[3].xaxis.set_major_locator(ticker.MaxNLocator(4, integer=True))
    for ax, label in zip(
        axes[:, 0], ("pass rate (%)", "entropy (nats a token)", "share (%)", "verdicts (%)"), strict=True
    ):
        ax.set_ylabel(label)
    for ax in axes.flat:
        sns.despine(ax=ax)
    figure.legend(
        handles=legend_of(runs), loc="lower left", bbox_to_anchor=(0.0, 0.0), ncols=4, handlelength=2.2,
        columnspacing=1.6, labelspacing=0.35,
    )  # fmt: skip
    figure.suptitle(TITLE, x=0.01, y=0.99, ha="left", va="top", fontsize=FONT_SIZE + 1, fontweight="bold")
    figure.text(0.01, 0.962, heading(runs), ha="left", va="top")
    return figure


def legend_of(runs: Runs) -> list[Any]:
    """A line for each thing that is drawn; seeds are told apart by their line."""
    one = next(iter(runs.values()))
    samples = {probe["samples_per_problem"] for trace in one for probe in trace["probe"]}
    seeds = [str(trace["identity"]["seed"]) for trace in one]
    hollow: dict[str, Any] = {"markerfacecolor": "white", "markersize": 3.2, "linewidth": 0.7}
    return [
        Line2D([], [], color=BLUE, label=f"training, mean of {WINDOW} steps"),
        Line2D([], [], color=BLACK, marker="o", label="held out: pass@1", **hollow),
        Line2D([], [], color=GREEN, marker="D", label=f"held out: pass@{max(samples, default=1)}", **hollow),
        *(
            Line2D([], [], color=BLACK, linewidth=1, linestyle=linestyle, label=f"seed {seed}")
            for seed, linestyle in zip(seeds, LINESTYLES, strict=False)
        ),
        Line2D([], [], color=BLUE, label="distinct completions"),
        Line2D([], [], color=ORANGE, label="groups all right or all wrong"),
        *(
            Line2D([], [], color=color, linewidth=5, label=f"verdict: {name.replace('_', ' ')}")
            for name, color in (*VERDICTS.items(), ("other", OTHER))
        ),
    ]


def require_few_seeds(runs: Runs, source: str) -> None:
    """Refuse more seeds of a kind than lines can be told apart."""
    for kind, traces in runs.items():
        if len(traces) > len(LINESTYLES):
            raise UserError(f"{source}: {len(traces)} runs of kind {kind!r}; this figure shows {len(LINESTYLES)} seeds")


def main() -> None:
    """Load traces, draw figure small, write pdf and png."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--traces", required=True, nargs="+", help="of campaigns 1, in the order of the columns")
    parser.add_argument("--output-pdf", required=True, type=Path, help="the figure for the paper")
    parser.add_argument("--output-png", required=True, type=Path, help="the same figure at 200 dpi")
    arguments = parser.parse_args()
    runs = by_kind([read_json(path, "trace") for path in arguments.traces])
    require_few_seeds(runs, arguments.traces[0])
    with paper_style():
        save_figure(build_figure(runs), arguments.output_pdf, arguments.output_png)


if __name__ == "__main__":
    run(main)
