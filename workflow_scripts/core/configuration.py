"""config.yaml: validated against its schema and within itself; every error names the key and the nearest valid one."""

import difflib
import json
import math
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.validators import extend

from workflow_scripts.core.domains import FIRST
from workflow_scripts.core.errors import UserError

SCHEMA = Path(__file__).parent / "schemas" / "config.schema.json"


# YAML writes .nan, .inf and 20.0; JSON Schema would take the first two for numbers and the last for an integer.
_StrictValidator = extend(
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int).redefine(
        "number", lambda _, value: type(value) in (int, float) and math.isfinite(value)
    ),
)


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint at the valid name that comes closest to ``name``."""
    known = sorted(map(str, known))
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else f"valid: {', '.join(known)}"


def _unknown_keys(instance: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for key in instance:
        if key not in known and not any(re.search(pattern, key) for pattern in patterns):
            if known:
                yield f"{key}: unknown key; {nearest(key, known)}"
            else:
                yield f"{key}: not a valid name (pattern: {', '.join(patterns)})"


def _message(error: Any) -> str:
    """One line on a jsonschema error, whose own types are too wide to be of use here."""
    place = ".".join(str(part) for part in error.absolute_path)
    prefix = f"{place}." if place else ""
    if error.validator == "additionalProperties":
        return prefix + next(_unknown_keys(error.instance, error.schema))
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        return f"{prefix}{missing[0]}: is missing"
    if error.validator == "type":
        expected = error.validator_value
        expected = expected if isinstance(expected, str) else " or ".join(expected)
        kind = type(error.instance).__name__
        return f"{place or '(top level)'}: {error.instance!r} is a {kind}, expected {expected}"
    return f"{place}: {error.message}"


def _check_keys(value: Any, source: str, place: str = "") -> None:
    """YAML reads an unquoted 7, on or yes as a key that is no string; no such key is valid here."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise UserError(f"{source}: {place}{key!r}: keys are strings; write it in quotes")
            _check_keys(inner, source, f"{place}{key}.")


def _check_references(config: dict[str, Any], source: str) -> None:
    """Names that refer to other parts of the configuration."""
    testbed = config["testbed"]
    if testbed not in config["testbeds"]:
        raise UserError(f"{source}: testbed: {testbed!r} is not declared; {nearest(testbed, config['testbeds'])}")
    bed = config["testbeds"][testbed]
    models = bed["models"]
    for role, model in models.items():
        if "revision" not in model:
            _check_tiny_model(bed, f"{source}: testbeds.{testbed}", role)
    _check_sources(bed["problems"]["splits"], bed, f"{source}: testbeds.{testbed}.problems.splits")
    for domain, own in bed.get("domains", {}).items():
        _check_sources(own.get("splits", {}), bed, f"{source}: testbeds.{testbed}.domains.{domain}.splits")
        for role in own.get("models", {}):
            if role not in models:
                raise UserError(
                    f"{source}: testbeds.{testbed}.domains.{domain}.models: {role!r} is not declared; "
                    f"{nearest(role, models)}"
                )
    for name, wave in config["waves"].items():
        domains = (FIRST, *bed.get("domains", {}))
        if wave["domain"] not in domains:
            raise UserError(
                f"{source}: waves.{name}.domain: testbed {testbed!r} has no domain {wave['domain']!r}; "
                f"{nearest(wave['domain'], domains)}"
            )
        if "start" in wave:
            _check_start(config, name, source)
        if wave["model"] not in models:
            raise UserError(
                f"{source}: waves.{name}.model: testbed {testbed!r} has no model {wave['model']!r}; "
                f"{nearest(wave['model'], models)}"
            )
        if wave["update_rule"] not in config["update_rules"]:
            raise UserError(
                f"{source}: waves.{name}.update_rule: {wave['update_rule']!r} is not declared; "
                f"{nearest(wave['update_rule'], config['update_rules'])}"
            )
        if wave["kl_schedule"] not in config["kl_schedules"]:
            raise UserError(
                f"{source}: waves.{name}.kl_schedule: {wave['kl_schedule']!r} is not declared; "
                f"{nearest(wave['kl_schedule'], config['kl_schedules'])}"
            )
        for controller in wave["controllers"]:
            if controller not in config["controllers"]:
                raise UserError(
                    f"{source}: waves.{name}.controllers: {controller!r} is not declared; "
                    f"{nearest(controller, config['controllers'])}"
                )
    _check_evaluations(config, source)


