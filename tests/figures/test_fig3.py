"""Figure 3: what is drawn equals the data, labels say units and n, and equal input gives equal bytes."""

import itertools
from collections import defaultdict

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from scipy import stats

from tests.makers.scripts import assert_equal_bytes
from tests.makers.synthetic_statistics import SEEDS, make_statistics
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import write_json
from workflow_scripts.figures import fig3
from workflow_scripts.figures.campaign_curves import mean_by_step, running_text, step_frame
from workflow_scripts.figures.style import CONTROLLERS, PAGE_WIDTH, SMALL_FONT_SIZE, paper_style


@pytest.fixture(scope="module")
def statistics():
    return make_statistics()


@pytest.fixture(scope="module")
def figure(statistics) -> Figure:
    with paper_style():
        return fig3.build_figure(statistics)


def labelled(ax, start):
    return next(line for line in ax.lines if str(line.get_label()).startswith(start))


def legend_texts(ax):
    return [text.get_text().replace("\n", " ") for text in ax.get_legend().get_texts()]


def mean_of_seed_means(runs, step):
    """Mean over seeds of the seed's mean over its campaigns that reach the step, in percent."""
    by_seed = defaultdict(list)
    for run in runs:
        if step <= len(run["pass_rates"]):
            by_seed[run["seed"]].append(100 * run["pass_rates"][step - 1])
    return [sum(values) / len(values) for values in by_seed.values()]


def stuck_at_0():
    """Statistics in which nothing is solved at the last steps of any campaign."""
    statistics = make_statistics()
    for run in statistics["trajectories"]:
        run["pass_rates"][-3:] = [0.0] * 3
    return statistics


@pytest.mark.parametrize("controller", ["A0", "A3"])
def test_trajectories_are_the_means_of_the_data(statistics, figure, controller):
    runs = [run for run in statistics["trajectories"] if run["controller"] == controller]
    line = labelled(figure.axes[0], f"{CONTROLLERS[controller].label}: mean of")
    drawn = {x: y for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True) if not np.isnan(y)}
    assert set(drawn) == set(range(1, 21))
    for step, mean in drawn.items():
        assert mean == pytest.approx(np.mean(mean_of_seed_means(runs, int(step))))
    faint = [line for line in figure.axes[0].lines if line.get_alpha() == 0.15]
    assert len(faint) == len(statistics["trajectories"])


def test_mean_breaks_where_pilot_campaigns_stop(figure):
    line = labelled(figure.axes[0], "A3 CARE v2: mean of")
    assert [x for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True) if np.isnan(y)] == [10.5]
    assert "A3 CARE v2: mean of 50 campaigns, 35 from step 11" in legend_texts(figure.axes[0])
    assert "A0 naive: mean of 50 campaigns" in legend_texts(figure.axes[0])


def test_band_is_the_student_t_interval_over_seeds(statistics):
    runs = [run for run in statistics["trajectories"] if run["controller"] == "A3"]
    frame = step_frame(statistics)
    curve = mean_by_step(frame[frame["controller"] == "A3"], 0.95)
    for step in (1, 10, 11, 20):
        means = mean_of_seed_means(runs, step)
        half = stats.t.ppf(0.975, 4) * np.std(means, ddof=1) / np.sqrt(5)
        assert curve.loc[step, "high"] - curve.loc[step, "mean"] == pytest.approx(half)
        assert (curve.loc[step, "seeds"], curve.loc[step, "campaigns"]) == (5, 50 if step <= 10 else 35)


def test_a_band_of_width_0_is_noted(figure):
    with paper_style():
        stuck = fig3.build_figure(stuck_at_0())
    noted = [[text.get_text() for text in one.texts].count(fig3.NO_WIDTH_NOTE) for one in (figure, stuck)]
    assert noted == [0, 1]


