"""Controllers by module name: a new controller is one file in ``controllers/`` and one line in config.yaml.

A controller's module defines ``decide(history, state, settings) -> (plan, state)``, pure and deterministic, and
``Settings``, the class of what it reads. One that must be shown more than traces names it in ``NEEDS``:

- ``capabilities``: beside it ``EVALUATED``, the checkpoint of each campaign that is measured (peak or end), and
  ``SPLITS``, the problems that it is measured on;
- ``companion``: its settings ``companion`` and ``companion_seed`` name another chain, whose traces ``decide`` finds in
  ``settings.companion_chain``;
- ``chat_endpoint``: beside it ``request(history, state, settings)``, the question for a language model, whose answer
  ``decide`` finds in ``settings.answer``.
"""

import difflib
import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from workflow_scripts.control import controllers
from workflow_scripts.control.plans import BaseSettings, given_names
from workflow_scripts.core.contracts.campaigns import Checkpoint, Owner, Plan, Trace
from workflow_scripts.core.contracts.states import State
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.nearest import nearest

Decide = Callable[[Sequence[Trace], State | None, Any], tuple[Plan, State]]

Request = Callable[[Sequence[Trace], State | None, Any], Any]


@dataclass(frozen=True)
class Controller:
    """One controller: its pure function, the class of its settings, and what it must be shown beside the traces."""

    module: str
    decide: Decide
    settings: type[BaseSettings]
    needs: tuple[str, ...]
    evaluated: Checkpoint | Literal[""]
    splits: tuple[str, ...]
    request: Request | None


def load_controller(name: str) -> Controller:
    """The controller in ``workflow_scripts/control/controllers/{name}.py``; a ``UserError`` names the nearest one."""
    if name.isidentifier() and importlib.util.find_spec(f"{controllers.__name__}.{name}"):
        module = importlib.import_module(f"{controllers.__name__}.{name}")
        if hasattr(module, "decide") and hasattr(module, "Settings"):
            return Controller(
                name,
                module.decide,
                module.Settings,
                getattr(module, "NEEDS", ()),
                getattr(module, "EVALUATED", ""),
                getattr(module, "SPLITS", ()),
                getattr(module, "request", None),
            )
    known = controller_names()
    closest = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
    raise UserError(f"--module {name}: no such controller; the nearest is {closest[0]} (there are {', '.join(known)})")


def controller_names() -> list[str]:
    """Every module of the folder ``controllers``."""
    return sorted(module.name for module in pkgutil.iter_modules(controllers.__path__))


def make_settings(controller: Controller, given: Mapping[str, Any], identity: Owner) -> Any:
    """The controller's settings from a JSON object and who is decided for; a ``UserError`` where they are not all."""
    known = given_names(controller.settings)
    for name in given:
        if name not in known:
            raise UserError(f"--settings: {name}: unknown key; {nearest(name, known)}")
    for name in known:
        if name not in given:
            raise UserError(f"--settings: {name}: is missing, and controller {controller.module} needs it")
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    return controller.settings(**values, **identity)
