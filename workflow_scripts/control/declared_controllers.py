"""The controllers that config.yaml declares, held against their modules before anything is decided.

A decision's own process builds its settings without pydantic, whose import would cost more than the decision.
"""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, get_origin, get_type_hints

from pydantic import Field, ValidationError, create_model

from workflow_scripts.control.registry import load_controller
from workflow_scripts.core.sections import Section, explain


@cache
def own_settings(module: str) -> type[Section]:
    """What config.yaml says of a controller, as a model: what its class declares with a description."""
    declared = load_controller(module).settings
    fields: dict[str, Any] = {}
    for name, hint in get_type_hints(declared, include_extras=True).items():
        if get_origin(hint) is Annotated:
            # YAML has lists for tuples; their items are strict all the same.
            strict = False if get_origin(hint.__origin__) is tuple else None
            fields[name] = (hint.__origin__, Field(description=hint.__metadata__[0], strict=strict))
    return create_model(module, __base__=Section, __doc__=declared.__doc__, **fields)


def validate_controllers(controllers: Mapping[str, Mapping[str, Any]], source: str = "config.yaml") -> None:
    """A ``UserError`` for the first controller without a module, or setting that is missing, unknown or mistyped."""
    for name, declared in controllers.items():
        try:
            own_settings(declared["module"]).model_validate(declared["settings"])
        except ValidationError as error:
            raise explain(error, source, f"controllers.{name}.settings") from None
