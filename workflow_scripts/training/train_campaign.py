"""Run one campaign: a plan and a checkpoint in; trace, rollouts, timing and the peak and end checkpoints out."""

import argparse
import fcntl
import hashlib
import json
import platform
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tokenizers
import torch
from safetensors.torch import save_file
from torch import Tensor

from workflow_scripts.core.cli import run
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import atomic_directory, atomic_path, read_json, read_jsonl, sha256_file, write_json
from workflow_scripts.core.traces import end, pass_rates, peak
from workflow_scripts.grading.code_grader import CodeGrader, Limits
from workflow_scripts.models.tokenization import load_tokenizer
from workflow_scripts.training.campaign import Outcome, Problems, run_campaign
from workflow_scripts.training.policies import load
from workflow_scripts.training.resume import read_state, write_state
from workflow_scripts.training.settings import TrainingSettings


def initial_checkpoint(plan: dict[str, Any], base_model: Path, previous: Path | None) -> Path:
    """The folder that the plan's ``init`` names: the base model, or the previous campaign's peak or end."""
    init = plan["init"]
    if init["checkpoint"] == "base":
        return base_model
    if previous is None or init["campaign"] != plan["campaign"] - 1:
        raise UserError(
            f"plan: init is {init['checkpoint']} of campaign {init['campaign']}, but only the base model and the "
            f"campaign before {plan['campaign']} are at hand"
        )
    return previous / init["checkpoint"]


def make_trace(
    arguments: argparse.Namespace,
    plan: dict[str, Any],
    settings: TrainingSettings,
    outcome: Outcome,
    parameters: int,
    checksums: dict[str, str],
    isolation: dict[str, str],
) -> dict[str, Any]:
    """The trace (trace.schema.json): nothing in it differs between equal runs."""
    rates = pass_rates({"steps": outcome.steps})
    peak_step, peak_rate = peak(rates) if rates else (None, None)
    identity = {key: plan[key] for key in ("chain", "controller", "seed", "campaign")}
    return {
        "schema_version": 1,
        "identity": {"testbed": arguments.testbed, **identity},
        "model": {"role": arguments.model_role, "name": arguments.model_name, "parameters": parameters},
        "plan": plan,
        "settings": settings.record(),
        "status": outcome.status,
        "steps": outcome.steps,
        "probe": outcome.probe,
        "peak": {"step": peak_step, "pass_rate": peak_rate},
        "end": {"step": len(rates) or None, "pass_rate": end(rates) if rates else None},
        "inputs": checksums,
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "tokenizers": tokenizers.__version__,
            "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        },
        "isolation": isolation,
    }


def write_checkpoint(folder: Path, weights: dict[str, Tensor], source: Path) -> None:
    """A Hugging Face folder with ``weights``, and configuration, tokenizer and chat template as in ``source``."""
    with atomic_directory(folder) as partial:
        for file in source.iterdir():
            if file.suffix in (".json", ".jinja") and not file.name.endswith(".index.json"):
                shutil.copyfile(file, partial / file.name)
        save_file(weights, partial / "model.safetensors", metadata={"format": "pt"})


