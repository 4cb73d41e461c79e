"""Decide one campaign: load the traces of the campaigns before it, ask the controller, write its plan and its state."""

import argparse
import json
from pathlib import Path
from typing import Any

from workflow_scripts.control.plans import IDENTITY
from workflow_scripts.control.registry import Controller, check_settings, load_controller
from workflow_scripts.core.cli import run
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, write_json


def plan_campaign(
    controller: Controller,
    identity: dict[str, Any],
    campaign: int,
    settings: dict[str, Any],
    history: list[dict[str, Any]],
    state: dict[str, Any] | None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The controller's plan and state for ``campaign`` of the chain that ``identity`` (chain, controller, seed) names.

    A ``UserError`` where the history is not campaigns 1 to ``campaign`` - 1 of this chain, in order; the first campaign
    may be the one that all controllers share.
    """
    check_settings(controller, settings)
    if clash := sorted(set(IDENTITY) & set(settings)):
        raise UserError(f"--settings: {clash[0]}: has an option of its own; take it out of the settings")
    if len(history) != campaign - 1:
        raise UserError(f"--traces: campaign {campaign} needs the {campaign - 1} before it, got {len(history)}")
    for number, trace in enumerate(history, start=1):
        owner = "first" if number == 1 else identity["controller"]
        expected = {**identity, "controller": owner, "campaign": number}
        for key, value in expected.items():
            if trace["identity"][key] != value:
                raise UserError(
                    f"--traces: trace {number}: identity.{key}: is {trace['identity'][key]!r}, expected {value!r}"
                )
    if state is not None and state["campaign"] != campaign - 1:
        raise UserError(f"--state: campaign: is {state['campaign']}, expected the previous one, {campaign - 1}")
    return controller.decide(history, state, {**settings, **identity})


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
    parser.add_argument("--state", type=Path, help="state.json after the previous plan; without it: replay")
    parser.add_argument("--output-plan", required=True, type=Path)
    parser.add_argument("--output-state", required=True, type=Path)
    return parser.parse_args()


def main() -> None:
    arguments = _arguments()
    try:
        settings = json.loads(arguments.settings)
    except json.JSONDecodeError as error:
        raise UserError(f"--settings: not valid JSON: {error.msg} at character {error.pos}") from None
    if not isinstance(settings, dict):
        raise UserError(f"--settings: must be a JSON object, got {arguments.settings}")
    plan, state = plan_campaign(
        load_controller(arguments.module),
        {"chain": arguments.chain, "controller": arguments.controller, "seed": arguments.seed},
        arguments.campaign,
        settings,
        [read_json(path, "trace") for path in arguments.traces],
        read_json(arguments.state, "state") if arguments.state else None,
    )
    write_json(arguments.output_plan, plan, "plan")
    write_json(arguments.output_state, state, "state")


if __name__ == "__main__":
    run(main)
