"""config.yaml and testbeds/*.yaml: read and validated; every error names the key and the nearest valid one."""

import copy
from collections.abc import Collection, Iterator
from itertools import product
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from workflow_scripts.core.configuration_models import Configuration, Wave
from workflow_scripts.core.domains import FIRST
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.nearest import nearest
from workflow_scripts.core.sections import explain
from workflow_scripts.core.testbed_models import Testbed
from workflow_scripts.core.yaml_files import read_yaml

FOLDER = Path("testbeds")
Mistake = tuple[str, str]  # place and words


def read_testbeds(folder: Path = FOLDER) -> dict[str, Any]:
    """Every testbed of the folder by its name, valid, as the plain mapping that its file holds."""
    files = {path.stem: read_yaml(path) for path in sorted(folder.glob("*.yaml"))}
    beds = {}
    for name, bed in files.items():
        source = f"{folder / name}.yaml"
        _check_keys(bed, source)
        beds[name] = _completed(bed, files, source) if isinstance(bed, dict) and "like" in bed else bed
        try:
            Testbed.model_validate(beds[name])
        except ValidationError as error:
            raise explain(error, source) from None
    return beds


def _completed(bed: dict[str, Any], files: dict[str, Any], source: str) -> dict[str, Any]:
    """A testbed with what it does not say itself from the one that it is ``like``; its models are its own."""
    own = dict(bed)
    origin = str(own.pop("like"))
    if not isinstance(files.get(origin), dict) or "like" in files[origin]:
        raise UserError(f"{source}: like: {origin!r} is no testbed in full; {nearest(origin, files)}")
    full = copy.deepcopy(files[origin])
    for section, value in own.items():
        merge = section != "models" and isinstance(value, dict) and isinstance(full.get(section), dict)
        full[section] = {**full[section], **value} if merge else value
    return full


def add_testbeds(config: dict[str, Any], folder: Path = FOLDER) -> None:
    """Put the folder's testbeds into the configuration; what it says of them itself holds in their place."""
    if isinstance(own := config.get("testbeds", {}), dict):
        config["testbeds"] = _updated(read_testbeds(folder), own)


def multiply_out(config: dict[str, Any]) -> None:
    """Put in place of each wave with ``over`` one wave per combination of its values, which name their family.

    ``W9`` over update rules and rates becomes ``W9-grpo-0.001`` and so on; a key of ``over`` that a wave has not is one
    of its training settings. What is not of that form stays, for validation to refuse.
    """
    waves = config.get("waves")
    if not isinstance(waves, dict):
        return
    config["waves"] = {}
    for name, own in waves.items():
        over = own.get("over") if isinstance(own, dict) else None
        if not isinstance(over, dict) or not all(isinstance(values, list) for values in over.values()):
            config["waves"][name] = own
            continue
        for values in product(*over.values()):
            chosen = dict(zip(over, values, strict=True))
            settings = {key: value for key, value in chosen.items() if key not in Wave.model_fields}
            single = {"family": name, **own, **{key: chosen[key] for key in chosen if key not in settings}}
            del single["over"]
            if settings:
                single["training"] = {**own.get("training", {}), **settings}
            single["about"] = f"{own.get('about')}: {', '.join(f'{key} {value}' for key, value in chosen.items())}"
            config["waves"]["-".join([name, *map(str, values)])] = single


