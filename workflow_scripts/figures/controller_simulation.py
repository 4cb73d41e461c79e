"""Controllers before a GPU is paid: simulated pass@1, steps, false alarms, and decisions along recorded chains.

Panels (a) to (c) show chains in a process that was fitted to traces; panel (d) shows what each controller would have
decided along recorded chains, and not what would have come of it: there the history is not its own.
"""

import argparse
import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.ticker as ticker
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from workflow_scripts.core.cli import run
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json
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

TITLE = "Controllers in simulation: nothing here was trained"
LAYOUT = {"left": 0.075, "right": 0.985, "wspace": 0.24, "hspace": 0.42}
# Inches: the title above the panels, the panels, their x labels; and a line of the legend or of the note below them.
ABOVE, PANELS, X_LABELS, LEGEND_LINE, NOTE_LINE = 0.68, 4.45, 0.42, 0.16, 0.117
LEGEND_COLUMNS = 8
NOTE_CHARACTERS = 128  # of a line of the note, at the page's width
# Okabe and Ito's other colours, for the controllers that have no look of their own; yellow is too light for a line.
COLORS = ("#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#000000", "#7F7F7F")
LINESTYLES = ("-", (0, (4, 1.5)), (0, (1, 1)), (0, (5, 1, 1, 1, 1, 1)))
MARKERS = ("^", "D", "v", "P", "X", "<", ">", "h", "p", "*")

# Sizes of a point's name in panel (b), in its axes' width (per character) and height, and where it is tried: beside its
# point, then further and further up and down, in half heights.
LABEL_WIDTH, LABEL_HEIGHT = 0.024, 0.056
LABEL_OFFSETS = (0, 1, -1, 2, -2, 3, -3, 4, -4, 6, -6, 8, -8)

Looks = Mapping[str, ControllerStyle]
Box = tuple[float, float, float, float]  # left, lower, right, upper


