"""A checkpoint is sampled from by an engine that starts from it, with nothing trained beside."""

import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import torch

pytest.importorskip("vllm", reason="vLLM has an environment of its own: make test-vllm")

from tests.models.tiny_models import make_tokenizer
from tests.training.samplers.vllm_policies import ENGINE, make_policy, save_policy
from tests.training.synthetic_rollouts import make_problem
from workflow_scripts.core.files import write_jsonl
from workflow_scripts.models.prompts import prompt_format

ROOT = Path(__file__).resolve().parents[3]
SAMPLES, TEMPERATURE = 4, 0.7


@torch.no_grad()
def test_rows_are_the_checkpoints_and_repeat_to_the_byte(tmp_path: Path) -> None:
    tokenizer = make_tokenizer()
    model = make_policy(5, tokenizer.get_vocab_size())
    folder = save_policy(model, tmp_path / "peak")
    tokenizer.save(str(folder / "tokenizer.json"))
    problems = [make_problem(number) for number in range(3)]
    write_jsonl(tmp_path / "main.jsonl", problems, schema="problem")
    words = ["--checkpoint", folder, "--problems", tmp_path / "main.jsonl", "--samples", SAMPLES]
    words += ["--temperature", TEMPERATURE, "--max-completion-tokens", 1, "--prompt-format", "plain"]
    words += ["--vllm", ENGINE.model_dump_json(), "--seed-parts", "base", "7B"]
    for name in ("one", "two"):
        command = [sys.executable, "-m", "workflow_scripts.evaluation.sample_checkpoint", *map(str, words)]
        subprocess.run([*command, "--output", str(tmp_path / name / "main.samples.parquet")], cwd=ROOT, check=True)
    first, second = (tmp_path / name / "main.samples.parquet" for name in ("one", "two"))
    assert first.read_bytes() == second.read_bytes()

    rows = pq.read_table(first).to_pylist()
    assert [row["task_id"] for row in rows] == [problem["task_id"] for problem in problems for _ in range(SAMPLES)]
    prompts = prompt_format("plain", folder)
    for number, problem in enumerate(problems):
        ids = torch.tensor([prompts.encode(problem)])
        expected = (model.logits(model.hidden(ids)[0, -1]) / TEMPERATURE).log_softmax(dim=-1)
        for row in rows[number * SAMPLES : (number + 1) * SAMPLES]:
            assert (expected - row["log_probability"]).abs().min() < 1e-3
