"""The figures. Importing any of them imports matplotlib from its own defaults first, without what a person has set."""

import importlib
import importlib.util
import logging
import os
from pathlib import Path


def _import_matplotlib() -> None:
    """Read no matplotlibrc and choose no backend of a person's; ``style.paper_style`` resets what is still read."""
    found = importlib.util.find_spec("matplotlib")
    if found and found.origin:
        os.environ["MATPLOTLIBRC"] = str(Path(found.origin).with_name("mpl-data") / "matplotlibrc")
    os.environ["MPLBACKEND"] = "agg"
    logger = logging.getLogger("matplotlib")
    level = logger.level
    # Of a matplotlibrc in the working directory, which comes first, and of a home folder that takes no cache: both are
    # warned of when these are imported, and neither has a part in a figure.
    logger.setLevel(logging.ERROR)
    importlib.import_module("matplotlib.font_manager")
    importlib.import_module("matplotlib.style")
    logger.setLevel(level)


_import_matplotlib()
