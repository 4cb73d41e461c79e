"""Decide one campaign: load the traces of the campaigns before it, ask the controller, write its plan and its state."""

import argparse
import importlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from workflow_scripts.control.plans import IDENTITY
from workflow_scripts.control.registry import Controller, load_controller, make_settings
from workflow_scripts.core.campaign_folders import owner_of
from workflow_scripts.core.cli import run
from workflow_scripts.core.contracts.campaigns import Owner, Plan, Trace
from workflow_scripts.core.contracts.states import MeasuredCheckpoint, MeasuredTrace, State
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import parse_object, read_json, write_json


@dataclass(frozen=True)
class Shown:
    """What a controller is shown beside the traces, where it needs that.

    ``measured``: the capabilities of each campaign's checkpoint; ``base``: those of the base model. ``chat_record``:
    the file of what a language model was asked and answered. ``companion``: another chain's campaigns.
    """

    measured: list[MeasuredCheckpoint] = field(default_factory=list)
    base: MeasuredCheckpoint | None = None
    chat_record: Path | None = None
    companion: list[Trace] = field(default_factory=list)


def plan_campaign(
    controller: Controller,
    identity: Owner,
    campaign: int,
    given: dict[str, Any],
    history: Sequence[Trace],
    state: State | None,
    shown: Shown,
) -> tuple[Plan, State]:
    """The controller's plan and state for ``campaign`` of the chain that ``identity`` (chain, controller, seed) names.

    A ``UserError`` where the history is not campaigns 1 to ``campaign`` - 1 of this chain, in order; the first campaign
    may be the one that all controllers share.
    """
    if clash := sorted(set(IDENTITY) & set(given)):
        raise UserError(f"--settings: {clash[0]}: has an option of its own; take it out of the settings")
    settings = make_settings(controller, given, identity)
    if len(history) != campaign - 1:
        raise UserError(f"--traces: campaign {campaign} needs the {campaign - 1} before it, got {len(history)}")
    for number, trace in enumerate(history, start=1):
        expected = {**identity, "controller": owner_of(identity["controller"], number), "campaign": number}
        found: Mapping[str, object] = trace["identity"]
        for key, value in expected.items():
            if found[key] != value:
                raise UserError(f"--traces: trace {number}: identity.{key}: is {found[key]!r}, expected {value!r}")
    if state is not None and state["campaign"] != campaign - 1:
        raise UserError(f"--state: campaign: is {state['campaign']}, expected the previous one, {campaign - 1}")
    if "capabilities" in controller.needs:
        history, settings = attach_capabilities(controller, settings, history, shown)
    elif shown.measured or shown.base is not None:
        raise UserError(f"--capabilities, --base-capabilities: {controller.module} decides without; omit them")
    if "companion" in controller.needs:
        settings = replace(settings, companion_chain=tuple(shown.companion))
    elif shown.companion:
        raise UserError(f"--companion: {controller.module} decides without; omit it")
    if controller.request is not None and (question := controller.request(history, state, settings)):
        settings = replace(settings, answer=answer_to(question, shown.chat_record))
    return controller.decide(history, state, settings)


def answer_to(question: Any, record: Path | None) -> Any:
    """What the language model answers, or answered before to an equal question (``control.recorded_answers``)."""
    if record is None:
        raise UserError(f"--chat-record: is missing, and {question.asker} asks a language model; name its chat.json")
    # By name: the code that asks is not part of what the other controllers' plans depend on.
    recorded = importlib.import_module("workflow_scripts.control.recorded_answers")
    return recorded.answer(question, record, os.environ)


def attach_capabilities(
    controller: Controller,
    settings: Any,
    history: Sequence[Trace],
    shown: Shown,
) -> tuple[list[MeasuredTrace], Any]:
    """History and settings with the capabilities of each campaign and of the base model (``control.capabilities``).

    A ``UserError`` where they are not those of the checkpoints that the controller rolls forward, in order.
    """
    measured, base = shown.measured, shown.base
    if len(measured) != len(history):
        raise UserError(f"--capabilities: {len(history)} campaigns need one file each, got {len(measured)}")
    for trace, found in zip(history, measured, strict=True):
        seen = trace["identity"]
        place = f"{seen['chain']}/{seen['controller']}/s{seen['seed']}/c{seen['campaign']:02d}-{controller.evaluated}"
        if found["checkpoint"] != place:
            raise UserError(f"--capabilities: checkpoint: is {found['checkpoint']!r}, expected {place!r}")
    if base is None:
        raise UserError(f"--base-capabilities: is missing, and controller {controller.module} needs it")
    place = f"base/{settings.chain.partition('-')[0]}"
    if base["checkpoint"] != place:
        raise UserError(f"--base-capabilities: checkpoint: is {base['checkpoint']!r}, expected {place!r}")
    told = replace(settings, base_capabilities=base["capabilities"])
    both = zip(history, measured, strict=True)
    return [{**trace, "capabilities": found["capabilities"]} for trace, found in both], told


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workflow_scripts.control.decide", description=__doc__)
    parser.add_argument("--module", required=True, help="the controller's file in this folder, e.g. a3_care")
    parser.add_argument("--controller", required=True, help="its name in this study, e.g. A3; first for campaign 1")
    parser.add_argument("--chain", required=True, help="e.g. 7B-reinforce-py-20")
    parser.add_argument("--seed", required=True, type=int, help="the chain's seed")
    parser.add_argument("--campaign", required=True, type=int, help="the campaign to plan, from 1")
    parser.add_argument("--settings", required=True, help="the controller's settings, a JSON object")
    parser.add_argument(
        "--traces", nargs="*", default=[], type=Path, help="each earlier campaign's trace.json, in order"
    )
    parser.add_argument(
        "--capabilities", nargs="*", default=[], type=Path, help="where the controller needs them: each campaign's"
    )
    parser.add_argument("--base-capabilities", type=Path, help="likewise: the base model's")
    parser.add_argument("--chat-record", type=Path, help="likewise: what a language model was asked and answered")
    parser.add_argument("--companion", nargs="*", default=[], type=Path, help="likewise: another chain's trace.json")
    parser.add_argument("--state", type=Path, help="state.json after the previous plan; without it: replay")
    parser.add_argument("--output-plan", required=True, type=Path)
    parser.add_argument("--output-state", required=True, type=Path)
    return parser.parse_args()


def main() -> None:
    arguments = _arguments()
    settings = parse_object(arguments.settings, "--settings")
    plan, state = plan_campaign(
        load_controller(arguments.module),
        {"chain": arguments.chain, "controller": arguments.controller, "seed": arguments.seed},
        arguments.campaign,
        settings,
        [read_json(path, "trace") for path in arguments.traces],
        read_json(arguments.state, "state") if arguments.state else None,
        Shown(
            [read_json(path, "capabilities") for path in arguments.capabilities],
            read_json(arguments.base_capabilities, "capabilities") if arguments.base_capabilities else None,
            arguments.chat_record,
            [read_json(path, "trace") for path in arguments.companion],
        ),
    )
    write_json(arguments.output_plan, plan, "plan")
    write_json(arguments.output_state, state, "state")


if __name__ == "__main__":
    run(main)
