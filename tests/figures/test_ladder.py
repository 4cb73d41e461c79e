"""Figure ladder: what is drawn equals the summary, and equal input gives equal bytes."""

from pathlib import Path

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from tests.makers.ladder import make_campaign, make_ladder
from tests.makers.scripts import assert_equal_bytes
from workflow_scripts.core.contracts.experiments import Ladder
from workflow_scripts.core.files import write_json
from workflow_scripts.figures import ladder as script
from workflow_scripts.figures.style import SMALL_FONT_SIZE, paper_style
from workflow_scripts.statistics.experiments.reward_ladder import summarise
from workflow_scripts.statistics.intervals import Bootstrap


@pytest.fixture(scope="module")
def ladder() -> Ladder:
    second = [make_campaign(seed, lambda *_: 0.4, rate=2e-3) for seed in (1, 2)]
    return {**summarise([*make_ladder(), *second], Bootstrap(0.95, 1000, 200)), "inputs": {}}


@pytest.fixture(scope="module")
def figure(ladder: Ladder) -> Figure:
    with paper_style():
        figure = script.build_figure(ladder)
        FigureCanvasAgg(figure).draw()
    return figure


def test_a_column_for_each_rate_and_a_line_for_each_reward(figure: Figure, ladder: Ladder) -> None:
    titles = [ax.get_title(loc="left") for ax in figure.axes[:2]]
    assert titles == [
        "rate 0.001\ngraded rises and falls: narrowing",
        "rate 0.002\ngraded neither rises nor falls",
    ]
    rewards = [[one["reward"] for one in own] for own in script.columns_of(ladder).values()]
    assert rewards == [["graded", "shuffled", "none"], ["graded", "none"]]
    for row, (curve, (_, factor)) in enumerate(script.ROWS.items()):
        drawn = figure.axes[2 * row].lines
        for line, condition in zip(drawn, script.columns_of(ladder)[1e-3], strict=True):
            own = condition["curves"][curve]
            assert list(line.get_xdata()) == own["steps"]
            assert list(line.get_ydata()) == pytest.approx([factor * value for value in own["mean"]])


def test_nothing_lies_over_another_or_outside(figure: Figure) -> None:
    renderer = FigureCanvasAgg(figure).get_renderer()
    texts = [*figure.texts, *(ax.title for ax in figure.axes), *(ax.yaxis.label for ax in figure.axes)]
    width, height = figure.canvas.get_width_height()
    for text in texts:
        box = text.get_window_extent(renderer)
        if text.get_text():
            assert box.x0 >= 0
            assert box.y0 >= 0
            assert box.x1 <= width
            assert box.y1 <= height
            assert text.get_fontsize() >= SMALL_FONT_SIZE


def test_equal_input_gives_equal_bytes(tmp_path: Path, ladder: Ladder) -> None:
    path = tmp_path / "ladder.json"
    write_json(path, ladder, "ladder")
    assert_equal_bytes(
        "workflow_scripts.figures.ladder", tmp_path, f"--ladder={path}", output_pdf="l.pdf", output_png="l.png"
    )
