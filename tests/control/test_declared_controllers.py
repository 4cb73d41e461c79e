"""The controllers that config.yaml declares are held against what their classes say."""

import copy
import math
from pathlib import Path
from typing import Any

import pytest

from workflow_scripts.control.declared_controllers import own_settings, validate_controllers
from workflow_scripts.control.registry import controller_names
from workflow_scripts.core.configuration import read_configuration
from workflow_scripts.core.errors import UserError

CONTROLLERS: dict[str, Any] = read_configuration(Path(__file__).parents[2] / "config.yaml")["controllers"]


def test_the_controllers_as_they_stand_are_valid_and_keep_their_form() -> None:
    before = copy.deepcopy(CONTROLLERS)
    validate_controllers(CONTROLLERS)
    assert before == CONTROLLERS


def test_every_setting_of_config_yaml_is_described() -> None:
    fields = [field for name in controller_names() for field in own_settings(name).model_fields.values()]
    assert len(fields) > 50
    assert all(field.description for field in fields)


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("A3", {"pilot_steps": "ten"}, "pilot_steps: 'ten' is a str, expected integer"),
        ("A3", {"pilot_steps": 10.0}, "pilot_steps: 10.0 is a float, expected integer"),
        ("A3", {"pilot_steps": True}, "pilot_steps: True is a bool, expected integer"),
        ("A2", {"threshold": "0.5"}, "threshold: '0.5' is a str, expected number"),
        ("A2", {"threshold": math.nan}, "threshold: nan is a float, expected number"),
        ("B2", {"checkpoint": "best"}, "checkpoint: 'best' is not one of 'peak' or 'end'"),
        ("ES", {"es_bounds": [8]}, "es_bounds.1: is missing"),
        ("ES", {"es_bounds": 8}, "es_bounds: 8 is a int, expected array"),
        ("A2", {"pilot_step": 10}, "pilot_step: unknown key; did you mean 'pilot_steps'?"),
        ("A0", {"threshold": 0.5}, "threshold: unknown key; "),
        ("A2", {"threshold": None}, "threshold: None is a NoneType, expected number"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_key(name: str, changes: dict[str, Any], words: str) -> None:
    changed = {name: {**CONTROLLERS[name], "settings": {**CONTROLLERS[name]["settings"], **changes}}}
    with pytest.raises(UserError) as caught:
        validate_controllers(changed, "my.yaml")
    assert str(caught.value).startswith(f"my.yaml: controllers.{name}.settings.{words}")


def test_what_is_missing_is_named() -> None:
    with pytest.raises(UserError, match=r"config\.yaml: controllers\.ES\.settings\.es_bounds: is missing"):
        validate_controllers({"ES": {"module": "es_early_stop", "settings": {"es_margin": 3}}})
    with pytest.raises(UserError, match="no such controller; the nearest is es_early_stop"):
        validate_controllers({"ES": {"module": "es_early_stp", "settings": {}}})
