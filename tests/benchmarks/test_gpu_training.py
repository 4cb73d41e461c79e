"""The GPU benchmark runs without a GPU, says so, and reports every number that a processor can give."""

import json
from pathlib import Path

import pytest
import torch

from tests.makers.scripts import run_script


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is at hand: run the benchmark itself")
def test_it_runs_at_tiny_size_on_a_processor(tmp_path: Path) -> None:
    sizes = "--rows 8 --prompt-tokens 16 --completion-tokens 24 --tokens-per-batch 100 --steps 1"
    output = tmp_path / "result.json"
    done = run_script("tests.benchmarks.gpu_training", *sizes.split(), "--output", output)
    assert done.returncode == 0, done.stderr
    assert "no GPU is at hand" in done.stderr
    result = json.loads(output.read_text(encoding="utf-8"))
    assert "processor" in result["device"]
    for part in ("sampling", "update"):
        values = result["models"]["tiny"][part]
        assert values["tokens_per_second"] > 0
        assert values["model_flop_utilisation"] is None, "a processor's peak rate is not known"
