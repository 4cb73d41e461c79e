"""The trainer as a rule runs it: a plan in; trace, rollouts and checkpoints out, twice the same to the byte."""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import torch

from tests.makers import campaigns
from tests.makers.campaigns import LIMIT_VALUES, answered_problems, write_base_model
from tests.makers.scripts import ROOT, run_script
from tests.makers.settings import changed
from tests.models.tiny_models import make_tokenizer
from workflow_scripts.core import cli
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, sha256_file, write_json, write_jsonl
from workflow_scripts.core.schemas import validate
from workflow_scripts.models.qwen2 import load_model
from workflow_scripts.models.tokenization import load_tokenizer
from workflow_scripts.training.campaign import Outcome, unmeasured
from workflow_scripts.training.campaign_files import make_trace
from workflow_scripts.training.train_campaign import initial_checkpoint, main, parse_settings

torch.set_num_threads(1)

SETTINGS = changed(
    campaigns.SETTINGS, max_completion_tokens=8, warmup_steps=1, probe_steps=[0, 2], probe_samples=1
).model_dump()
PLAN = {
    "schema_version": 1,
    "chain": "7B-reinforce-py-20",
    "controller": "first",
    "seed": 7,
    "campaign": 1,
    "action": "start",
    "init": {"campaign": 0, "checkpoint": "base"},
    "max_steps": 2,
    "learning_rate": 0.01,
    "kl_coefficient": 0.0,
    "reason": {"rule": "test", "text": "A test's plan.", "numbers": {}},
}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base model of two layers, problems that the empty function solves in part, and a plan."""
    folder = tmp_path_factory.mktemp("inputs")
    tokenizer = make_tokenizer()
    tokenizer.save(str(write_base_model(folder / "base", tokenizer) / "tokenizer.json"))
    problems = answered_problems(8)
    write_jsonl(folder / "train.jsonl", problems[:5], schema="problem")
    write_jsonl(folder / "probe.jsonl", problems[5:], schema="problem")
    write_json(folder / "plan.json", PLAN, schema="plan")
    return folder


def command(inputs: Path, output: Path, **changes: Any) -> list[str]:
    options = {
        "plan": inputs / "plan.json",
        "testbed": "tiny",
        "model-role": "7B",
        "model-name": "tiny-qwen2",
        "base-model": inputs / "base",
        "pool": inputs / "train.jsonl",
        "probe": inputs / "probe.jsonl",
        "settings": json.dumps(SETTINGS),
        "limits": json.dumps(LIMIT_VALUES),
        "output": output,
    }
    words = [str(word) for name, value in (options | changes).items() for word in (f"--{name}", value)]
    return [sys.executable, "-m", "workflow_scripts.training.train_campaign", *words]


def environment() -> dict[str, str]:
    return os.environ | {"OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0", "PYTHONPATH": str(ROOT)}


def train(inputs: Path, output: Path, hash_seed: str = "0", **changes: Any) -> subprocess.CompletedProcess[str]:
    module, *options = command(inputs, output, **changes)[2:]
    return run_script(module, *options, cwd=output.parent, OMP_NUM_THREADS="1", PYTHONHASHSEED=hash_seed)


@pytest.fixture(scope="module")
def trained(inputs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("one") / "c01"
    done = train(inputs, output)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("pass rate") == 2
    return output


def test_the_trace_is_valid_and_says_what_happened(inputs: Path, trained: Path) -> None:
    trace = read_json(trained / "trace.json", schema="trace")
    assert trace["status"] == "completed"
    assert trace["plan"] == PLAN
    assert trace["settings"] == SETTINGS
    assert trace["identity"] == {"testbed": "tiny"} | {
        key: PLAN[key] for key in ("chain", "controller", "seed", "campaign")
    }
    assert trace["inputs"] == {
        "initial_checkpoint": sha256_file(inputs / "base" / "model.safetensors"),
        "pool": sha256_file(inputs / "train.jsonl"),
        "probe": sha256_file(inputs / "probe.jsonl"),
    }
    names = {f"{which}/{name}" for which in ("peak", "end") for name in os.listdir(inputs / "base")}
    assert trace["outputs"] == {name: sha256_file(trained / name) for name in {*names, "rollouts.parquet"}}
    rates = [step["CodeGrader/pass_rate/mean"] for step in trace["steps"]]
    assert len(rates) == 2
    assert max(rates) > 0  # the grader ran programs, and some of them passed
    assert trace["peak"] == {"step": rates.index(max(rates)) + 1, "pass_rate": max(rates)}
    assert trace["end"] == {"step": 2, "pass_rate": rates[-1]}
    assert [entry["step"] for entry in trace["probe"]] == [0, 2]
    assert set(trace["isolation"]) >= {"rlimits", "no_new_privs"}


def test_rollouts_agree_with_the_trace(trained: Path) -> None:
    rows = pq.read_table(trained / "rollouts.parquet").to_pylist()
    trace = read_json(trained / "trace.json")
    assert list(rows[0]) == ["step", "problem", "completion", "reward", "verdict", "tokens", "log_probability"]
    for record in trace["steps"]:
        own = [row for row in rows if row["step"] == record["step"]]
        assert len(own) == 8
        assert sum(row["reward"] for row in own) / 8 == record["CodeGrader/pass_rate/mean"]
        assert sum(row["tokens"] for row in own) / 8 == record["completions/mean_length"]
        assert {row["problem"] for row in own} == set(record["problem_ids"])


def test_timing_stands_apart_from_the_trace(trained: Path) -> None:
    seconds = read_json(trained / "timing.json")
    assert {"start", "campaign", "sampling", "grading", "update", "synchronisation", "probe"} == set(seconds)
    assert "seconds" not in (trained / "trace.json").read_text(encoding="utf-8")


def test_checkpoints_load_and_differ_from_the_base(inputs: Path, trained: Path) -> None:
    base = load_model(inputs / "base").state_dict()
    for which in ("peak", "end"):
        weights = load_model(trained / which).state_dict()
        assert load_tokenizer(trained / which).to_str() == load_tokenizer(inputs / "base").to_str()
        assert weights.keys() == base.keys()
        moved = any(not torch.equal(weights[name], base[name]) for name in base)
        assert moved == (which == "end" or read_json(trained / "trace.json")["peak"]["step"] > 1)


def test_a_second_run_elsewhere_is_equal_to_the_byte(inputs: Path, trained: Path, tmp_path: Path) -> None:
    shutil.copytree(inputs, tmp_path / "moved inputs")
    output = tmp_path / "elsewhere" / "campaign"
    output.parent.mkdir()
    done = train(tmp_path / "moved inputs", output, hash_seed="1")
    assert done.returncode == 0, done.stderr
    varying = {"timing.json", ".lease.json"}
    names = {str(path.relative_to(trained)) for path in trained.rglob("*") if path.is_file()} - varying
    assert {"trace.json", "rollouts.parquet", "peak/model.safetensors", "end/model.safetensors"} <= names
    assert names == {str(path.relative_to(output)) for path in output.rglob("*") if path.is_file()} - varying
    for name in names:
        assert (trained / name).read_bytes() == (output / name).read_bytes(), name


def test_a_later_campaign_goes_on_from_the_checkpoint_that_its_plan_names(
    inputs: Path, trained: Path, tmp_path: Path
) -> None:
    plan = PLAN | {"controller": "A3", "campaign": 2, "action": "reuse", "max_steps": 1}
    write_json(tmp_path / "plan.json", plan | {"init": {"campaign": 1, "checkpoint": "end"}}, schema="plan")
    output = tmp_path / "c02"
    done = train(inputs, output, plan=tmp_path / "plan.json", previous=trained)
    assert done.returncode == 0, done.stderr
    trace = read_json(output / "trace.json", schema="trace")
    assert trace["inputs"]["initial_checkpoint"] == sha256_file(trained / "end" / "model.safetensors")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"settings": "{"}, "error: --settings: not valid JSON"),
        ({"limits": json.dumps({"cpu": 1})}, "error: --limits: "),
        (
            {"settings": json.dumps(SETTINGS | {"prompts_per_step": 6})},
            "/train.jsonl: 5 problems, 6 are drawn per step",
        ),
        ({"base-model": "nowhere"}, "error: nowhere: No such file or directory"),
    ],
)
def test_a_mistake_ends_in_one_line_and_leaves_nothing(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], words: str
) -> None:
    monkeypatch.setattr(sys, "argv", command(inputs, tmp_path / "c01", **changes)[2:])
    with pytest.raises(SystemExit) as caught:
        cli.run(main)
    message = str(caught.value.code)
    assert message.startswith("error: ")
    assert words in message
    assert "\n" not in message
    assert not (tmp_path / "c01").exists()


def test_a_mistake_in_a_process_of_its_own_shows_no_traceback(inputs: Path, tmp_path: Path) -> None:
    done = train(inputs, tmp_path / "c01", settings=json.dumps(SETTINGS | {"optimizer": "sgd"}))
    assert (done.returncode, done.stderr) == (1, "error: --settings: optimizer: 'sgd' is not one of 'adam'\n")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("[]", "must be a JSON object"),
        (json.dumps({**SETTINGS, "temprature": 1.0}), "temprature: unknown key; did you mean 'temperature'?"),
        (
            json.dumps({key: value for key, value in SETTINGS.items() if key != "temperature"}),
            "temperature: is missing",
        ),
        (json.dumps({**SETTINGS, "temperature": 0}), "temperature: 0 is not above 0.0"),
        (json.dumps({**SETTINGS, "temperature": "1"}), "temperature: '1' is a str, expected number"),
        (json.dumps({**SETTINGS, "group_size": 4.0}), "group_size: 4.0 is a float, expected integer"),
        (json.dumps({**SETTINGS, "probe_steps": 5}), "probe_steps: 5 is a int, expected array"),
        (json.dumps({**SETTINGS, "adam_betas": [0.9]}), "adam_betas: [0.9]: List should have at least 2 items"),
    ],
)
def test_wrong_settings_are_named(settings: str, words: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_settings(settings)
    assert str(caught.value).startswith("--settings: ")
    assert words in str(caught.value)


def test_settings_are_recorded_as_they_were_given() -> None:
    assert parse_settings(json.dumps(SETTINGS)).model_dump() == SETTINGS


def test_the_checkpoint_that_a_plan_names() -> None:
    base, previous = Path("base"), Path("c01")
    assert initial_checkpoint(PLAN, base, None) == base
    later = PLAN | {"campaign": 2, "init": {"campaign": 1, "checkpoint": "peak"}}
    assert initial_checkpoint(later, base, previous) == Path("c01/peak")
    for plan, at_hand in ((later, None), (later | {"campaign": 3}, previous)):
        with pytest.raises(UserError, match="init is peak of campaign 1, but only the base model and the campaign"):
            initial_checkpoint(plan, base, at_hand)


@pytest.mark.parametrize("steps", [[], [unmeasured(1, 0.01)]])
def test_the_trace_of_a_campaign_that_measured_nothing_is_valid(steps: list[dict[str, Any]]) -> None:
    arguments = argparse.Namespace(testbed="tiny", model_role="7B", model_name="tiny-qwen2")
    settings = parse_settings(json.dumps(SETTINGS))
    outcome = Outcome(status="non_finite_loss", steps=steps)
    trace = make_trace(arguments, PLAN, settings, outcome, 1, {"pool": "0" * 64}, {}, {"rlimits": "active"})
    validate(trace, "trace", source="trace.json")
    validate({name: value for name, value in trace.items() if name != "outputs"}, "trace", source="an earlier one")
    assert trace["peak"] == trace["end"] == {"step": None, "pass_rate": None}
