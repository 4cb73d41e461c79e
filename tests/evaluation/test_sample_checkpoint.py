"""Samples of a checkpoint: rows per problem, the same to the byte twice, and what grade_samples takes."""

import dataclasses
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import torch

from tests.core.damage import DAMAGES
from tests.makers.campaigns import answered_problems, write_base_model
from tests.makers.scripts import run_script
from tests.makers.settings import ENGINE
from tests.models.tiny_models import make_tokenizer
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, read_jsonl, write_jsonl
from workflow_scripts.evaluation import sample_checkpoint
from workflow_scripts.evaluation.sample_checkpoint import BATCH, parse_vllm, sample_problems
from workflow_scripts.grading import grade_samples
from workflow_scripts.models.prompts import prompt_format
from workflow_scripts.training.policies import load, sampler_for

ROOT = Path(__file__).parents[2]
N_PROBLEMS, SAMPLES, LONGEST = BATCH + 3, 4, 8


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model of two layers, and problems that some of what it writes solves: prompts that return a result."""
    folder = tmp_path_factory.mktemp("inputs")
    tokenizer = make_tokenizer()
    tokenizer.save(str(write_base_model(folder / "peak", tokenizer) / "tokenizer.json"))
    write_jsonl(folder / "main.jsonl", answered_problems(N_PROBLEMS), schema="problem")
    return folder


def options(inputs: Path, output: Path, **changes: Any) -> list[str]:
    values = {
        "checkpoint": inputs / "peak",
        "problems": inputs / "main.jsonl",
        "samples": SAMPLES,
        "temperature": 0.7,
        "max-completion-tokens": LONGEST,
        "prompt-format": "plain",
        "seed-parts": ["7B-reinforce-py-20", "A0", "s7", "c02-peak"],
        "output": output,
    }
    words: list[str] = []
    for name, value in (values | changes).items():
        words += [f"--{name}", *map(str, value if isinstance(value, list) else [value])]
    return words


def sample(monkeypatch: pytest.MonkeyPatch, inputs: Path, output: Path, **changes: Any) -> list[dict[str, Any]]:
    monkeypatch.setattr(sys, "argv", ["sample_checkpoint", *options(inputs, output, **changes)])
    sample_checkpoint.main()
    rows: list[dict[str, Any]] = pq.read_table(output).to_pylist()
    return rows


def test_one_row_per_sample_and_the_same_bytes_in_another_process(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = sample(monkeypatch, inputs, tmp_path / "main.samples.parquet")
    problems = [f"py/test/{number}" for number in range(N_PROBLEMS)]
    assert [(row["task_id"], row["sample"]) for row in rows] == [
        (problem, number) for problem in problems for number in range(SAMPLES)
    ]
    assert all(1 <= row["tokens"] <= LONGEST and row["log_probability"] < 0 for row in rows)
    assert all(row["finished"] or row["tokens"] == LONGEST for row in rows)
    assert len({row["completion"] for row in rows}) > N_PROBLEMS
    progress = capsys.readouterr().err.splitlines()
    assert progress == [f"{done} of {N_PROBLEMS} problems sampled" for done in (BATCH, N_PROBLEMS)]

    again = tmp_path / "again.parquet"
    module = "workflow_scripts.evaluation.sample_checkpoint"
    done = run_script(module, *options(inputs, again), cwd=tmp_path, PYTHONHASHSEED="5")
    assert done.returncode == 0, done.stderr
    assert again.read_bytes() == (tmp_path / "main.samples.parquet").read_bytes()


def test_draws_are_of_the_checkpoint_and_of_the_problem(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other seed parts draw anew; fewer problems leave the others' draws as they are."""
    rows = sample(monkeypatch, inputs, tmp_path / "all.parquet")
    other = ["7B-reinforce-py-20", "A0", "s7", "c02-end"]
    redrawn = sample(monkeypatch, inputs, tmp_path / "end.parquet", **{"seed-parts": other})
    assert [row["completion"] for row in redrawn] != [row["completion"] for row in rows]

    last = read_jsonl(inputs / "main.jsonl")[-2:]
    (tmp_path / "few").mkdir()
    write_jsonl(tmp_path / "few" / "main.jsonl", last)
    few = sample(monkeypatch, inputs, tmp_path / "few.parquet", problems=tmp_path / "few" / "main.jsonl")
    assert [row["completion"] for row in few] == [row["completion"] for row in rows[-2 * SAMPLES :]]