def _updated(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    both = {key: _updated(base[key], value) for key, value in changes.items() if _mappings(base.get(key), value)}
    return {**base, **changes, **both}


def _mappings(*values: Any) -> bool:
    return all(isinstance(value, dict) for value in values)


def read_configuration(path: Path | str = "config.yaml") -> dict[str, Any]:
    """A configuration with the testbeds in the folder beside it, valid, as plain mappings."""
    config = read_yaml(path)
    if isinstance(config, dict):
        add_testbeds(config, Path(path).parent / FOLDER)
        multiply_out(config)
    validate_configuration(config, str(path))
    return config


def validate_configuration(config: Any, source: str = "config.yaml") -> None:
    """Hold the configuration against its model and its own references; raises ``UserError`` for the first mistake."""
    _check_keys(config, source)
    try:
        configuration = Configuration.model_validate(config)
    except ValidationError as error:
        raise explain(error, source) from None
    for place, words in _mistaken_references(configuration):
        raise UserError(f"{source}: {place}: {words}")


def _check_keys(value: Any, source: str, place: str = "") -> None:
    """YAML reads an unquoted 7, on or yes as a key that is no string; no such key is valid here."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise UserError(f"{source}: {place}{key!r}: keys are strings; write it in quotes")
            _check_keys(inner, source, f"{place}{key}.")


def _mistaken_references(configuration: Configuration) -> Iterator[Mistake]:
    """Names that refer to other parts of the configuration and find nothing there: place and mistake."""

    def unknown(place: str, name: str, known: Collection[str], what: str = "is not declared") -> Iterator[Mistake]:
        if name not in known:
            yield place, f"{name!r} {what}; {nearest(name, known)}"

    yield from unknown("testbed", configuration.testbed, configuration.testbeds)
    bed = configuration.testbeds[configuration.testbed]
    for rule in bed.by_update_rule or {}:
        yield from unknown(f"testbeds.{configuration.testbed}.by_update_rule", rule, configuration.update_rules)
    for name, wave in configuration.waves.items():
        place, no = f"waves.{name}", f"testbed {configuration.testbed!r} has no"
        domains = (FIRST, *(bed.domains or {}))
        if wave.domain not in domains:
            yield f"{place}.domain", f"{no} domain {wave.domain!r}; {nearest(wave.domain, domains)}"
        if wave.start:
            yield from _mistaken_start(configuration, name, wave)
        if wave.model not in bed.models:
            yield f"{place}.model", f"{no} model {wave.model!r}; {nearest(wave.model, bed.models)}"
        yield from unknown(f"{place}.update_rule", wave.update_rule, configuration.update_rules)
        yield from unknown(f"{place}.kl_schedule", wave.kl_schedule, configuration.kl_schedules)
        for controller in wave.controllers:
            yield from unknown(f"{place}.controllers", controller, configuration.controllers)
    for name, controllers in configuration.evaluations.waves.items():
        yield from unknown("evaluations.waves", name, configuration.waves)
        for controller in controllers:
            yield from unknown(
                f"evaluations.waves.{name}", controller, configuration.waves[name].controllers, "is not in this wave"
            )
    roles = {role for testbed in configuration.testbeds.values() for role in testbed.models}
    for role in configuration.evaluations.models:
        yield from unknown("evaluations.models", role, roles, "is a model of no testbed")


def _mistaken_start(configuration: Configuration, name: str, wave: Wave) -> Iterator[Mistake]:
    """A wave that goes on from another one: of the same kind, with these seeds, from a step that it reaches."""
    place, start = f"waves.{name}.start", wave.start
    known = {other: declared for other, declared in configuration.waves.items() if not declared.start}
    if start.wave not in known:
        yield f"{place}.wave", f"{start.wave!r} is no wave that starts from a base model; {nearest(start.wave, known)}"
        return
    origin = known[start.wave]
    for key in ("model", "domain"):
        if (theirs := getattr(origin, key)) != (ours := getattr(wave, key)):
            yield f"{place}.wave", f"{key} of {start.wave} is {theirs!r}, here {ours!r}"
    if start.step > origin.steps:
        yield f"{place}.step", f"{start.step} is behind the end of {start.wave}, which has {origin.steps} steps"
    if missing := sorted(set(wave.seeds or configuration.seeds) - set(origin.seeds or configuration.seeds)):
        yield f"{place}.wave", f"{start.wave} has no seed {missing[0]}"


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
    """What defines a chain: model, update rule, domain, steps and, if any, KL schedule, start and training settings."""
    parts = [wave["model"], wave["update_rule"], wave["domain"], str(wave["steps"])]
    if wave["kl_schedule"] != "none":
        parts.append(wave["kl_schedule"])
    if "start" in wave:
        origin = config["waves"][wave["start"]["wave"]]
        parts.append(f"from{origin['steps']}at{wave['start']['step']}")
    parts += [f"{key}{value}" for key, value in sorted(wave.get("training", {}).items())]
    return "-".join(parts)
