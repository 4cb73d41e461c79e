"""Figure 2: it names what the code has, all of it; it changes with the code; nothing overlaps; equal bytes."""

import ast
import dataclasses
import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.transforms import Bbox

from tests.control.simulated_chains import NAMES, SETTINGS
from tests.control.synthetic_traces import make_trace
from workflow_scripts import control
from workflow_scripts.control.care_full import care_gate
from workflow_scripts.control.controllers import a5_care_full
from workflow_scripts.control.plans import given_names
from workflow_scripts.core import schemas
from workflow_scripts.figures import fig2
from workflow_scripts.figures.care_interfaces import read_interfaces, routing_of
from workflow_scripts.figures.style import PAGE_WIDTH, SMALL_FONT_SIZE, paper_style


@pytest.fixture(scope="module")
def care():
    return read_interfaces()


@pytest.fixture(scope="module")
def figure(care):
    return draw(care)


def draw(care):
    with paper_style():
        figure = fig2.build_figure(care)
        FigureCanvasAgg(figure).draw()
    return figure


def printed(figure):
    """Every line in the fixed-width font, which is that of the code's names."""
    return [text.get_text() for text in figure.axes[0].texts if text.get_family() == [fig2.MONO]]


def words_of_the_code():
    """Every identifier and key in the controllers' files and in the schemas of plan and state."""
    words = set()
    for path in Path(control.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for value in vars(node).values():
                found = [value] if isinstance(value, str) else []
                words.update(word for text in found for word in re.findall(r"\w+", text))
            words.add(path.stem)
    for name in ("plan", "state"):
        text = Path(schemas.__file__).with_name(f"{name}.schema.json").read_text(encoding="utf-8")
        json.loads(text, object_pairs_hook=lambda pairs: words.update(key for key, _ in pairs))
    return words


def test_every_printed_name_is_in_the_code(figure):
    lines = printed(figure)
    named = {word for line in lines for word in re.findall(r"[A-Za-z_]\w*", line)}
    assert len(named) > 70
    python = {"is", "or", "and", "not", "None", "else"}
    assert named - python - words_of_the_code() == set()


def test_all_of_the_interfaces_is_printed(care, figure):
    named = set(re.findall(r"[^\s,]+", " ".join(printed(figure))))
    functions = itertools.chain.from_iterable(care.functions.values())
    fields = itertools.chain.from_iterable(names for records in care.records.values() for names in records.values())
    assert {*functions, *fields, *care.entry, *care.memory, *care.plan, *care.numbers} <= named
    assert {*given_names(a5_care_full.Settings)} <= named
    assert {*a5_care_full.SPLITS, *a5_care_full.NEEDS, a5_care_full.EVALUATED} <= named


def test_what_a_plan_tells_is_what_the_controller_writes(care):
    """The keys that the syntax tree gives, with each capability in the place of {name}, are those of a real plan."""
    history = [make_trace([0.5, 0.5], controller="A5") | {"capabilities": dict.fromkeys(NAMES, 0.5)}]
    plan, state = a5_care_full.decide(history, None, SETTINGS)
    told = {key.replace("{name}", name) for key in care.numbers for name in NAMES}
    assert told == plan["reason"]["numbers"].keys()
    assert set(care.plan) == plan.keys() - {"schema_version"}
    assert set(care.memory) == state["care"].keys()
    assert set(care.entry) == state["care"]["entries"][0].keys()


def test_settings_stand_where_they_are_used(care):
    """Each setting is in some box; one that the memory only hands on is with the function that it is handed to."""
    assert {name for names in care.settings.values() for name in names} == set(given_names(a5_care_full.Settings))
    assert care.settings["care_revision"] == (
        "protected", "regression_margin", "alpha_decay", "surprise_level", "surprise_factor",
    )  # fmt: skip
    assert care.settings["care_boundary"] == ("cone_half_angle",)
    assert "surprise_level" not in care.settings["care_memory"]


@pytest.mark.parametrize("risk", [None, 0.05, 0.2])
@pytest.mark.parametrize("certainty", [0.1, 0.4, 0.9])
@pytest.mark.parametrize("context_distance", [None, 0.1, 0.6])
@pytest.mark.parametrize("boundary_distance", [None, 0.01, 0.5])
def test_the_printed_routing_is_that_of_the_gate(care, risk, certainty, context_distance, boundary_distance):
    low, high = SETTINGS.confidence_bounds
    values = {
        "risk": risk, "certainty": certainty, "context_distance": context_distance, "low": low, "high": high,
        "alpha": 0.1, "settings": SETTINGS,
        "at_boundary": boundary_distance is not None and boundary_distance <= SETTINGS.boundary_margin,
    }  # fmt: skip
    printed_action = next(action for condition, action in care.routing if eval(condition or "True", {}, values))
    found = care_gate.route(risk, certainty, context_distance, boundary_distance, 0.1, SETTINGS)
    assert printed_action == found


def a_loop(risk: float) -> str:
    while risk > 0:
        return "pilot"
    return "reuse"


def test_a_routing_that_is_no_chain_of_conditions_is_refused():
    with pytest.raises(ValueError, match="a_loop: no chain of conditions: while"):
        routing_of(a_loop)


def test_a_renamed_field_or_function_changes_the_figure(care, figure):
    before = printed(figure)
    renamed = tuple("certainty_after" if name == "confidence" else name for name in care.entry)
    assert any("certainty_after" in line for line in printed(draw(dataclasses.replace(care, entry=renamed))))
    functions = care.functions | {"care_gate": ("assess", "direct", "choose")}
    assert printed(draw(dataclasses.replace(care, functions=functions))) != before


@pytest.mark.parametrize("field", ["noise_variance", "context"])
def test_a_renamed_field_between_two_boxes_is_not_drawn_under_its_old_name(care, field):
    renamed = tuple(f"new_{name}" if name == field else name for name in care.entry)
    with pytest.raises(ValueError, match=f"draws '{field}', which is no field of a memory entry any more"):
        fig2.build_figure(dataclasses.replace(care, entry=renamed))


def longer(care):
    """The same interfaces with more of everything: the figure grows with them."""
    more = tuple(f"another_rather_long_field_{number}" for number in range(6))
    return dataclasses.replace(care, entry=care.entry + more, numbers=care.numbers + more + more)


@pytest.mark.parametrize("grown", [False, True])
def test_print_size_and_nothing_clipped_or_overlapping(care, grown):
    figure = draw(longer(care) if grown else care)
    ax, page = figure.axes[0], figure.bbox
    assert page.width / figure.dpi == PAGE_WIDTH
    assert page.height / figure.dpi <= 11  # a page
    shown = [text for text in ax.texts if text.get_text()]
    boxes = [text.get_window_extent() for text in shown]
    for box in boxes:
        assert (box.x0 >= page.x0, box.x1 <= page.x1, box.y0 >= page.y0, box.y1 <= page.y1) == (True,) * 4
    for (one, first), (other, second) in itertools.combinations(zip(shown, boxes, strict=True), 2):
        assert not inside(first).overlaps(inside(second)), (one.get_text(), other.get_text())
    assert min(text.get_fontsize() for text in shown) >= SMALL_FONT_SIZE
    frames = [patch.get_window_extent() for patch in ax.patches]
    for text, box in zip(shown, boxes, strict=True):
        assert not any(crosses(frame, box) for frame in frames), text.get_text()
        for start, end in segments(ax):
            assert not Bbox([start, end]).padded(1).overlaps(inside(box)), text.get_text()
    for one, other in itertools.combinations(frames[::2], 2):  # each box is two patches: its ground and its frame
        assert not one.overlaps(other)


def inside(box):
    """A text's extent without the space above and below its letters."""
    return Bbox([[box.x0, box.y0 + 0.15 * box.height], [box.x1, box.y1 - 0.15 * box.height]])


def crosses(frame, box):
    """Whether a text is neither within a frame nor outside of it."""
    within = frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1
    return bool(frame.overlaps(inside(box)) and not within)


def segments(ax):
    """Start and end of each straight part of an arrow, in pixels."""
    parts = [(text.xyann, text.xy) for text in ax.texts if hasattr(text, "xyann")]
    for line in ax.lines:
        parts += itertools.pairwise(map(tuple, line.get_xydata()))
    return [sorted(map(tuple, ax.transData.transform(part))) for part in parts]


def test_same_code_gives_the_same_bytes_whatever_a_person_has_set(tmp_path):
    root, own = Path(__file__).parents[2], tmp_path / "own"
    own.mkdir()
    (own / "matplotlibrc").write_text(
        "text.usetex: True\nlines.linewidth: 9\nsavefig.transparent: True\ntext.color: magenta\nno.key: 1\n"
    )
    person = {"MATPLOTLIBRC": str(own), "MPLBACKEND": "nonsense", "MPLCONFIGDIR": "/dev/null/folder"}
    written = []
    for run, folder, environment in (("1", root, {}), ("2", own, person)):
        pdf, png = tmp_path / f"{run}.pdf", tmp_path / f"{run}.png"
        command = [sys.executable, "-m", "workflow_scripts.figures.fig2", "--output-pdf", pdf, "--output-png", png]
        environment = os.environ | {"PYTHONHASHSEED": run, "PYTHONPATH": str(root)} | environment
        done = subprocess.run(command, check=True, cwd=folder, env=environment, capture_output=True, text=True)
        assert done.stderr == ""
        written.append((pdf.read_bytes(), png.read_bytes()))
    assert written[0] == written[1]
    assert written[0][0].startswith(b"%PDF")
    assert b"/FontType 3" not in written[0][0]
    assert b"CreationDate" not in written[0][0]
