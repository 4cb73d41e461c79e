"""Figure small: what is drawn equals the traces, kinds of runs are told apart, and equal input gives equal bytes."""

from pathlib import Path
from typing import Any

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from tests.control.synthetic_traces import make_trace
from tests.makers.scripts import assert_equal_bytes
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import write_json
from workflow_scripts.figures import small
from workflow_scripts.figures.style import SMALL_FONT_SIZE, paper_style

KINDS = {
    "graded reward": {},
    "reward centred by group": {"use_score_centering": True},
    "reward in random order": {"reward": "shuffled"},
    "learning rate 0": {},
}


def make_run(kind: str, seed: int) -> dict[str, Any]:
    rates = [round(0.3 + 0.01 * step + 0.02 * (seed % 5), 3) for step in range(12)]
    trace = make_trace(rates, seed=seed, probe=[(0, 0.25), (12, 0.5)])
    trace["settings"]["update_rule"] |= KINDS[kind]
    trace["plan"]["learning_rate"] = 0.0 if kind == "learning rate 0" else 1e-5
    for step in trace["steps"]:
        number = step["step"]
        step |= {"entropy": 0.5 / number, "completions/unique_fraction": 1 / number, "frac_reward_zero_std": 0.5}
        step["verdicts"] = {"passed": 4, "failed": 2, "error": 1, "memory_limit": 1}
    return trace


@pytest.fixture(scope="module")
def traces() -> list[dict[str, Any]]:
    return [make_run(kind, seed) for kind in KINDS for seed in (11, 7)]


@pytest.fixture(scope="module")
def figure(traces: list[dict[str, Any]]) -> Figure:
    with paper_style():
        figure = small.build_figure(small.by_kind(traces))
        FigureCanvasAgg(figure).draw()
    return figure


def drawn(ax: Any) -> list[dict[float, float]]:
    return [dict(zip(line.get_xdata(), line.get_ydata(), strict=True)) for line in ax.lines]


def test_a_column_for_each_kind_and_a_line_for_each_seed(figure: Figure, traces: list[dict[str, Any]]) -> None:
    assert [ax.get_title(loc="left") for ax in figure.axes[:4]] == list(KINDS)
    seven = traces[1]
    rates, trend, once, several = drawn(figure.axes[0])[:4]
    expected = {step["step"]: 100 * step["CodeGrader/pass_rate/mean"] for step in seven["steps"]}
    assert rates == pytest.approx(expected)
    assert trend[5] == pytest.approx(sum(expected[step] for step in range(1, 6)) / 5)
    assert (once, several) == ({0: 25.0, 12: 50.0}, {0: 100.0, 12: 100.0})
    assert len(figure.axes[0].lines) == 2 * 4
    entropy, unique = drawn(figure.axes[4])[0], drawn(figure.axes[8])[0]
    assert entropy[4] == pytest.approx(0.125)
    assert unique[4] == pytest.approx(25.0)


def test_verdicts_are_shares_of_all_seeds_completions(traces: list[dict[str, Any]]) -> None:
    shares = small.verdict_shares([traces[0], traces[1]])
    assert list(shares.columns) == ["passed", "failed", "error", "time_limit", "other"]
    assert shares.loc[3].tolist() == [50.0, 25.0, 12.5, 0.0, 12.5]


def test_n_and_what_it_is_of_are_said(figure: Figure) -> None:
    words = " ".join(text.get_text() for text in figure.texts)
    assert "seeds 7, 11 in each column" in words
    assert "4 problems x 16 completions; held out: 8 problems of probe x 4 completions" in words
    assert "learning rate 1e-05" in words
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert {"held out: pass@4", "seed 7", "seed 11", "verdict: time limit"} <= set(legend)
    assert all(
        text.get_fontsize() >= SMALL_FONT_SIZE for text in figure.findobj(lambda one: hasattr(one, "get_fontsize"))
    )


def test_more_seeds_than_lines_are_refused() -> None:
    runs = small.by_kind([make_run("graded reward", seed) for seed in range(4)])
    with pytest.raises(UserError, match=r"^a\.json: 4 runs of kind 'graded reward'; this figure shows 3 seeds"):
        small.require_few_seeds(runs, "a.json")


def test_same_input_gives_the_same_bytes(tmp_path: Path, traces: list[dict[str, Any]]) -> None:
    paths = [tmp_path / f"{number}.json" for number in range(len(traces))]
    for path, trace in zip(paths, traces, strict=True):
        write_json(path, trace, schema="trace")
    pdf, png = assert_equal_bytes(
        "workflow_scripts.figures.small", tmp_path, "--traces", *paths, output_pdf="a.pdf", output_png="a.png"
    )
    assert pdf.startswith(b"%PDF")
    assert png.startswith(b"\x89PNG")
