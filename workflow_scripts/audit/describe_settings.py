"""Write what the models of all settings say: JSON Schemas for editors, and docs/configuration.md."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workflow_scripts.control.declared_controllers import own_settings
from workflow_scripts.control.registry import controller_names
from workflow_scripts.core.cli import run
from workflow_scripts.core.configuration_models import Configuration
from workflow_scripts.core.files import atomic_path
from workflow_scripts.core.testbed_models import Testbed

Schema = dict[str, Any]
Row = tuple[str, str, str]  # key, values, meaning

PAGE = """\
# Settings

`make schema` writes this page, and the schemas that editors read, from the models in
`workflow_scripts/core/*_models.py` and the controllers' own. Numbers in parentheses are sections and appendices of
the paper. `*` stands for any name; an optional key may be left out. Nothing is coerced: `20.0` is no whole number,
and YAML reads `1e-3` as text (write `1.0e-3`). An unknown key is an error that names the nearest valid one, a key
that stands twice one that names its line.
"""
INTRODUCTIONS = {
    "config.yaml": "What users edit. `--config` and `--configfile` of Snakemake hold in its place.",
    "testbeds/*.yaml": (
        "A file with `like: NAME` takes what it does not say from that testbed: whole sections, and single keys of\n"
        "those that it has; its models are its own."
    ),
    "Controllers": "What `controllers.*.settings` holds, by module; each is also told the chain's base strategy.",
}


def documents() -> dict[str, str]:
    """Each generated file's text by its path from the project's folder."""
    config, bed = _closed(Configuration.model_json_schema()), _closed(Testbed.model_json_schema())
    controllers = {name: _closed(own_settings(name).model_json_schema()) for name in controller_names()}
    tables = {
        "config.yaml": _rows(config, config, ""),
        "testbeds/*.yaml": _rows(bed, bed, ""),
        "Controllers": [row for name, own in controllers.items() for row in _rows(own, own, f"{name}.")],
    }
    page = [PAGE, *(f"## {name}\n\n{INTRODUCTIONS[name]}\n\n{_table(rows)}\n" for name, rows in tables.items())]
    return {
        "schemas/config.schema.json": _text(_with_controllers(config, controllers)),
        "schemas/testbed.schema.json": _text(_in_part(bed)),
        "docs/configuration.md": "\n".join(page),
    }


def _closed(node: Any) -> Any:
    """A schema without titles and defaults, which say nothing, and with no other names than its patterns'."""
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    own = {
        key: {name: _closed(inner) for name, inner in value.items()} if key == "properties" else _closed(value)
        for key, value in node.items()
        if key not in ("title", "default")
    }
    return own | {"additionalProperties": False} if "patternProperties" in own else own


def _with_controllers(config: Schema, controllers: dict[str, Schema]) -> Schema:
    """The configuration's schema with each module's settings in the place of any."""
    definition = config["$defs"]["Controller"]
    forms = [
        {"properties": {"module": {"const": name}, "settings": {**own, "required": own.get("required", [])}}}
        for name, own in controllers.items()
    ]
    return {**config, "$defs": {**config["$defs"], "Controller": {**definition, "oneOf": forms}}}


def _in_part(bed: Schema) -> Schema:
    """The schema of a file that may be like another testbed: which keys are missing an editor cannot tell."""
    like = {"type": "string", "description": "the testbed in full that gives what this file does not say"}
    parts = {name: own | {"required": []} for name, own in bed["$defs"].items() if name in ("Training", "Resources")}
    return {
        **bed,
        "required": [],
        "properties": {"like": like, **bed["properties"]},
        "$defs": {**bed["$defs"], **parts},
    }


def _text(schema: Schema) -> str:
    """One line for each definition and key: short enough to be kept, long enough to be compared."""
    lines = json.dumps({**schema, "$defs": 0, "properties": 0}, indent=1).splitlines()
    for name in ("$defs", "properties"):
        inner = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in schema[name].items())
        lines = [line.replace(f'"{name}": 0', f'"{name}": {{\n{inner}\n }}') for line in lines]
    return "\n".join(lines) + "\n"


def _rows(node: Schema, root: Schema, place: str, shown: set[str] | None = None) -> Iterator[Row]:
    """The settings of a section; a kind of section that was shown is not shown again, and describes its own key."""
    shown = set() if shown is None else shown
    for key, inner in node.get("properties", {}).items():
        optional = "" if key in node.get("required", []) else " (optional)"
        if "description" in inner:
            yield f"`{place}{key}`{optional}", _values(inner), inner["description"]
        yield from _below(inner, root, f"{place}{key}", shown)


def _below(node: Schema, root: Schema, place: str, shown: set[str]) -> Iterator[Row]:
    for inner in (*node.get("patternProperties", {}).values(), node.get("additionalProperties")):
        if isinstance(inner, dict):
            yield from _below(inner, root, f"{place}.*", shown)
    for form in (*node.get("oneOf", []), *node.get("anyOf", [])):
        yield from _below(form, root, place, shown)
    name = node.get("$ref", "").rpartition("/")[2]
    if name and name not in shown:
        shown.add(name)
        section = root["$defs"][name]
        yield f"`{place}`", "mapping", section["description"]
        yield from _rows(section, root, f"{place}.", shown)


def _values(node: Schema) -> str:
    """What a setting may be, in words."""
    if "enum" in node:
        return " or ".join(f"`{value}`" for value in node["enum"])
    if "anyOf" in node:
        return " or ".join(_values(form) for form in node["anyOf"])
    if node.get("type") == "array":
        items = node.get("items") or node["prefixItems"][0]
        count = f"{node['minItems']} of " if node.get("minItems") == node.get("maxItems") and "minItems" in node else ""
        return f"list: {count}{_values(items)}"
    words = {"integer": "whole number", "string": "text", "boolean": "`true` or `false`", "null": "`null`"}
    kind = node.get("type", "object")
    signs = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}
    limits = ", ".join(f"{sign} {node[limit]}" for limit, sign in signs.items() if limit in node)
    return " ".join(filter(None, (words.get(kind, "mapping" if kind == "object" else kind), limits)))


def _table(rows: Any) -> str:
    return "\n".join(["| Key | Value | Meaning |", "|---|---|---|", *("| " + " | ".join(row) + " |" for row in rows)])


def main() -> None:
    for path, text in documents().items():
        with atomic_path(Path(path)) as partial:
            partial.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run(main)