def test_the_first_problems_alone(inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole batches of them draw as they do among all, and the grades are of them alone."""
    rows = sample(monkeypatch, inputs, tmp_path / "all.parquet")
    few = sample(monkeypatch, inputs, tmp_path / "few.parquet", **{"problems-limit": BATCH})
    assert few == rows[: BATCH * SAMPLES]

    def grade(limit: int) -> Any:
        files = {
            "problems": inputs / "main.jsonl",
            "samples": tmp_path / "few.parquet",
            "output": tmp_path / "grades.json",
        }
        words = [f"--{name}={path}" for name, path in files.items()]
        monkeypatch.setattr(sys, "argv", ["grade_samples", *words, f"--problems-limit={limit}"])
        grade_samples.main()
        return read_json(files["output"], schema="grades")

    assert [problem["n"] for problem in grade(BATCH)["problems"]] == [SAMPLES] * BATCH
    with pytest.raises(UserError, match=r"is no problem of --problems"):
        grade(BATCH - 1)


def test_log_probabilities_are_those_of_the_whole_completion(inputs: Path) -> None:
    sampler, prompts = sampler_for(load(inputs / "peak")), prompt_format("plain", inputs / "peak")
    problem = read_jsonl(inputs / "main.jsonl")[:1]
    rows = next(sample_problems(sampler, prompts, problem, 32, 1.0, 1, ("a seed",)))
    model = load(inputs / "peak")
    ids = torch.tensor([prompts.encode(problem[0])])
    with torch.no_grad():
        expected = model.logits(model.hidden(ids)[0, -1]).log_softmax(dim=-1)
    assert {row["tokens"] for row in rows} == {1}
    (end,) = prompts.end_tokens
    for row in rows:
        assert (expected - row["log_probability"]).abs().min() < 1e-5
        assert row["finished"] == (abs(expected[end] - row["log_probability"]) < 1e-5)


def test_the_samples_are_what_grade_samples_takes(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = sample(monkeypatch, inputs, tmp_path / "main.samples.parquet")
    files = {"samples": tmp_path / "main.samples.parquet", "output": tmp_path / "main.grades.json"}
    words = [f"--{name}={path}" for name, path in ({"problems": inputs / "main.jsonl"} | files).items()]
    limits = json.dumps({"cpu_seconds": 1.0, "memory_bytes": 1 << 28})
    monkeypatch.setattr(sys, "argv", ["grade_samples", *words, f"--limits={limits}"])
    grade_samples.main()
    grades = read_json(tmp_path / "main.grades.json", schema="grades")
    assert [row["task_id"] for row in grades["samples"]] == [row["task_id"] for row in rows]
    assert [problem["n"] for problem in grades["problems"]] == [SAMPLES] * N_PROBLEMS
    assert 0 < sum(problem["c"] for problem in grades["problems"]) < len(rows)
    assert grades["limits"]["memory_bytes"] == 1 << 28


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_samples_that_were_damaged_are_not_graded(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: Callable[[Path], None]
) -> None:
    samples, output = tmp_path / "main.samples.parquet", tmp_path / "main.grades.json"
    sample(monkeypatch, inputs, samples)
    damage(samples)
    files = {"problems": inputs / "main.jsonl", "samples": samples, "output": output}
    monkeypatch.setattr(sys, "argv", ["grade_samples", *(f"--{name}={path}" for name, path in files.items())])
    with pytest.raises(UserError, match=f"{samples}: not a readable Parquet file") as caught:
        grade_samples.main()
    assert "\n" not in str(caught.value)
    assert not output.exists()


class Broken:
    """A sampler whose policy is not finite."""

    def __init__(self, sampler: Any) -> None:
        self._sampler = sampler

    def sample(self, *arguments: Any) -> Any:
        sampled = self._sampler.sample(*arguments)
        return dataclasses.replace(sampled, log_probabilities=sampled.log_probabilities * torch.nan)

    def synchronise(self, _weights: Mapping[str, Any]) -> None:
        raise AssertionError("is not asked for")

    def close(self) -> None:
        self._sampler.close()


def test_a_policy_without_a_distribution_is_refused(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample_checkpoint, "sampler_for", lambda policy: Broken(sampler_for(policy)))
    with pytest.raises(UserError, match=r"peak: the policy's probabilities are not finite"):
        sample(monkeypatch, inputs, tmp_path / "out.parquet")
    assert not (tmp_path / "out.parquet").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"samples": 0}, "--samples: 0 is not above 0"),
        ({"problems-limit": 0}, "--problems-limit: 0 is not above 0"),
        ({"temperature": "nan"}, "--temperature: nan is not above 0"),
        ({"prompt-format": "chatty"}, "invalid choice: 'chatty'"),
    ],
)
def test_wrong_options(
    inputs: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, Any],
    message: str,
) -> None:
    with pytest.raises(SystemExit):
        sample(monkeypatch, inputs, tmp_path / "out.parquet", **changes)
    assert message in capsys.readouterr().err


def test_wrong_inputs(inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    with pytest.raises(UserError, match=r"empty\.jsonl: no problems"):
        sample(monkeypatch, inputs, tmp_path / "out.parquet", problems=empty)
    with pytest.raises(UserError, match=r"nothing-here: holds no tokenizer\.json"):
        sample(monkeypatch, inputs, tmp_path / "out.parquet", checkpoint=tmp_path / "nothing-here")


VLLM = ENGINE.model_dump() | {"tensor_parallel_size": 2}


def test_the_settings_of_an_engine() -> None:
    assert parse_vllm(json.dumps(VLLM)).tensor_parallel_size == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", r"--vllm: not valid JSON"),
        ("[1]", r"--vllm: "),
        (json.dumps(VLLM | {"data_type": "int8"}), r"--vllm: data_type: 'int8' is not one of"),
        (json.dumps(VLLM | {"devices": 2}), r"--vllm: .*devices"),
    ],
)
def test_wrong_settings_of_an_engine(text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        parse_vllm(text)
