"""No schema leaves an object open: a misspelt key is refused wherever it stands."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from workflow_scripts.core import schemas
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.schemas import validate

FILES = sorted(Path(schemas.__file__).parent.glob("*.schema.json"))
# Where the keys are names of things and not of fields, only the values can be checked.
MAPS = {
    ("plan", "reason.numbers"),
    ("trace", "plan.reason.numbers"),
    ("trace", "steps[].verdicts"),
    ("trace", "inputs"),
    ("trace", "outputs"),
    ("trace", "versions"),
    ("trace", "isolation"),
    ("grades", "isolation"),
    ("coverage", "populations"),
    ("statistics", "controllers"),
    ("statistics", "paired"),
    ("statistics", "campaign_metrics"),
    ("statistics", "carryover"),
    ("statistics", "inputs"),
    ("ladder", "condition.metrics"),
    ("ladder", "condition.curves"),
    ("ladder", "inputs"),
    ("carried", "controllers"),
    ("carried", "inputs"),
    ("reference_manifest", "machines[]"),
    ("reference_manifest", "built"),
    ("measurement", "grader.gaps"),
    ("measurement", "peaks.controllers"),
    ("measurement", "stationarity.reward"),
    ("measurement", "stationarity.ease"),
    ("measurement", "gaps"),
    ("measurement", "gaps.*"),
    ("measurement", "inputs"),
    ("regraded", "pass_rates"),
    ("regraded", "isolation"),
    ("regraded", "inputs"),
    ("published_audit", "counts"),
    ("published_audit", "inputs"),
    ("published", "columns"),
    ("published", "rows[].cells"),
    ("timing_summary", "inputs"),
    ("timing_summary", "waves"),
    ("timing_summary", "waves.*.controllers"),
    ("wave_declarations", ""),
}


def name_of(path: Path) -> str:
    return path.name.removesuffix(".schema.json")


def objects(node: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every subschema that may hold an object, with the place that it describes."""
    if node.get("type") == "object" or "properties" in node or "patternProperties" in node:
        yield place, node
    for kind in ("properties", "patternProperties", "$defs"):
        for key, inner in node.get(kind, {}).items():
            yield from objects(inner, f"{place}.{key}".lstrip("."))
    if isinstance(node.get("additionalProperties"), dict):
        yield from objects(node["additionalProperties"], f"{place}.*")
    if isinstance(node.get("items"), dict):
        yield from objects(node["items"], f"{place}[]")
    for kind in ("oneOf", "anyOf", "allOf", "prefixItems"):
        for inner in node.get(kind, []):
            yield from objects(inner, place)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_object_is_closed(path: Path) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    found = list(objects(schema))
    assert found[0][0] == ""
    for place, node in found:
        rest = node.get("additionalProperties")
        if (name_of(path), place) in MAPS:
            assert rest.get("type"), f"{place}: the map's values are not typed"
        else:
            assert rest is False, f"{place}: an open object; close it, or list it among the maps"


def test_every_documented_map_exists() -> None:
    places = {
        (name_of(path), place)
        for path in FILES
        for place, node in objects(json.loads(path.read_text(encoding="utf-8")))
        if isinstance(node.get("additionalProperties"), dict)
    }
    assert places == MAPS


def test_an_error_is_one_line_that_names_file_key_and_value() -> None:
    state = {"schema_version": 1, "controller": "A3", "campaign": "one", "memory": []}
    with pytest.raises(UserError) as caught:
        validate(state, "state", source="c02/state.json")
    message = str(caught.value)
    assert message == "c02/state.json: campaign: 'one' is not of type 'integer' (schema: state)"


def test_a_long_value_is_cut() -> None:
    state = {"schema_version": 1, "controller": "A3", "campaign": 1, "memory": "x" * 5000}
    with pytest.raises(UserError, match=r"state\.json: memory: 'xxx.*x \.\.\. \(schema: state\)$") as caught:
        validate(state, "state", source="state.json")
    assert len(str(caught.value)) < 400
