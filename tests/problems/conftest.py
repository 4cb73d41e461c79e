"""One grader for all tests of problems that run programs."""

from collections.abc import Iterator

import pytest

from workflow_scripts.grading.code_grader import CodeGrader
from workflow_scripts.grading.limit_options import DEFAULT_LAYERS, DEFAULT_LIMITS


@pytest.fixture(scope="session")
def grader() -> Iterator[CodeGrader]:
    with CodeGrader(DEFAULT_LIMITS, DEFAULT_LAYERS) as grader:
        yield grader