def write_rollouts(path: Path, rows: list[dict[str, Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with atomic_path(path) as partial:
        pq.write_table(pa.Table.from_pylist(rows), partial, compression="zstd")


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Hold the campaign's folder; a second writer, say after a kill that left an orphan, waits for the first."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".writer").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"{folder}: another process is training this campaign; waiting for it", file=sys.stderr, flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def fingerprint_of(arguments: argparse.Namespace, plan: dict[str, Any], checksums: dict[str, str]) -> str:
    """A hash over what decides a campaign's course: with another one, a state on disk is of another campaign."""
    decided_by = [arguments.provenance, plan, arguments.settings, arguments.limits, checksums]
    return hashlib.sha256(json.dumps(decided_by, sort_keys=True).encode()).hexdigest()


def parse_settings(text: str) -> TrainingSettings:
    """Settings from the JSON object that the rule passes."""
    values: dict[str, Any] = parse_object(text, "--settings")
    for name, value in values.items():
        values[name] = tuple(value) if isinstance(value, list) else value
    try:
        settings = TrainingSettings(**values)
        settings.check()
    except (TypeError, ValueError) as error:
        raise UserError(f"--settings: {error}") from None
    return settings


def parse_limits(text: str) -> Limits:
    """The sandbox's limits from the JSON object that the rule passes."""
    try:
        return Limits(**parse_object(text, "--limits"))
    except TypeError as error:
        raise UserError(f"--limits: {error}") from None


def parse_object(text: str, option: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise UserError(f"{option}: not valid JSON: {error}") from None
    if not isinstance(value, dict):
        raise UserError(f"{option}: {value!r}: expected a JSON object")
    return value


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plan", type=Path, required=True, help="plan.json of this campaign")
    parser.add_argument("--testbed", required=True)
    parser.add_argument("--model-role", required=True, help="the paper's name for the model's place, such as 7B")
    parser.add_argument("--model-name", required=True, help="the real model's name")
    parser.add_argument("--base-model", type=Path, required=True, help="folder in Hugging Face format")
    parser.add_argument("--previous", type=Path, help="folder of the campaign before, with peak/ and end/")
    parser.add_argument("--pool", type=Path, required=True, help="problems to train on (JSON Lines)")
    parser.add_argument("--probe", type=Path, required=True, help="held-out problems, measured at the probe steps")
    parser.add_argument("--settings", required=True, help="training settings as a JSON object")
    parser.add_argument("--limits", required=True, help="sandbox limits as a JSON object")
    parser.add_argument("--required-layers", nargs="*", default=[], help="layers of isolation that must be active")
    parser.add_argument("--provenance", default="", help="stands for the code; a state of another is not used")
    parser.add_argument("--output", type=Path, required=True, help="the campaign's folder")
    return parser.parse_args()


def main() -> None:
    began = time.perf_counter()
    arguments = parse_arguments()
    torch.set_num_threads(1)
    plan = read_json(arguments.plan, schema="plan")
    settings, limits = parse_settings(arguments.settings), parse_limits(arguments.limits)
    source = initial_checkpoint(plan, arguments.base_model, arguments.previous)
    problems = Problems(
        read_jsonl(arguments.pool, schema="problem"),
        read_jsonl(arguments.probe, schema="problem"),
        arguments.probe.stem,
    )
    if len(problems.pool) < settings.prompts_per_step:
        raise UserError(
            f"{arguments.pool}: {len(problems.pool)} problems, {settings.prompts_per_step} are drawn per step"
        )
    if not problems.probe:
        raise UserError(f"{arguments.probe}: no problems")
    checksums = {
        "initial_checkpoint": sha256_file(single if (single := source / "model.safetensors").exists() else source),
        "pool": sha256_file(arguments.pool),
        "probe": sha256_file(arguments.probe),
    }
    with only_writer(arguments.output), CodeGrader(limits, arguments.required_layers) as grader:
        model = load(source)
        parameters = sum(parameter.numel() for parameter in model.parameters())
        started = time.perf_counter()
        state, fingerprint = arguments.output / "resume.safetensors", fingerprint_of(arguments, plan, checksums)
        if (resumed := read_state(state, fingerprint)) is not None:
            print(f"{state}: the campaign goes on after step {resumed.step}", file=sys.stderr, flush=True)
        outcome = run_campaign(
            plan,
            settings,
            model,
            load_tokenizer(source),
            problems,
            grader,
            report=print_progress,
            keep=lambda boundary: write_state(state, boundary, fingerprint),
            resumed=resumed,
        )
        trace = make_trace(arguments, plan, settings, outcome, parameters, checksums, grader.layers)
        write_rollouts(arguments.output / "rollouts.parquet", outcome.rollouts)
        write_checkpoint(arguments.output / "peak", outcome.peak_weights, source)
        write_checkpoint(arguments.output / "end", outcome.end_weights, source)
        finished = time.perf_counter()
        seconds = {"start": started - began, "campaign": finished - started, **outcome.seconds}
        write_json(arguments.output / "timing.json", {name: round(value, 4) for name, value in seconds.items()})
        write_json(arguments.output / "trace.json", trace, schema="trace")
        state.unlink()


def print_progress(record: dict[str, Any]) -> None:
    shown = {"pass rate": "CodeGrader/pass_rate/mean", "entropy": "entropy", "grad norm": "grad_norm"}
    values = [f"{name} {'-' if record[key] is None else format(record[key], '.3f')}" for name, key in shown.items()]
    print(f"step {record['step']}: {', '.join(values)}, {record['verdicts']}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    run(main)
