"""CARE's interfaces as the code has them: functions, settings, the gate's routing, and the fields of plan and state.

Figure 2 prints what is found here, so that it changes with the code. What the syntax trees are asked for is narrow: the
``settings.name`` that a module reads, ``route``'s returns, and the keys of the ``numbers`` that go into a plan.
"""

import ast
import dataclasses
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from workflow_scripts.control.care_full import (
    care_boundary,
    care_gate,
    care_memory,
    care_posterior,
    care_revision,
    care_strategies,
)
from workflow_scripts.control.controllers import a5_care_full
from workflow_scripts.control.plans import given_names
from workflow_scripts.core import schemas
from workflow_scripts.core.files import read_json

# Appendix D's three modules, and the files that each is made of.
MEMORY = (care_memory, care_posterior)
GATE = (care_gate, care_strategies)
REVISION = (care_revision, care_boundary)


@dataclass(frozen=True)
class Interfaces:
    """What the figure prints; names are the code's."""

    controller: str  # the module that chains run
    parameters: tuple[str, ...]  # of ``decide``
    functions: dict[str, tuple[str, ...]]  # of each file, public ones in their order
    records: dict[str, dict[str, tuple[str, ...]]]  # of each file, its dataclasses and their fields
    settings: dict[str, tuple[str, ...]]  # the controller's own, by the file whose code uses them
    routing: tuple[tuple[str, str], ...]  # condition and action, in order; the last condition is empty
    memory: tuple[str, ...]  # fields of the controller's part of a state
    entry: tuple[str, ...]  # fields of a memory entry
    plan: tuple[str, ...]  # fields of a plan
    numbers: tuple[str, ...]  # what a plan's reason tells; ``{name}`` is a capability
    needs: tuple[str, ...]  # what the controller is shown beside the traces
    evaluated: str  # the checkpoint of a campaign that is evaluated
    splits: tuple[str, ...]  # the problems that it is evaluated on


def read_interfaces() -> Interfaces:
    """The interfaces of the controller A5 and the files that it is made of."""
    files = (*MEMORY, *GATE, *REVISION)
    state, plan = _schema("state")["properties"]["care"], _schema("plan")
    return Interfaces(
        controller=_name(a5_care_full),
        parameters=tuple(inspect.signature(a5_care_full.decide).parameters),
        functions={_name(file): public_functions(file) for file in files},
        records={_name(file): records_of(file) for file in files},
        settings=settings_by_file(files, given_names(a5_care_full.Settings)),
        routing=routing_of(care_gate.route),
        memory=tuple(state["properties"]),
        entry=tuple(state["properties"]["entries"]["items"]["properties"]),
        plan=tuple(name for name in plan["properties"] if name != "schema_version"),
        numbers=numbers_of(a5_care_full),
        needs=a5_care_full.NEEDS,
        evaluated=a5_care_full.EVALUATED,
        splits=a5_care_full.SPLITS,
    )


def public_functions(module: ModuleType) -> tuple[str, ...]:
    """The names of the functions that a module defines and that do not start with an underscore, in their order."""
    return tuple(
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
    )


def records_of(module: ModuleType) -> dict[str, tuple[str, ...]]:
    """The dataclasses that a module defines, and their fields."""
    return {
        name: tuple(field.name for field in dataclasses.fields(value))
        for name, value in vars(module).items()
        if inspect.isclass(value) and dataclasses.is_dataclass(value) and value.__module__ == module.__name__
    }


def settings_by_file(modules: tuple[ModuleType, ...], names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Which of the settings ``names`` the code of each module uses, in the order of ``names``.

    One that is read only to be handed to a function of another of the modules is that module's.
    """
    known = {module.__name__: _name(module) for module in modules}
    used: dict[str, set[str]] = {name: set() for name in known.values()}
    for module in modules:
        for owner, setting in _settings_in(ast.parse(inspect.getsource(module)), module, module.__name__, known):
            used[known[owner]].add(setting)
    return {file: tuple(name for name in names if name in found) for file, found in used.items()}


def _settings_in(node: ast.AST, module: ModuleType, owner: str, known: dict[str, str]) -> Iterator[tuple[str, str]]:
    match node:
        case ast.Attribute(value=ast.Name(id="settings"), attr=setting):
            yield owner, setting
        case ast.Call(func=ast.Name(id=called)):
            home = getattr(vars(module).get(called), "__module__", owner)
            owner = home if home in known else owner
    for child in ast.iter_child_nodes(node):
        yield from _settings_in(child, module, owner, known)


def routing_of(route: Callable[..., str]) -> tuple[tuple[str, str], ...]:
    """Condition and action of each ``return``, as the code has them; the last one has no condition.

    A ``ValueError`` where the function is no chain of conditions any more: then the figure must be drawn anew.
    """
    (function,) = ast.parse(inspect.getsource(route)).body
    rows = []
    for statement in getattr(function, "body", []):
        match statement:
            case ast.If(test=condition, body=[ast.Return(value=ast.Constant(value=str(action)))], orelse=[]):
                rows.append((ast.unparse(condition), action))
            case ast.Return(value=ast.Constant(value=str(action))):
                rows.append(("", action))
            case ast.Assign() | ast.Expr(value=ast.Constant()):
                pass
            case _:
                raise ValueError(f"{route.__name__}: no chain of conditions: {ast.unparse(statement)}")
    return tuple(rows)


def numbers_of(module: ModuleType) -> tuple[str, ...]:
    """The keys that a module gives to ``numbers``; those made in a loop with their variables, as in ``gain/{name}``."""
    keys: list[ast.expr | None] = []
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        match node:
            case ast.Assign(targets=[ast.Name(id="numbers")], value=ast.Dict(keys=given)):
                keys += given
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id="numbers"), slice=key)]):
                keys.append(key)
    return tuple(_text(key) for key in keys if key is not None)


def _text(key: ast.expr) -> str:
    if isinstance(key, ast.JoinedStr):
        return "".join(
            f"{{{ast.unparse(part.value)}}}" if isinstance(part, ast.FormattedValue) else ast.literal_eval(part)
            for part in key.values
        )
    return str(ast.literal_eval(key))


def _name(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


def _schema(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = read_json(Path(schemas.__file__).with_name(f"{name}.schema.json"))
    return schema
