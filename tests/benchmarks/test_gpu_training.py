"""The GPU benchmark runs without a GPU, says so, and reports every number that a processor can give."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is at hand: run the benchmark itself")
def test_it_runs_at_tiny_size_on_a_processor(tmp_path: Path) -> None:
    sizes = "--rows 8 --prompt-tokens 16 --completion-tokens 24 --tokens-per-batch 100 --steps 1"
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.gpu_training", *sizes.split(), "--output", tmp_path / "result.json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "no GPU is at hand" in done.stderr
    result = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert "processor" in result["device"]
    for part in ("sampling", "update"):
        values = result["models"]["tiny"][part]
        assert values["tokens_per_second"] > 0
        assert values["model_flop_utilisation"] is None, "a processor's peak rate is not known"
