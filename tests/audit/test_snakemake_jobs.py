"""What a job asks for; that Snakemake's own jobs are planned is shown by tests/workflow/test_plan.py."""

from typing import Any

import pytest

from workflow_scripts.audit.snakemake_jobs import requested_gpus


@pytest.mark.parametrize(
    ("resources", "gpus"),
    [
        ({}, 0),
        ({"gpu": 8}, 8),
        ({"gpu": 0, "mem_mb": 4000}, 0),
        ({"gpu": 8, "gpu_model": "h100"}, 8),
        ({"gres": "gpu:8"}, 8),
        ({"gres": "gpu:h100:4"}, 4),
        ({"gres": ""}, 0),
    ],
)
def test_gpus_in_each_spelling(resources: dict[str, Any], gpus: int) -> None:
    assert requested_gpus(resources) == gpus
