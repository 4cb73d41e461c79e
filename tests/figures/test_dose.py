"""Figure dose: every chain is a point, each mean has its interval, and equal input gives equal bytes."""

from pathlib import Path

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from tests.makers.carried import CAMPAIGNS, CONTROLLERS, SEEDS, make_chains
from tests.makers.scripts import assert_equal_bytes
from workflow_scripts.core.contracts.experiments import Carried
from workflow_scripts.core.files import write_json
from workflow_scripts.figures import dose
from workflow_scripts.figures.style import paper_style
from workflow_scripts.statistics.experiments.carried_checkpoints import summarise
from workflow_scripts.statistics.intervals import Bootstrap


@pytest.fixture(scope="module")
def carried() -> Carried:
    found = summarise("W9", CONTROLLERS, SEEDS, CAMPAIGNS, make_chains(), [], Bootstrap(0.95, 1000, 200))
    return {**found, "inputs": {}}


@pytest.fixture(scope="module")
def figure(carried: Carried) -> Figure:
    with paper_style():
        figure = dose.build_figure(carried)
        FigureCanvasAgg(figure).draw()
    return figure


def test_every_chain_is_a_point(figure: Figure, carried: Carried) -> None:
    for ax, measure in zip(figure.axes, dose.PANELS, strict=True):
        clouds = [line for line in ax.lines if len(line.get_xdata()) == len(SEEDS)]
        assert len(clouds) == len(CONTROLLERS)
        for cloud, name in zip(clouds, CONTROLLERS, strict=True):
            along, rates = zip(*dose.points(carried["controllers"][name], measure), strict=True)
            assert list(cloud.get_xdata()) == pytest.approx(along)
            assert list(cloud.get_ydata()) == pytest.approx(rates)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == list(CONTROLLERS)
    assert {points[0] for points in dose.points(carried["controllers"]["A0"], "sum_of_rates")} == {7.0}


def test_controllers_can_be_told_apart() -> None:
    assert len(set(dose.COLORS)) == len(dose.COLORS) == len(set(dose.MARKERS))


def test_equal_input_gives_equal_bytes(tmp_path: Path, carried: Carried) -> None:
    path = tmp_path / "carried.json"
    write_json(path, carried, "carried")
    assert_equal_bytes(
        "workflow_scripts.figures.dose", tmp_path, f"--carried={path}", output_pdf="d.pdf", output_png="d.png"
    )
