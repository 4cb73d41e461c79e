"""Run one campaign: a plan and a checkpoint in; trace, rollouts, timing and the peak and end checkpoints out."""

import argparse
import hashlib
import json
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError

from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.campaigns import Plan
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import parse_object, read_json, read_jsonl, sha256_file, write_json
from workflow_scripts.core.sections import explain
from workflow_scripts.grading.code_grader import CodeGrader, Limits
from workflow_scripts.models.prompts import prompt_format
from workflow_scripts.training.campaign import Problems, run_campaign
from workflow_scripts.training.campaign_files import (
    are_complete,
    hidden_snapshot,
    make_trace,
    output_digests,
    remove_state,
    replace_folder,
    snapshot_name,
    write_rollouts,
)
from workflow_scripts.training.resumption.held_folder import HeldFolder, hold_folder
from workflow_scripts.training.resumption.interruption import INTERRUPTED, StopRequest
from workflow_scripts.training.resumption.lease import Lease
from workflow_scripts.training.resumption.resume import BoundaryState
from workflow_scripts.training.settings import TrainingSettings
from workflow_scripts.training.update.learner import Learner
from workflow_scripts.training.workplace import Workplace, join_processes, open_workplace

SIGNALS = (
    "SIGTERM or SIGUSR1 ends a campaign at its next step boundary, with its state on disk and exit status "
    f"{INTERRUPTED}: the same command goes on from there. A second SIGTERM ends it at once."
)


def initial_checkpoint(plan: Plan, base_model: Path, previous: Path | None) -> Path:
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


def fingerprint_of(arguments: argparse.Namespace, plan: Plan, checksums: dict[str, str]) -> str:
    """A hash over what decides a campaign's course: with another one, a state on disk is of another campaign."""
    decided_by = [arguments.provenance, plan, arguments.settings, arguments.limits, checksums]
    return hashlib.sha256(json.dumps(decided_by, sort_keys=True).encode()).hexdigest()


def parse_settings(text: str) -> TrainingSettings:
    """Settings from the JSON object that the rule passes."""
    try:
        return TrainingSettings.model_validate(parse_object(text, "--settings"))
    except ValidationError as error:
        raise explain(error, "--settings") from None


def parse_limits(text: str) -> Limits:
    """The sandbox's limits from the JSON object that the rule passes."""
    try:
        return Limits(**parse_object(text, "--limits"))
    except TypeError as error:
        raise UserError(f"--limits: {error}") from None


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, epilog=SIGNALS)
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
    parser.add_argument("--grading-workers", type=int, default=1, help="programs graded at a time (default: 1)")
    parser.add_argument("--cache", type=Path, metavar="FOLDER", help="where compiled C++ programs are kept")
    parser.add_argument(
        "--snapshots", nargs="*", type=int, default=[], metavar="STEP", help="write checkpoints stepSTEP/ as well"
    )
    parser.add_argument("--provenance", default="", help="stands for the code; a state of another is not used")
    parser.add_argument("--output", type=Path, required=True, help="the campaign's folder")
    parser.add_argument(
        "--lease-timeout",
        type=float,
        default=120.0,
        metavar="SECONDS",
        help="another trainer that holds the folder counts as dead when its heartbeat, of every 5 s, does not move for "
        "so long; one that was killed on this host is known to be dead at once (default: 120)",
    )
    parser.add_argument(
        "--lease-wait",
        type=float,
        default=3600.0,
        metavar="SECONDS",
        help="how long to wait for another trainer that is alive (default: 3600)",
    )
    return parser.parse_args()


def main() -> None:
    began = time.perf_counter()
    arguments = parse_arguments()
    torch.set_num_threads(1)
    with StopRequest().listening() as stop:
        run_job(arguments, stop, began)