def test_probe_markers_are_the_probe_means(statistics, figure):
    runs = [run for run in statistics["trajectories"] if run["controller"] == "A0"]
    line = labelled(figure.axes[0], "A0 naive: held-out probe")
    assert line.get_linestyle() == "None"
    assert list(line.get_xdata()) == [0, 5, 10, 15, 20]
    for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True):
        assert y == pytest.approx(100 * np.mean([dict(map(tuple, run["probe"]))[x] for run in runs]))


@pytest.mark.parametrize(("which", "linestyle"), [("peak", "-"), ("end", "--")])
@pytest.mark.parametrize("controller", ["A0", "A3"])
def test_peak_and_end_are_means_over_seeds(statistics, figure, controller, which, linestyle):
    line = labelled(figure.axes[1], f"{CONTROLLERS[controller].label}: {which}")
    assert line.get_linestyle() == linestyle
    for campaign, drawn in zip(line.get_xdata(), line.get_ydata(), strict=True):
        rows = [r for r in statistics["campaigns"] if (r["controller"], r["campaign"]) == (controller, campaign)]
        assert len(rows) == len(SEEDS)
        assert drawn == pytest.approx(100 * np.mean([row[which] for row in rows]))


def test_every_seed_is_a_point_of_peak_and_end(statistics, figure):
    drawn = sum(len(points.get_offsets()) for points in figure.axes[1].collections if hasattr(points, "get_sizes")
                and len(points.get_sizes()))  # fmt: skip
    assert drawn == 2 * len(statistics["campaigns"])


def test_onsets_are_counted_and_their_mean_marked(statistics, figure):
    ax = figure.axes[2]
    onsets = {name: [r["onset"] for r in statistics["campaigns"] if r["controller"] == name] for name in fig3.PAIR}
    for controller, container in zip(fig3.PAIR, ax.containers, strict=True):
        found = [onset for onset in onsets[controller] if onset is not None]
        heights = {round(bar.get_x() + bar.get_width() / 2): bar.get_height() for bar in container}
        assert heights == {onset: found.count(onset) for onset in found}
        assert f"{CONTROLLERS[controller].label}: {len(found)} of 50 campaigns" in legend_texts(ax)
        line = labelled(ax, f"mean onset step {np.mean(found):.1f}")
        assert float(line.get_xdata()[0]) == pytest.approx(np.mean(found))


def test_no_onset_at_all_is_said_in_the_panel():
    with paper_style():
        ax = fig3.build_figure(make_statistics(collapse=False)).axes[2]
    assert [text.get_text() for text in ax.texts] == ["no campaign has\na collapse onset"]
    assert legend_texts(ax) == ["A0 naive: 0 of 50 campaigns", "A3 CARE v2: 0 of 50 campaigns"]


def test_axes_say_what_and_in_which_unit(figure):
    assert [ax.get_ylabel() for ax in figure.axes] == ["pass rate (%)", "pass rate (%)", "campaigns (count)"]
    assert all("step" in figure.axes[panel].get_xlabel() for panel in (0, 2))
    assert "95 % Student t interval over seeds" in legend_texts(figure.axes[0])


def test_heading_names_what_was_run(statistics, figure):
    text = fig3.heading(statistics)
    assert text in [shown.get_text() for shown in figure.texts]
    for words in ("Testbed tiny", "tiny-qwen2-404k (354,816 parameters)", "role of 7B", "REINFORCE", "n = 5", "W4"):
        assert words in text
    fewer = statistics | {
        "campaigns": [r for r in statistics["campaigns"] if (r["controller"], r["seed"]) != ("A3", 7)]
    }
    assert "n = 5 (A0), 4 (A3)" in fig3.heading(fewer)


