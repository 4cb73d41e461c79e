"""One look for all figures, whatever matplotlib was told before."""

import matplotlib as mpl

from workflow_scripts.figures.style import paper_style


def test_settings_from_before_have_no_part_in_a_figure() -> None:
    with paper_style():
        expected = dict(mpl.rcParams)
    own = {"text.usetex": True, "lines.linewidth": 9, "savefig.transparent": True, "savefig.bbox": "tight"}
    with mpl.rc_context({**own, "pdf.compression": 0, "path.simplify": False, "text.color": "magenta"}):
        with paper_style():
            assert dict(mpl.rcParams) == expected
        assert mpl.rcParams["lines.linewidth"] == 9
