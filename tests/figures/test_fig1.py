"""Figure 1: what is drawn equals the data, n and units are said, and equal input gives equal bytes."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from tests.makers.scripts import assert_equal_bytes
from tests.makers.synthetic_statistics import make_statistics
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import write_json
from workflow_scripts.figures import fig1
from workflow_scripts.figures.style import PAGE_WIDTH, SMALL_FONT_SIZE, paper_style


def one_run(steps: int = 200, probe_every: int = 20) -> dict:
    """Statistics of one campaign that rises for a quarter of its steps and then falls to nothing."""
    noise = np.random.default_rng(1).normal(0, 0.09, steps)
    at = np.arange(1, steps + 1) / steps
    trend = np.interp(at, (0, 0.25, 0.6, 1), (0.25, 0.7, 0.3, 0))
    rates = [round(float(rate), 4) for rate in np.clip(trend + noise, 0, 1)]
    probe = [[step, round(0.8 * float(np.interp(step / steps, at, trend)), 4)]
             for step in (range(0, steps + 1, probe_every) if probe_every else ())]  # fmt: skip
    statistics = make_statistics("W0", seeds=(7,), campaigns=1, controllers=("A0",))
    peak_step = rates.index(max(rates)) + 1
    statistics["trajectories"][0] |= {"pass_rates": rates, "probe": probe}
    statistics["campaigns"][0] |= {"steps": steps, "peak": max(rates), "peak_step": peak_step, "end": rates[-1]}
    return statistics | {"chain": f"7B-reinforce-py-{steps}", "excluded": []}


def draw(statistics):
    with paper_style():
        figure = fig1.build_figure(statistics)
        FigureCanvasAgg(figure).draw()
    return figure


@pytest.fixture(scope="module")
def statistics():
    return one_run()


@pytest.fixture(scope="module")
def figure(statistics):
    return draw(statistics)


def labelled(figure, start):
    return next(line for line in figure.axes[0].lines if str(line.get_label()).startswith(start))


def points(line):
    return dict(zip(line.get_xdata(), line.get_ydata(), strict=True))


def test_every_step_is_drawn_in_percent(statistics, figure):
    rates = statistics["trajectories"][0]["pass_rates"]
    drawn = points(labelled(figure, "pass@1 of one step"))
    assert drawn == pytest.approx({step: 100 * rate for step, rate in enumerate(rates, start=1)})


def test_the_rolling_mean_takes_five_steps_and_none_that_come_later(statistics, figure):
    rates = statistics["trajectories"][0]["pass_rates"]
    drawn = points(labelled(figure, "mean of the last 5 steps"))
    assert set(drawn) == set(range(5, 201))
    for step, value in drawn.items():
        assert value == pytest.approx(100 * sum(rates[step - 5 : step]) / 5)


def test_peak_and_end_are_marked_where_they_are(statistics, figure):
    rates = statistics["trajectories"][0]["pass_rates"]
    highest = max(rates)
    step = rates.index(highest) + 1
    assert points(labelled(figure, "peak")) == {step: 100 * highest}
    assert points(labelled(figure, "end")) == {200: 100 * rates[-1]}
    legend = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert f"peak: {100 * highest:.1f} % at step {step}" in legend
    assert f"end: {100 * rates[-1]:.1f} % at step 200" in legend


def test_probe_points_stand_alone(statistics, figure):
    line = labelled(figure, "held-out probe")
    assert line.get_linestyle() == "None"
    assert points(line) == pytest.approx({step: 100 * rate for step, rate in statistics["trajectories"][0]["probe"]})


def test_axes_and_heading_say_what_unit_and_n(statistics, figure):
    ax = figure.axes[0]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("gradient step of the campaign", "pass@1 (%)")
    text = fig1.heading(statistics)
    assert text in [shown.get_text() for shown in figure.texts]
    for words in ("Testbed tiny", "tiny-qwen2-404k (354,816 parameters)", "role of 7B", "REINFORCE", "n = 1 campaign",
                  "200 steps", "controller A0, seed 7", "7B-reinforce-py-200 (W0)"):  # fmt: skip
        assert words in text


@pytest.mark.parametrize(("steps", "probe_every"), [(200, 20), (200, 0), (20, 5), (3, 1), (1, 1)])
def test_print_size_and_nothing_clipped_or_overlapping(steps, probe_every):
    figure = draw(one_run(steps, probe_every))
    ax, page = figure.axes[0], figure.bbox
    assert page.width / figure.dpi == PAGE_WIDTH
    legend, x_label = ax.get_legend().get_window_extent(), ax.xaxis.label.get_window_extent()
    texts = [text.get_window_extent() for text in figure.texts]
    ticks = [
        tick.label1.get_window_extent()
        for axis, (low, high) in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim()))
        for tick in axis.get_major_ticks()
        if low <= tick.get_loc() <= high  # others are not shown
    ]
    for box in (legend, x_label, ax.yaxis.label.get_window_extent(), *texts, *ticks):
        assert box.x0 >= page.x0
        assert box.x1 <= page.x1
        assert box.y0 >= page.y0
        assert box.y1 <= page.y1
    assert legend.y1 <= x_label.y0
    assert max(box.y1 for box in ticks) <= texts[-1].y0 < texts[-1].y1 <= texts[0].y0
    shown = [*ax.get_legend().get_texts(), *figure.texts, *ax.get_xticklabels()]
    assert min(text.get_fontsize() for text in shown) >= SMALL_FONT_SIZE
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert ("mean of the last 5 steps" in labels) == (steps >= 5)
    assert ("held-out probe: pass@1" in labels) == bool(probe_every)


def test_more_than_one_run_is_refused():
    with pytest.raises(UserError, match=r"W4\.json: campaigns: 20 campaigns count.* shows one run"):
        fig1.require_one_run(make_statistics(seeds=(7,)), "W4.json")


def test_an_excluded_run_is_named_with_its_reason(statistics):
    reason = "ended with status non_finite_loss at step 120"
    excluded = [{"controller": "A0", "seed": 7, "campaign": 1, "reason": reason}]
    with pytest.raises(UserError, match=r"W0\.json: campaigns: 0 campaigns count \(excluded: seed 7: ended with"):
        fig1.require_one_run(statistics | {"campaigns": [], "excluded": excluded}, "W0.json")


def test_same_input_gives_the_same_bytes(statistics, tmp_path):
    write_json(tmp_path / "W0.json", statistics, "statistics")
    options = ["--statistics", tmp_path / "W0.json"]
    module = "workflow_scripts.figures.fig1"
    pdf, _ = assert_equal_bytes(module, tmp_path, *options, output_pdf="fig1.pdf", output_png="fig1.png")
    assert pdf.startswith(b"%PDF")
    assert b"/FontType 3" not in pdf
    assert b"CreationDate" not in pdf
