"""What is generated from the models of settings is what they say, and says something of every setting."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from workflow_scripts.audit.describe_settings import documents

ROOT = Path(__file__).parents[2]
DOCUMENTS = documents()
CONFIGURATIONS = ["config.yaml", *(f"testbeds/{path.name}" for path in (ROOT / "testbeds").glob("*.yaml"))]


@pytest.mark.parametrize("path", DOCUMENTS)
def test_the_files_are_as_the_models_say(path: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == DOCUMENTS[path], "run: make schema"


def schema_of(configuration: str) -> tuple[dict[str, Any], Draft202012Validator]:
    """What the file says, and the validator of the schema that its first line names."""
    path = ROOT / configuration
    text = path.read_text(encoding="utf-8")
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert named
    schema = json.loads((path.parent / named[1]).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return yaml.safe_load(text), Draft202012Validator(schema)


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_an_editor_takes_the_files_and_finds_a_mistake(configuration: str) -> None:
    content, validator = schema_of(configuration)
    assert list(validator.iter_errors(content)) == []
    section = next(key for key in content if isinstance(content[key], dict))
    assert list(validator.iter_errors({**content, "sedes": [7]}))
    assert list(validator.iter_errors({**content, section: 7}))


def test_an_editor_knows_the_settings_of_each_controller() -> None:
    content, validator = schema_of("config.yaml")
    content["controllers"]["A3"]["settings"]["pilot_step"] = 10
    assert list(validator.iter_errors(content))


def test_every_setting_has_a_meaning() -> None:
    rows = [line for line in DOCUMENTS["docs/configuration.md"].splitlines() if line.startswith("| `")]
    assert len(rows) > 200
    assert [row for row in rows if re.fullmatch(r"\| `[^|]+ \| [^|]+ \| [^|]+ \|", row) is None] == []
    keys = {re.findall("`([^`]+)`", row)[0] for row in rows}
    told = {name for key in keys for name in key.split(".")}
    assert {"max_grad_norm", "waves", "about", "es_bounds", "cone_half_angle", "time_limit_factor"} <= told
