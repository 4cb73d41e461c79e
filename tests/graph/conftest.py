"""The graph's parts on config.yaml as it is."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from workflow_scripts.core.configuration import read_configuration
from workflow_scripts.graph.evaluations import Evaluations
from workflow_scripts.graph.study import Study

CONFIG = Path(__file__).resolve().parents[2] / "config.yaml"


def declared(testbed: str = "tiny", **changes: Any) -> dict[str, Any]:
    """config.yaml with another testbed and other values of its top-level keys."""
    return {**read_configuration(CONFIG), "testbed": testbed, **changes}


def wildcards(**values: str) -> SimpleNamespace:
    """As Snakemake hands them to input functions."""
    return SimpleNamespace(**values)


@pytest.fixture(scope="module")
def study() -> Study:
    return Study(declared())


@pytest.fixture(scope="module")
def evaluations(study: Study) -> Evaluations:
    return Evaluations(study)
