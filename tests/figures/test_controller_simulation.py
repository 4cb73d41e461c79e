"""The simulation's figure: what is drawn equals the data, nothing overlaps, and equal input gives equal bytes."""

import itertools
import sys
from pathlib import Path
from typing import Any

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import write_json
from workflow_scripts.figures import controller_simulation
from workflow_scripts.figures.style import PAGE_WIDTH, SMALL_FONT_SIZE, paper_style

NAMES = ("A0", "A2", "A3", "A4", "A5", "ES", "B1", "B2", "M1", "NULL", "SHORT")
# As a fit to the tiny testbed gave them: crowded where controllers are alike.
ENDS = (0.337, 0.479, 0.480, 0.505, 0.553, 0.574, 0.411, 0.327, 0.330, 0.362, 0.533)
STEPS = (200, 160.4, 162.4, 151.2, 123, 107.7, 200, 200, 200, 200, 92)
ALARMS = {"A2": 0.43, "A3": 0.40, "A4": 0.53, "A5": 0.82}
PARAMETERS = (
    "kl_half_coefficient", "hazard_exponent", "hard_share", "cpp_share", "ood_share", "erosion", "evaluation_samples",
)  # fmt: skip


def value(mean: float | None, half: float = 0.005, n: int = 1000) -> dict[str, Any]:
    bounds = (None, None) if mean is None else (mean - half, mean + half)
    return {"mean": mean, "low": bounds[0], "high": bounds[1], "n": n}


def decisions(name: str, owner: str, steps: int) -> dict[str, Any]:
    one = {
        "campaign": 2, "action": "reuse", "checkpoint": "peak", "max_steps": steps, "learning_rate": 0.002,
        "kl_coefficient": 0.0, "same_action": False, "same_training": name == owner,
    }  # fmt: skip
    return {
        "chain": "7B-reinforce-py-20", "recorded_controller": owner, "seed": 7, "decisions": [one], "steps": steps,
        "recorded_steps": 20, "same_action": 0, "same_training": int(name == owner),
    }  # fmt: skip


def make_simulation(replayed: bool = True) -> dict[str, Any]:
    """A valid simulation of eleven controllers; A4 and A5 are left out of the recorded chains."""
    controllers = []
    for name, end, steps in zip(NAMES, ENDS, STEPS, strict=True):
        rate = ALARMS.get(name, 0.0)
        rest = dict.fromkeys(("end_observed", "mean_true"), value(end)) | dict.fromkeys(
            ("collapses_true", "collapses_observed", "rejects", "false_pilots", "false_rejects"), value(0.0, 0.0)
        )
        own = {"end_true": value(end), "steps": value(steps, 2.0), "pilots": value(9 * rate, 0.1),
               "false_alarm_rate": value(rate)}  # fmt: skip
        curve = [value(0.377 + (end - 0.377) * campaign / 9) for campaign in range(10)]
        controllers.append({"controller": name, "curve": curve, "characteristics": rest | own})
    left_out = [{"controller": name, "needs": "capabilities"} for name in ("A4", "A5")]
    record = {
        "traces": 95, "inputs_sha256": "0" * 64, "left_out": left_out,
        "controllers": [
            {"controller": name, "chains": [decisions(name, owner, 8 if name == "SHORT" else 20)
                                            for owner in ("A0", "A3")]}
            for name in NAMES if name not in ("A4", "A5")
        ],
    }  # fmt: skip
    parameters = {
        "reference_learning_rate": 0.002, "start_skill": 0.36, "ceiling": 0.6, "drift": 0.2, "hazard_steps": 9.7,
        "hazard_shape": 4.3, "severity": 0.5, "severity_spread": 0.07, "fall_steps": 18.0, "peak_carryover": 0.98,
        "end_carryover": 0.73, "problem_correlation": 0.63, "prompts_per_step": 4, "group_size": 16,
        **dict.fromkeys(PARAMETERS, 0.5), "evaluation_samples": 1600,
    }  # fmt: skip
    return {
        "schema_version": 1,
        "controllers": [{"controller": name, "module": "a0_naive", "settings": "{}"} for name in NAMES],
        "simulated": {
            "process_sha256": "0" * 64, "parameters": parameters, "assumed": sorted(PARAMETERS),
            "source": {"testbed": "tiny", "chain": "7B-reinforce-py-20", "model": "tiny-qwen2-404k",
                       "controllers": ["A0", "A3"], "seeds": [7, 11, 17, 23, 42], "traces": 95},
            "design": {"campaigns": 10, "chains": 1000, "seed": 1, "collapse_ratio": 0.3, "alarm_threshold": 0.5,
                       "confidence": 0.95, "interval": "normal, over chains"},
            "controllers": controllers, "left_out": [{"controller": "B3", "needs": "chat_endpoint"}],
        },
        "replayed": record if replayed else None,
    }  # fmt: skip


def drawn(simulation: dict[str, Any]) -> Figure:
    with paper_style():
        figure = controller_simulation.build_figure(simulation)
        FigureCanvasAgg(figure).draw()
    return figure


@pytest.fixture(scope="module")
def figure() -> Figure:
    return drawn(make_simulation())


def test_curves_are_the_means_in_percent(figure):
    lines = figure.axes[0].lines
    assert len(lines) == len(NAMES)
    for line, end in zip(lines, ENDS, strict=True):
        assert line.get_xdata().tolist() == list(range(1, 11))
        assert line.get_ydata()[-1] == pytest.approx(100 * end)