def _check_evaluations(config: dict[str, Any], source: str) -> None:
    """The waves, controllers and models whose evaluation is asked for; a testbed need not have every model."""
    place, asked = f"{source}: evaluations", config["evaluations"]
    for name, controllers in asked["waves"].items():
        if name not in config["waves"]:
            raise UserError(f"{place}.waves: {name!r} is not declared; {nearest(name, config['waves'])}")
        known = config["waves"][name]["controllers"]
        for controller in controllers:
            if controller not in known:
                raise UserError(
                    f"{place}.waves.{name}: {controller!r} is not in this wave; {nearest(controller, known)}"
                )
    roles = {role for bed in config["testbeds"].values() for role in bed["models"]}
    for role in asked["models"]:
        if role not in roles:
            raise UserError(f"{place}.models: {role!r} is a model of no testbed; {nearest(role, roles)}")


def _check_sources(splits: dict[str, Any], bed: dict[str, Any], place: str) -> None:
    """Sources of published problems that splits name."""
    known = bed["problems"].get("sources", {})
    for split, declared in splits.items():
        for key in ("sources", "exclude", "unrated"):
            for name in declared.get(key, []):
                if name not in known:
                    raise UserError(f"{place}.{split}.{key}: {name!r} is not declared; {nearest(name, known)}")


def _check_start(config: dict[str, Any], name: str, source: str) -> None:
    """A wave that goes on from another one: of the same kind, with these seeds, from a step that it reaches."""
    place, declared = f"{source}: waves.{name}.start", config["waves"][name]
    known = {other: wave for other, wave in config["waves"].items() if "start" not in wave}
    origin, step = declared["start"]["wave"], declared["start"]["step"]
    if origin not in known:
        raise UserError(f"{place}.wave: {origin!r} is no wave that starts from a base model; {nearest(origin, known)}")
    for key in ("model", "domain"):
        if known[origin][key] != declared[key]:
            raise UserError(f"{place}.wave: {key} of {origin} is {known[origin][key]!r}, here {declared[key]!r}")
    if step > known[origin]["steps"]:
        raise UserError(f"{place}.step: {step} is behind the end of {origin}, which has {known[origin]['steps']} steps")
    if missing := sorted(set(seeds_of(config, name)) - set(seeds_of(config, origin))):
        raise UserError(f"{place}.wave: {origin} has no seed {missing[0]}")


def _check_tiny_model(testbed: dict[str, Any], place: str, role: str) -> None:
    """What a model that is pre-trained here needs beside its own shape."""
    if "pretraining" not in testbed:
        raise UserError(f"{place}.pretraining: is missing, and model {role!r}, which has no revision, is pre-trained")
    if "corpus" not in testbed["problems"]:
        raise UserError(
            f"{place}.problems.corpus: is missing, and model {role!r}, which has no revision, learns from it"
        )


def validate_configuration(config: dict[str, Any], source: str = "config.yaml") -> None:
    """Hold the configuration against its schema and its own references; raises ``UserError`` for the first mistake."""
    _check_keys(config, source)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    # The shallowest mistake first: an unknown key at the top explains what is missing below it.
    errors = sorted(_StrictValidator(schema).iter_errors(config), key=lambda error: len(error.absolute_path))
    unknown = [error for error in errors if error.validator == "additionalProperties"]
    for error in [*unknown, *errors]:
        raise UserError(f"{source}: {_message(error)}")
    _check_references(config, source)


def wave(config: dict[str, Any], name: str) -> dict[str, Any]:
    """The declaration of a wave; an unknown one is a ``UserError``."""
    if name not in config["waves"]:
        raise UserError(f"wave {name!r} is not declared in config.yaml; {nearest(name, config['waves'])}")
    return config["waves"][name]


def seeds_of(config: dict[str, Any], name: str) -> list[int]:
    """The seeds of a wave: its own, or all."""
    seeds: list[int] = config["waves"][name].get("seeds", config["seeds"])
    return seeds


def chain_name(config: dict[str, Any], wave: dict[str, Any]) -> str:
    """What defines a chain: model, update rule, domain, steps and, if there are any, KL schedule and start."""
    parts = [wave["model"], wave["update_rule"], wave["domain"], str(wave["steps"])]
    if wave["kl_schedule"] != "none":
        parts.append(wave["kl_schedule"])
    if "start" in wave:
        origin = config["waves"][wave["start"]["wave"]]
        parts.append(f"from{origin['steps']}at{wave['start']['step']}")
    return "-".join(parts)
