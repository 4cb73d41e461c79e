"""One look for all figures: print sizes, a palette that survives grey print, and byte-reproducible files."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import seaborn as sns
from matplotlib.figure import Figure

from workflow_scripts.core.files import atomic_path

PAGE_WIDTH = 7.0  # inches: both columns of a two-column page

FONT_SIZE = 7.5  # points at print size; nothing is set smaller than SMALL_FONT_SIZE
SMALL_FONT_SIZE = 7.0
PNG_DPI = 200

# Okabe and Ito's colours, safe for colour-blind readers.
BLACK = "#000000"
BLUE = "#0072B2"
ORANGE = "#E69F00"
GREEN = "#009E73"


@dataclass(frozen=True)
class ControllerStyle:
    """How a controller is drawn everywhere; colours differ in lightness too, so that grey print keeps them apart."""

    label: str
    color: str
    linestyle: Any
    marker: str
    hatch: str


CONTROLLERS = {
    "A0": ControllerStyle("A0 naive", BLUE, "-", "o", ""),
    "A3": ControllerStyle("A3 CARE v2", ORANGE, (0, (5, 1, 1, 1)), "s", "////"),
}


@contextlib.contextmanager
def paper_style() -> Iterator[None]:
    """Draw and save inside this context: matplotlib's defaults, seaborn's ticks style, the page's font sizes."""
    defaults: dict[Any, Any] = {key: value for key, value in mpl.rcParamsDefault.items() if key != "backend"}
    sizes: dict[Any, Any] = {
        "font.size": FONT_SIZE,
        "axes.titlesize": FONT_SIZE,
        "axes.labelsize": FONT_SIZE,
        "xtick.labelsize": SMALL_FONT_SIZE,
        "ytick.labelsize": SMALL_FONT_SIZE,
        "legend.fontsize": SMALL_FONT_SIZE,
        "legend.title_fontsize": SMALL_FONT_SIZE,
        "axes.linewidth": 0.6,
        "xtick.major.width": 0.6,
        "ytick.major.width": 0.6,
        "xtick.major.size": 2.5,
        "ytick.major.size": 2.5,
        "hatch.linewidth": 0.5,
    }
    files: dict[Any, Any] = {
        "font.family": ["DejaVu Sans"],  # ships with matplotlib, so every machine draws the same glyphs
        "pdf.fonttype": 42,  # TrueType outlines: text stays text, as publishers ask
        "svg.hashsalt": "self-improvement-can-self-regress",
        "legend.frameon": False,
        "axes.titlelocation": "left",
        "axes.titleweight": "bold",
    }
    with mpl.rc_context({**defaults, **sns.axes_style("ticks"), **sns.plotting_context("paper"), **sizes, **files}):
        yield


def save_figure(figure: Figure, pdf: Path | str, png: Path | str) -> None:
    """Write the figure twice, whole or not at all; no date and no version, so equal input gives equal bytes."""
    with atomic_path(pdf) as partial:
        figure.savefig(partial, format="pdf", metadata={"CreationDate": None, "Creator": None, "Producer": None})
    with atomic_path(png) as partial:
        figure.savefig(partial, format="png", dpi=PNG_DPI, metadata={"Software": None})
