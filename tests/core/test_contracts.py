"""Each type of ``core/contracts`` has the keys of its JSON Schema, required and optional ones, at every depth."""

import json
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict

import pytest

from workflow_scripts.core import schemas
from workflow_scripts.core.contracts import (
    campaigns,
    coverage,
    evaluated,
    exchanges,
    experiments,
    measurements,
    problems,
    reference,
    simulations,
    states,
    statistics,
)
from workflow_scripts.core.testbed_models import TrainingInWave

CONTRACTS = {
    "capabilities": states.MeasuredCheckpoint,
    "carried": experiments.Carried,
    "capability_vectors": evaluated.CapabilityVectors,
    "chat": exchanges.Chat,
    "collapse_process": simulations.FittedProcess,
    "coverage": coverage.SimulatedCoverage,
    "corpus_row": problems.CorpusRow,
    "evaluations": evaluated.Evaluations,
    "grades": evaluated.Grades,
    "ladder": experiments.Ladder,
    "measurement": measurements.Measurement,
    "plan": campaigns.Plan,
    "published_audit": experiments.Audit,
    "problem": problems.Problem,
    "reference_manifest": reference.Manifest,
    "regraded": measurements.Regraded,
    "simulation": simulations.Simulation,
    "state": states.State,
    "statistics": statistics.Statistics,
    "timing_summary": statistics.TimingSummary,
    "trace": campaigns.Trace,
    "wave_aggregate": statistics.Manifest,
    "wave_declarations": dict[str, statistics.Wave],
}
# One module alone writes and reads the one; the other becomes dataclasses at once.
UNTYPED = {"model_source", "published"}

NAMES = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


def test_a_waves_own_training_settings_are_those_that_config_yaml_takes() -> None:
    assert statistics.OwnTraining.__annotations__.keys() == TrainingInWave.model_fields.keys()


class Disagreements:
    """What a type and a schema say differently, each with its place."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self.root = schema

    def between(self, hint: Any, schema: dict[str, Any], place: str = "") -> Iterator[str]:
        nodes, hints = list(self._flat(schema)), list(flat(hint))
        if Any in hints:
            return
        told, asked = {*map(kind, hints)} - {None}, {name for node in nodes for name in kinds(node)}
        if told != asked:
            yield f"{place}: {sorted(told)} in the type, {sorted(asked)} in the schema"
        literals = {value for one in hints if typing.get_origin(one) is Literal for value in typing.get_args(one)}
        values = {value for node in nodes for value in values_of(node) if NAMES[type(value)] != "null"}
        if literals and literals != values:
            yield f"{place}: {sorted(literals)} in the type, {sorted(values)} in the schema"
        if items := [typing.get_args(one)[0] for one in hints if typing.get_origin(one) is list]:
            yield from self.between(items[0], {"oneOf": [node.get("items", {}) for node in nodes]}, f"{place}[]")
        objects = [node for node in nodes if "object" in kinds(node)]
        of_keys = [one for one in hints if typing.is_typeddict(one)]
        for one in of_keys:
            own = objects
            if len(of_keys) > 1:
                own = [node for node in objects if node["properties"].keys() == {*typing.get_type_hints(one)}]
            yield from self._keys(one, own, place)
        for one in hints:
            if typing.get_origin(one) is dict:
                inner = [value for node in objects for value in inner_of(node)]
                yield from self.between(typing.get_args(one)[1], {"oneOf": inner}, f"{place}.*")

    def _keys(self, typed: Any, objects: list[dict[str, Any]], place: str) -> Iterator[str]:
        if not objects:
            yield f"{place}: no object of the schema has the keys of {typed.__name__}"
            return
        required = set.intersection(*({*node.get("required", ())} for node in objects))
        properties = {key for node in objects for key in node["properties"]}
        for what, told, asked in (
            ("required", typed.__required_keys__, required),
            ("optional", typed.__optional_keys__, properties - required),
        ):
            if told != asked:
                yield f"{place}: {what} keys: {sorted(told ^ asked)} are not in both"
        for key, hint in typing.get_type_hints(typed).items():
            if inner := [node["properties"][key] for node in objects if key in node["properties"]]:
                yield from self.between(hint, {"oneOf": inner}, f"{place}.{key}".lstrip("."))

    def _flat(self, node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The node, or what it refers to or leaves to choose from."""
        if "$ref" in node:
            yield from self._flat(self.root["$defs"][node["$ref"].removeprefix("#/$defs/")])
        elif "oneOf" in node:
            for inner in node["oneOf"]:
                yield from self._flat(inner)
        else:
            yield node