def run_job(arguments: argparse.Namespace, stop: StopRequest, began: float) -> None:
    """Read what is given, and train the campaign as soon as its folder is this job's."""
    plan = read_json(arguments.plan, schema="plan")
    settings, limits = parse_settings(arguments.settings), parse_limits(arguments.limits)
    source = initial_checkpoint(plan, arguments.base_model, arguments.previous)
    problems = Problems(
        read_jsonl(arguments.pool, schema="problem"),
        read_jsonl(arguments.probe, schema="problem")[: settings.probe_problems],
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
    workers, cache = arguments.grading_workers, arguments.cache
    private = (arguments.pool, arguments.probe, arguments.output)
    grader = partial(CodeGrader, limits, arguments.required_layers, workers, cache_folder=cache, private=private)
    fingerprint = fingerprint_of(arguments, plan, checksums)
    lease = Lease(arguments.output, fingerprint, arguments.lease_timeout, arguments.lease_wait)
    complete = partial(are_complete, arguments.output, arguments.snapshots)
    with join_processes(settings) as processes, hold_folder(lease, stop, processes, complete) as held:
        if held.finished_before:
            return
        with open_workplace(source, settings, grader, processes) as place:
            train(arguments, plan, settings, source, problems, checksums, place, held, began)
        held.finished = True


def train(
    arguments: argparse.Namespace,
    plan: Plan,
    settings: TrainingSettings,
    source: Path,
    problems: Problems,
    checksums: dict[str, str],
    place: Workplace,
    held: HeldFolder,
    began: float,
) -> None:
    """Run the campaign from where it stands, and leave its files in the campaign's folder."""
    started = time.perf_counter()
    output, learner = arguments.output, place.learner
    state, fingerprint = output / learner.state_name, held.lease.fingerprint
    resumed = learner.read_state(state, fingerprint)
    if resumed is not None and place.writes:
        print(f"{state}: the campaign goes on after step {resumed.step}", file=sys.stderr, flush=True)
    held.leave_if_asked(None if resumed is None else resumed.step)

    def keep(boundary: BoundaryState) -> None:
        held.confirm()
        if boundary.step in arguments.snapshots:
            learner.save(hidden_snapshot(output, boundary.step), boundary.weights, source)
        keep_boundary(boundary, learner, state, fingerprint, held, plan["max_steps"])

    outcome = run_campaign(
        plan,
        settings,
        learner,
        place.sampler,
        prompt_format(settings.prompt_format, source),
        problems,
        place.grader,
        report=print_progress if place.writes else lambda _record: None,
        keep=keep,
        resumed=resumed,
    )
    for name, weights in (("peak", outcome.peak_weights), ("end", outcome.end_weights)):
        held.confirm()
        learner.save(output / name, weights, source)
    if not place.writes:
        return
    held.lease.confirm()
    for step in arguments.snapshots:
        replace_folder(hidden_snapshot(output, step), output / snapshot_name(step))
    write_rollouts(output / "rollouts.parquet", outcome.rollouts)
    seconds = {"start": started - began, "campaign": time.perf_counter() - started, **outcome.seconds}
    write_json(output / "timing.json", {name: round(value, 4) for name, value in seconds.items()})
    outputs = output_digests(output, arguments.snapshots)
    trace = make_trace(arguments, plan, settings, outcome, place.parameters, checksums, outputs, place.layers)
    held.lease.confirm()
    write_json(output / "trace.json", trace, schema="trace")
    remove_state(state)


def keep_boundary(
    boundary: BoundaryState, learner: Learner, state: Path, fingerprint: str, held: HeldFolder, last_step: int
) -> None:
    """Write the state where it is due; where somebody asked for it, leave with the state of this boundary on disk."""
    due = boundary.step % learner.state_every == 0
    if due:
        learner.write_state(state, boundary, fingerprint)
    # After the last step there is nothing to go on with: the campaign is finished instead.
    if boundary.step < last_step and held.asked_to_stop():
        if not due:
            learner.write_state(state, boundary, fingerprint)
        held.leave(boundary.step)


def print_progress(record: dict[str, Any]) -> None:
    shown = {"pass rate": "CodeGrader/pass_rate/mean", "entropy": "entropy", "grad norm": "grad_norm"}
    values = [f"{name} {'-' if record[key] is None else format(record[key], '.3f')}" for name, key in shown.items()]
    print(f"step {record['step']}: {', '.join(values)}, {record['verdicts']}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    run(main)