def looks_of(names: Sequence[str]) -> dict[str, ControllerStyle]:
    """A look for each controller; colour, dashes and marker tell any two apart, together."""
    others = [name for name in names if name not in CONTROLLERS]
    own = {
        name: ControllerStyle(
            name,
            COLORS[index % len(COLORS)],
            LINESTYLES[(index // len(COLORS) + index) % len(LINESTYLES)],
            MARKERS[index % len(MARKERS)],
            "",
        )
        for index, name in enumerate(others)
    }
    return {name: CONTROLLERS.get(name) or own[name] for name in names}


def draw_curves(ax: Axes, controllers: Sequence[dict[str, Any]], looks: Looks) -> None:
    """Panel (a): mean true pass@1 (%) at the end of each campaign, with its interval as a band."""
    for one in controllers:
        look, curve = looks[one["controller"]], one["curve"]
        campaigns = range(1, len(curve) + 1)
        low, high = _bounds(curve)
        ax.fill_between(campaigns, low, high, color=look.color, alpha=0.25, linewidth=0)
        # Not every marker fits into a long chain.
        ax.plot(
            campaigns, [100 * point["mean"] for point in curve], color=look.color, linestyle=look.linestyle,
            linewidth=1.2, marker=look.marker, markersize=3.2, markevery=max(1, len(curve) // 10),
        )  # fmt: skip
    ax.set(xlabel="campaign of the chain", ylabel="true pass@1 (%)", title="(a) At the end of each campaign")
    ax.xaxis.set_major_locator(ticker.MaxNLocator(6, steps=[1, 2, 5, 10], integer=True))


def draw_costs(ax: Axes, controllers: Sequence[dict[str, Any]], looks: Looks) -> None:
    """Panel (b): true pass@1 (%) at the end of the last campaign against the chain's steps, with both intervals."""
    points = {}
    for one in controllers:
        look, value, steps = looks[one["controller"]], *(one["characteristics"][key] for key in ("end_true", "steps"))
        x, y = steps["mean"], 100 * value["mean"]
        ax.errorbar(
            x, y, xerr=_reach(steps, 1), yerr=_reach(value, 100), color=look.color, marker=look.marker, markersize=4,
            linewidth=0.8, linestyle="none",
        )  # fmt: skip
        points[one["controller"]] = (x, y)
    ax.margins(0.25, 0.1)  # room for the names
    ax.set(
        xlabel="gradient steps of a chain", ylabel="true pass@1 (%)", title="(b) At the end of the chain, and its cost"
    )
    _label_points(ax, points)


def _label_points(ax: Axes, points: Mapping[str, tuple[float, float]]) -> None:
    """Names beside the points where they touch neither a point nor a name, each with a thin line to its own point."""
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    inside = {name: ((x - left) / (right - left), (y - low) / (high - low)) for name, (x, y) in points.items()}
    taken = [_box(x, y, 0.03, 0.045) for x, y in inside.values()]
    for name, (x, y) in sorted(inside.items(), key=lambda item: item[1][1]):
        width = LABEL_WIDTH * len(name)
        spots = [(x + side * (0.04 + width / 2), y + LABEL_HEIGHT * up / 2) for up in LABEL_OFFSETS for side in (-1, 1)]
        free = [spot for spot in spots if not any(_overlap(_box(*spot, width, LABEL_HEIGHT), other) for other in taken)]
        at = (free or spots)[0]
        taken.append(_box(*at, width, LABEL_HEIGHT))
        ax.annotate(
            name, (x, y), xycoords="axes fraction", xytext=at, textcoords="axes fraction", ha="center", va="center",
            fontsize=SMALL_FONT_SIZE, annotation_clip=False,
            arrowprops={"arrowstyle": "-", "linewidth": 0.4, "color": BLACK, "shrinkA": 0, "shrinkB": 2},
        )  # fmt: skip


def _box(x: float, y: float, width: float, height: float) -> Box:
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def draw_false_alarms(ax: Axes, controllers: Sequence[dict[str, Any]], looks: Looks) -> None:
    """Panel (c): the share (%) of campaigns without a collapse that were answered by a pilot or a reject."""
    rows = [one["controller"] for one in controllers]
    for row, one in enumerate(controllers):
        found, look = one["characteristics"], looks[one["controller"]]
        alarms = found["pilots"]["mean"] + found["rejects"]["mean"]
        rate = found["false_alarm_rate"]
        if alarms == 0 or rate["mean"] is None:
            words = "no pilots or rejects" if alarms == 0 else "no campaign without a collapse"
            ax.text(1.5, row, words, va="center", fontsize=SMALL_FONT_SIZE, color=BLACK, alpha=0.7)
            continue
        ax.barh(
            row, 100 * rate["mean"], xerr=_reach(rate, 100), color=look.color, edgecolor=BLACK, linewidth=0.3,
            hatch=look.hatch, height=0.65, error_kw={"linewidth": 0.8},
        )  # fmt: skip
    _name_rows(ax, rows)
    ax.set_xlim(0, 100)
    ax.set(
        xlabel="share of campaigns without a true collapse (%)",
        title="(c) False pilots and rejects",
    )


def draw_replays(ax: Axes, replayed: dict[str, Any] | None, names: Sequence[str]) -> None:
    """Panel (d): the mean steps per campaign that each controller asks for along recorded chains, by whose they are.

    The share (%) of campaigns that it would have planned as they were recorded stands to the right of each row.
    """
    ax.set(xlabel="mean steps per planned campaign", title="(d) Along recorded chains")
    _name_rows(ax, names)
    if replayed is None:
        ax.text(0.5, 0.5, "no recorded chains were given", transform=ax.transAxes, ha="center", va="center")
        return
    recorded = _recorded_controllers(replayed)
    looks, found = looks_of(recorded), {one["controller"]: one["chains"] for one in replayed["controllers"]}
    shifts = [0.5 * (index + 0.5) / len(recorded) - 0.25 for index in range(len(recorded))]
    for row, name in enumerate(names):
        if name not in found:
            ax.text(0.02, row, "left out", va="center", fontsize=SMALL_FONT_SIZE, transform=ax.get_yaxis_transform())
            continue
        shares = []
        for shift, owner in zip(shifts, recorded, strict=True):
            own = [chain for chain in found[name] if chain["recorded_controller"] == owner]
            campaigns = sum(len(chain["decisions"]) for chain in own)
            mean, same = (sum(chain[key] for chain in own) / campaigns for key in ("steps", "same_training"))
            ax.plot(mean, row + shift, marker=looks[owner].marker, color=looks[owner].color, markersize=3.5)
            shares.append(f"{100 * same:.0f}")
        ax.text(1.0, row, " / ".join(shares), ha="right", va="center", fontsize=SMALL_FONT_SIZE,
                transform=ax.get_yaxis_transform())  # fmt: skip
    _, right = ax.get_xlim()
    ax.set_xlim(0, 1.25 * right)
    handles = [
        Line2D([], [], linestyle="none", marker=look.marker, color=look.color, markersize=4, label=f"after {name}")
        for name, look in looks.items()
    ]
    ax.legend(handles=handles, loc="lower right", bbox_to_anchor=(1.02, 1.0), ncols=len(handles), borderaxespad=0,
              handletextpad=0.2, columnspacing=0.8)  # fmt: skip


def note(simulation: dict[str, Any]) -> str:
    """What the figure's numbers rest on, in sentences."""
    simulated, replayed = simulation["simulated"], simulation["replayed"]
    source, design = simulated["source"], simulated["design"]
    no_width = " One of width 0 says that its chains do not differ, not that the mean is known."
    sentences = [
        f"(a) to (c): n = {design['chains']:,} simulated chains of {design['campaigns']} campaigns per controller in a "
        f"rise-and-collapse process fitted to {source['traces']} traces (testbed {source['testbed']}, "
        f"{source['model']}, chain {source['chain']}, controllers {', '.join(source['controllers'])}, "
        f"n = {len(source['seeds'])} seeds); assumed: {', '.join(simulated['assumed'])}.",
        f"Bands and bars: {100 * design['confidence']:g} % interval of the mean ({design['interval']}); they hold for "
        f"the process as fitted and leave out the uncertainty of the fit.{no_width * _is_any_without_width(simulated)}",
        "A pilot or reject is false after a campaign whose true end/peak was not below the gate's threshold "
        f"({design['alarm_threshold']:g} where a controller has none, and pilots for reasons of its own).",
    ]
    if replayed:
        owners = " / ".join(_recorded_controllers(replayed))
        sentences.append(
            f"(d): {replayed['traces']} recorded traces; the history is the recorded controller's, so that decisions "
            "are shown and no outcome is known; on the right the share of campaigns (%) planned as they were recorded, "
            f"after {owners}."
        )
    for panels, part in (("(a) to (c)", simulated), ("(d)", replayed)):
        if part and part["left_out"]:
            names = ", ".join(f"{one['controller']} (needs {one['needs']})" for one in part["left_out"])
            sentences.append(f"Left out of {panels}: {names}.")
    return " ".join(sentences)


def build_figure(simulation: dict[str, Any]) -> Figure:
    """The four panels; call it, and save, inside ``paper_style``."""
    controllers = simulation["simulated"]["controllers"]
    names = [one["controller"] for one in controllers]
    looks = looks_of(names)
    words = textwrap.fill(note(simulation), NOTE_CHARACTERS)
    note_height = NOTE_LINE * (2 + words.count("\n"))  # one line apart from the legend
    below = note_height + LEGEND_LINE * math.ceil(len(names) / LEGEND_COLUMNS) + X_LABELS
    height = ABOVE + PANELS + below
    figure = Figure(figsize=(PAGE_WIDTH, height))
    layout = {**LAYOUT, "bottom": below / height, "top": 1 - ABOVE / height}
    (curves, costs), (alarms, replays) = figure.subplots(2, 2, gridspec_kw=layout)
    draw_curves(curves, controllers, looks)
    draw_costs(costs, controllers, looks)
    draw_false_alarms(alarms, controllers, looks)
    draw_replays(replays, simulation["replayed"], names)
    for ax in (curves, costs, alarms, replays):
        sns.despine(ax=ax)
    handles = [
        Line2D([], [], color=look.color, linestyle=look.linestyle, marker=look.marker, markersize=3.2, label=name)
        for name, look in looks.items()
    ]
    figure.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0.02, (below - X_LABELS + 0.04) / height),
        ncols=LEGEND_COLUMNS, borderaxespad=0, handlelength=2.6, columnspacing=1.2,
    )  # fmt: skip
    title = {"fontsize": FONT_SIZE + 1, "fontweight": "bold"}
    figure.suptitle(TITLE, x=0.01, y=1 - 0.1 / height, ha="left", va="top", **title)
    figure.text(0.01, 0.03 / height, words, ha="left", va="bottom", fontsize=SMALL_FONT_SIZE)
    return figure


def _is_any_without_width(simulated: dict[str, Any]) -> bool:
    """Whether an interval of a rate that is drawn has equal bounds; a plan's steps may be the same in all chains."""
    drawn = [point for one in simulated["controllers"] for point in one["curve"]]
    for one in simulated["controllers"]:
        end, rate = (one["characteristics"][key] for key in ("end_true", "false_alarm_rate"))
        drawn += [end, rate] if rate["mean"] else [end]
    return any(value["low"] is not None and has_no_width(value["low"], value["high"]) for value in drawn)


def _bounds(curve: Sequence[dict[str, Any]]) -> tuple[list[float], list[float]]:
    """Lower and upper bounds in percent; the mean itself where there is no interval."""
    low, high = (
        [100 * (point["mean"] if point[key] is None else point[key]) for point in curve] for key in ("low", "high")
    )
    return low, high


def _reach(value: dict[str, Any], scale: float) -> float:
    """Half the width of an interval; 0 where there is none."""
    return 0.0 if value["high"] is None else scale * (value["high"] - value["mean"])


def _recorded_controllers(replayed: dict[str, Any]) -> list[str]:
    return sorted({chain["recorded_controller"] for one in replayed["controllers"] for chain in one["chains"]})


def _name_rows(ax: Axes, names: Sequence[str]) -> None:
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.5)


def main() -> None:
    """Load simulated controllers, draw the figure, write pdf and png."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulation", required=True, help="as simulation/simulate.py writes it, with --process")
    parser.add_argument("--output-pdf", required=True, help="the figure for the paper")
    parser.add_argument("--output-png", required=True, help="the same figure at 200 dpi")
    arguments = parser.parse_args()
    simulation = read_json(arguments.simulation, "simulation")
    if not simulation["simulated"] or not simulation["simulated"]["controllers"]:
        raise UserError(f"{arguments.simulation}: simulated: no controller was; run control.simulate with --process")
    with paper_style():
        save_figure(build_figure(simulation), arguments.output_pdf, arguments.output_png)


if __name__ == "__main__":
    run(main)