def flat(hint: Any) -> Iterator[Any]:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        for inner in typing.get_args(hint):
            yield from flat(inner)
    else:
        yield hint


def kind(hint: Any) -> str | None:
    """The JSON type of a type."""
    origin = typing.get_origin(hint)
    if origin is Literal:
        return NAMES[type(typing.get_args(hint)[0])]
    if origin is list:
        return "array"
    return NAMES.get(hint, "object")


def kinds(node: dict[str, Any]) -> set[str]:
    """The JSON types of a schema."""
    if values := values_of(node):
        return {NAMES[type(value)] for value in values}
    named = node.get("type", "object" if "properties" in node else [])
    return {named} if isinstance(named, str) else {*named}


def values_of(node: dict[str, Any]) -> list[Any]:
    return [node["const"]] if "const" in node else node.get("enum", [])


def inner_of(node: dict[str, Any]) -> list[dict[str, Any]]:
    """The schemas of the values of a map from names."""
    found = [*node.get("properties", {}).values(), *node.get("patternProperties", {}).values()]
    return [*found, node["additionalProperties"]] if isinstance(node.get("additionalProperties"), dict) else found


def disagreements(hint: Any, schema: dict[str, Any]) -> list[str]:
    return list(Disagreements(schema).between(hint, schema))


def read_schema(name: str) -> dict[str, Any]:
    return json.loads(Path(schemas.__file__).with_name(f"{name}.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_type_and_its_schema_have_the_same_keys(name: str) -> None:
    assert disagreements(CONTRACTS[name], read_schema(name)) == []


def test_every_schema_has_a_type_or_needs_none() -> None:
    names = {path.name.removesuffix(".schema.json") for path in Path(schemas.__file__).parent.glob("*.schema.json")}
    assert names == CONTRACTS.keys() | UNTYPED


class Inner(TypedDict):
    kind: Literal["a"]
    size: NotRequired[float | None]


class Outer(TypedDict):
    inner: list[Inner]


@pytest.mark.parametrize(
    ("properties", "required", "found"),
    [
        ({"kind": {"const": "a"}, "size": {"type": ["number", "null"]}}, ["kind"], []),
        ({"kind": {"const": "a"}}, ["kind"], ["inner[]: optional keys: ['size'] are not in both"]),
        (
            {"kind": {"const": "a"}, "size": {"type": ["number", "null"]}},
            ["kind", "size"],
            ["inner[]: required keys: ['size'] are not in both", "inner[]: optional keys: ['size'] are not in both"],
        ),
        (
            {"kind": {"enum": ["a", "b"]}, "size": {"type": "number"}},
            ["kind"],
            [
                "inner[].kind: ['a'] in the type, ['a', 'b'] in the schema",
                "inner[].size: ['null', 'number'] in the type, ['number'] in the schema",
            ],
        ),
    ],
    ids=["the same", "a key more", "a key less sure", "other values"],
)
def test_what_differs_is_named_with_its_place(
    properties: dict[str, Any], required: list[str], found: list[str]
) -> None:
    inner = {"type": "object", "required": required, "properties": properties}
    schema = {"type": "object", "required": ["inner"], "properties": {"inner": {"type": "array", "items": inner}}}
    assert disagreements(Outer, schema) == found
