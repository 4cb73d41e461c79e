"""config.yaml: validated against its schema and within itself; every error names the key and the nearest valid one."""

import difflib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from workflow_scripts.core.errors import UserError

SCHEMA = Path(__file__).parent / "schemas" / "config.schema.json"


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint at the valid name that comes closest to ``name``."""
    known = sorted(map(str, known))
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else f"valid: {', '.join(known)}"


def _unknown_keys(error: ValidationError) -> Iterator[str]:
    patterns = error.schema.get("patternProperties", {})
    for key in error.instance:
        if key not in error.schema.get("properties", {}):
            if error.schema.get("properties"):
                yield f"{key}: unknown key; {nearest(key, error.schema['properties'])}"
            else:
                yield f"{key}: not a valid name (pattern: {', '.join(patterns)})"


def _message(error: ValidationError) -> str:
    place = ".".join(str(part) for part in error.absolute_path)
    prefix = f"{place}." if place else ""
    if error.validator == "additionalProperties":
        return prefix + next(_unknown_keys(error))
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        return f"{prefix}{missing[0]}: is missing"
    if error.validator == "type":
        return f"{place}: {error.instance!r} is a {type(error.instance).__name__}, expected {error.validator_value}"
    return f"{place}: {error.message}"


def _check_references(config: dict[str, Any], source: str) -> None:
    """Names that refer to other parts of the configuration."""
    testbed = config["testbed"]
    if testbed not in config["testbeds"]:
        raise UserError(f"{source}: testbed: {testbed!r} is not declared; {nearest(testbed, config['testbeds'])}")
    models = config["testbeds"][testbed]["models"]
    for name, wave in config["waves"].items():
        if wave["model"] not in models:
            raise UserError(
                f"{source}: waves.{name}.model: testbed {testbed!r} has no model {wave['model']!r}; "
                f"{nearest(wave['model'], models)}"
            )
        for controller in wave["controllers"]:
            if controller not in config["controllers"]:
                raise UserError(
                    f"{source}: waves.{name}.controllers: {controller!r} is not declared; "
                    f"{nearest(controller, config['controllers'])}"
                )


def validate_configuration(config: dict[str, Any], source: str = "config.yaml") -> None:
    """Hold the configuration against its schema and its own references; raises ``UserError`` for the first mistake."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    # The shallowest mistake first: an unknown key at the top explains what is missing below it.
    errors = sorted(Draft202012Validator(schema).iter_errors(config), key=lambda error: len(error.absolute_path))
    unknown = [error for error in errors if error.validator == "additionalProperties"]
    for error in [*unknown, *errors]:
        raise UserError(f"{source}: {_message(error)}")
    _check_references(config, source)


def wave(config: dict[str, Any], name: str) -> dict[str, Any]:
    """The declaration of a wave; an unknown one is a ``UserError``."""
    if name not in config["waves"]:
        raise UserError(f"wave {name!r} is not declared in config.yaml; {nearest(name, config['waves'])}")
    return config["waves"][name]


def chain_name(wave: dict[str, Any]) -> str:
    """What defines a chain: model, update rule, domain, steps and, if there is one, the KL schedule."""
    parts = [wave["model"], wave["update_rule"], wave["domain"], str(wave["steps"])]
    return "-".join([*parts, wave["kl_schedule"]] if wave["kl_schedule"] != "none" else parts)
