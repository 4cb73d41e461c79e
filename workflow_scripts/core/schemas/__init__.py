"""The JSON Schemas of the contracts and their validation."""

import functools
import json
from pathlib import Path
from typing import Any

from workflow_scripts.core.errors import UserError


@functools.cache
def _validator(name: str) -> Any:
    from jsonschema import Draft202012Validator  # 0.08 s, paid only where something is validated

    schema = json.loads((Path(__file__).parent / f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def validate(value: Any, name: str, source: str) -> None:
    """Hold ``value`` against ``{name}.schema.json``; a ``UserError`` names the source, the key and the value."""
    for error in _validator(name).iter_errors(value):
        place = ".".join(str(part) for part in error.absolute_path) or "(top level)"
        message = error.message if len(error.message) < 300 else error.message[:300] + " ..."
        raise UserError(f"{source}: {place}: {message} (schema: {name})")