def test_points_are_end_against_steps_with_their_intervals(figure):
    containers = figure.axes[1].containers
    for container, end, steps in zip(containers, ENDS, STEPS, strict=True):
        assert (container[0].get_xdata()[0], container[0].get_ydata()[0]) == pytest.approx((steps, 100 * end))
        across, up = (bars.get_segments()[0] for bars in container[2])
        assert across[1][0] - across[0][0] == pytest.approx(4.0)
        assert up[1][1] - up[0][1] == pytest.approx(1.0)
    assert {text.get_text() for text in figure.axes[1].texts} == set(NAMES)


def test_bars_are_false_alarm_rates_and_who_gives_none_is_said(figure):
    ax = figure.axes[2]
    widths = {NAMES[round(bar.get_y() + bar.get_height() / 2)]: bar.get_width() for bar in ax.patches}
    assert widths == pytest.approx({name: 100 * rate for name, rate in ALARMS.items()})
    assert [text.get_text() for text in ax.texts] == ["no pilots or rejects"] * (len(NAMES) - len(ALARMS))


def test_replays_show_steps_and_agreement(figure):
    ax = figure.axes[3]
    texts = {NAMES[round(text.get_position()[1])]: text.get_text() for text in ax.texts}
    assert texts["A0"] == "100 / 0"
    assert texts["A3"] == "0 / 100"
    assert texts["A4"] == texts["A5"] == "left out"
    assert len(ax.lines) == 2 * (len(NAMES) - 2)


def test_the_note_says_what_the_numbers_rest_on():
    text = controller_simulation.note(make_simulation())
    for words in (
        "n = 1,000 simulated chains of 10 campaigns", "95 traces", "tiny-qwen2-404k", "n = 5 seeds", "assumed: cpp",
        "95 % interval of the mean (normal, over chains)", "no outcome is known", "B3 (needs chat_endpoint)",
        "Left out of (d): A4 (needs capabilities)",
    ):  # fmt: skip
        assert words in text


def test_an_interval_of_width_0_is_noted():
    words = "One of width 0 says that its chains do not differ"
    simulation = make_simulation()
    simulation["simulated"]["controllers"][0]["characteristics"]["steps"] = value(200.0, 0.0)  # as planned
    assert words not in controller_simulation.note(simulation)
    simulation["simulated"]["controllers"][0]["curve"][-1] = value(0.5, 0.0)
    assert words in controller_simulation.note(simulation)


def test_without_recorded_chains_the_panel_says_so():
    simulation = make_simulation(replayed=False)
    assert [text.get_text() for text in drawn(simulation).axes[3].texts] == ["no recorded chains were given"]
    assert "recorded traces" not in controller_simulation.note(simulation)


def test_any_two_controllers_look_different():
    looks = controller_simulation.looks_of([f"C{number}" for number in range(20)] + ["A0", "A3"])
    shown = {(look.color, str(look.linestyle), look.marker) for look in looks.values()}
    assert len(shown) == len(looks)


def labels_outside(figure: Figure) -> set[Text]:
    """Labels of ticks beyond an axis's limits, which have a place and are not drawn."""
    return {
        label
        for axis in (axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis))
        for tick in axis.get_major_ticks()
        for label in (tick.label1, tick.label2)
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
    }


def test_no_text_overlaps_another_or_leaves_the_page(figure):
    renderer = FigureCanvasAgg(figure).get_renderer()
    outside = labels_outside(figure)
    found = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    texts = [text for text in found if text not in outside]
    boxes = [(text.get_text(), Text.get_window_extent(text, renderer)) for text in texts]
    page = figure.bbox
    assert figure.get_figwidth() == PAGE_WIDTH
    for text, box in boxes:
        assert box.x0 >= page.x0, f"{text!r} leaves the page"
        assert box.x1 <= page.x1, f"{text!r} leaves the page"
        assert box.y0 >= page.y0, f"{text!r} leaves the page"
    for (one, box), (other, beside) in itertools.combinations(boxes, 2):
        width = min(box.x1, beside.x1) - max(box.x0, beside.x0)
        height = min(box.y1, beside.y1) - max(box.y0, beside.y0)
        assert width < 1 or height < 1, f"{one!r} overlaps {other!r}"
    assert min(text.get_fontsize() for text in texts) >= SMALL_FONT_SIZE


def call_main(monkeypatch: pytest.MonkeyPatch, simulation: Path, name: str) -> None:
    outputs = ["--output-pdf", f"{simulation.parent / name}.pdf", "--output-png", f"{simulation.parent / name}.png"]
    monkeypatch.setattr(sys, "argv", ["controller_simulation", "--simulation", str(simulation), *outputs])
    controller_simulation.main()


def test_equal_input_gives_equal_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_json(tmp_path / "simulation.json", make_simulation(), "simulation")
    for name in ("one", "two"):
        call_main(monkeypatch, tmp_path / "simulation.json", name)
    for kind in ("pdf", "png"):
        assert (tmp_path / f"one.{kind}").read_bytes() == (tmp_path / f"two.{kind}").read_bytes()


def test_a_replay_alone_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_json(tmp_path / "replay.json", {**make_simulation(), "simulated": None}, "simulation")
    with pytest.raises(UserError, match=r"run control\.simulate with --process"):
        call_main(monkeypatch, tmp_path / "replay.json", "none")