@pytest.mark.parametrize("options", [{}, {"collapse": False}, {"seeds": (7,), "campaigns": 2}, None])
def test_print_size_and_nothing_clipped_or_overlapping(options):
    with paper_style():
        figure = fig3.build_figure(stuck_at_0() if options is None else make_statistics(**options))
        FigureCanvasAgg(figure).draw()
    page = figure.bbox
    assert page.width / figure.dpi == PAGE_WIDTH
    legends = [ax.get_legend() for ax in figure.axes]
    boxes = [legend.get_window_extent() for legend in legends]
    titles = [ax._left_title.get_window_extent() for ax in figure.axes]
    labels = [ax.yaxis.label.get_window_extent() for ax in figure.axes]
    for box in (*boxes, *titles, *labels, *(text.get_window_extent() for text in figure.texts)):
        assert box.x0 >= page.x0
        assert box.x1 <= page.x1
        assert box.y0 >= page.y0
        assert box.y1 <= page.y1
    for row in (boxes, titles):
        assert all(left.x1 <= right.x0 for left, right in itertools.pairwise(row))
    notes = [text.get_window_extent() for text in figure.texts if text.get_text() == fig3.NO_WIDTH_NOTE]
    assert not any(note.overlaps(box) for note in notes for box in boxes)
    for ax, box in zip(figure.axes, boxes, strict=True):
        assert box.y1 <= ax.xaxis.label.get_window_extent().y0
    shown = [text for legend in legends for text in legend.get_texts()] + figure.texts
    assert min(text.get_fontsize() for text in shown) >= SMALL_FONT_SIZE >= 7


def drawn_in(figure):
    """All that a reader sees in the panels, as text: lines, points, bars, bands, limits and words."""
    return [
        str(panel)  # NaN, where a line breaks, differs from itself
        for panel in _panels(figure)
    ]


def _panels(figure):
    return [
        (
            [(line.get_label(), np.asarray(line.get_xydata(), dtype=float).tolist()) for line in ax.lines],
            [np.asarray(points.get_offsets(), dtype=float).tolist() for points in ax.collections],
            [path.vertices.tolist() for points in ax.collections for path in points.get_paths()],
            [(bar.get_x(), bar.get_height()) for bars in ax.containers for bar in bars],
            (ax.get_xlim(), ax.get_ylim()),
            legend_texts(ax),
        )
        for ax in figure.axes
    ]


def test_other_controllers_of_the_wave_change_nothing():
    """W4 with NULL and SHORT beside the pair: the figure is that of A0 and A3 alone, limits included."""
    wider = make_statistics(controllers=("A0", "A3", "NULL", "SHORT"))
    only_others_go_on = [run | {"pass_rates": run["pass_rates"] * 2} if run["controller"] == "NULL" else run
                         for run in wider["trajectories"]]  # fmt: skip
    wider |= {
        "trajectories": only_others_go_on,
        "campaigns": [row | {"steps": 40} if row["controller"] == "NULL" else row for row in wider["campaigns"]],
    }
    pair = {key: [row for row in wider[key] if row["controller"] in fig3.PAIR] for key in ("trajectories", "campaigns")}
    with paper_style():
        assert drawn_in(fig3.build_figure(wider)) == drawn_in(fig3.build_figure(wider | pair))
    assert fig3.heading(wider) == fig3.heading(wider | pair)


def test_running_text():
    frame = step_frame(make_statistics(seeds=(7,), campaigns=1))
    assert running_text(mean_by_step(frame[frame["controller"] == "A0"], 0.95)["campaigns"]) == "1 campaign"


def test_a_wave_without_the_second_controller_is_refused(statistics):
    naive = statistics | {"campaigns": [row for row in statistics["campaigns"] if row["controller"] == "A0"]}
    with pytest.raises(UserError, match=r"W4\.json: campaigns: none of A3"):
        fig3.require_chains(naive, "W4.json")


def test_same_input_gives_the_same_bytes(statistics, tmp_path):
    write_json(tmp_path / "W4.json", statistics, "statistics")
    options = ["--statistics", tmp_path / "W4.json"]
    module = "workflow_scripts.figures.fig3"
    pdf, _ = assert_equal_bytes(module, tmp_path, *options, output_pdf="fig3.pdf", output_png="fig3.png")
    assert pdf.startswith(b"%PDF")
    assert b"CreationDate" not in pdf
