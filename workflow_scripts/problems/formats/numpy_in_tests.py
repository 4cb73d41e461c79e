"""Published tests that import numpy, as tests that do not: its place is taken by numpy_stand_in.py's text."""

import ast
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from workflow_scripts.core.published_rows import NotExpressible
from workflow_scripts.problems.formats import numpy_stand_in

_Import = ast.Import | ast.ImportFrom
_HEAD = "def _numpy():\n{body}\n    return numpy\n\n\nnumpy = _numpy()\n\n"


def without_numpy(code: str, tree: ast.Module) -> str:
    """The code with assignments in place of its imports of numpy; the same text where it has none.

    ``tree`` is the code's. Raises NotExpressible where it uses more of numpy than the stand-in has.
    """
    imports = [node for node in ast.walk(tree) if isinstance(node, _Import) and _imports_numpy(node)]
    if not imports:
        return code
    bound = dict(pair for node in imports for pair in _bound_names(node))
    _require_known(tree, bound)
    lines = code.encode().split(b"\n")
    for node in sorted(imports, key=lambda node: (node.lineno, node.col_offset), reverse=True):
        assert node.end_lineno is not None
        before, after = lines[node.lineno - 1][: node.col_offset], lines[node.end_lineno - 1][node.end_col_offset :]
        lines[node.lineno - 1 : node.end_lineno] = [before + _replacement(node).encode() + after]
    return stand_in_code() + b"\n".join(lines).decode()


def stand_in_code() -> str:
    """Code that defines the name numpy and no other that tests could meet."""
    body = Path(numpy_stand_in.__file__).read_text(encoding="utf-8")
    return _HEAD.format(body=textwrap.indent(body, "    ").rstrip())


def _imports_numpy(node: _Import) -> bool:
    names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
    return any(name.split(".")[0] == "numpy" for name in names)


def _bound_names(node: _Import) -> Iterator[tuple[str, str]]:
    """The names that an import binds to numpy or a part of it, each with that part's dotted name."""
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            yield alias.asname or alias.name, f"{node.module}.{alias.name}"
        elif alias.name.split(".")[0] == "numpy":
            yield alias.asname or "numpy", alias.name if alias.asname else "numpy"


def _replacement(node: _Import) -> str:
    others = [] if isinstance(node, ast.ImportFrom) else [a for a in node.names if a.name.split(".")[0] != "numpy"]
    parts = [ast.unparse(ast.Import(others))] if others else []
    # An import may bind the name again in a function of its own.
    parts += [f"{name} = {part}" for name, part in _bound_names(node) if name != part]
    return "; ".join(parts) or "pass"


def _require_known(tree: ast.Module, bound: dict[str, str]) -> None:
    """Raise NotExpressible unless all that the code takes from numpy is in the stand-in, and used as it is there."""
    for name in bound.values():
        _part(name)
    # Only these use what they stand above; tests of megabytes are lists of numbers.
    users = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute | ast.Call))
    parents = {child: node for node in users for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Name) and node.id in bound and isinstance(node.ctx, ast.Load)):
            continue
        name, part, user = bound[node.id], _part(bound[node.id]), parents.get(node)
        place: ast.AST = node
        while isinstance(part, SimpleNamespace) and isinstance(user, ast.Attribute):
            name, place, user = f"{name}.{user.attr}", user, parents.get(user)
            part = _part(name)
        call = user if isinstance(user, ast.Call) and user.func is place else None
        if isinstance(part, SimpleNamespace) or (call and part is numpy_stand_in.NoAnswer):
            raise _unknown(f"{name}(...)" if call else f"{name} as a value")
        if call and isinstance(result := parents.get(call), ast.Attribute):
            raise _unknown(f"{name}(...).{result.attr}")


def _part(name: str) -> Any:
    """The stand-in's part of a dotted name of numpy."""
    part: Any = numpy_stand_in.numpy
    for attribute in name.split(".")[1:]:
        if not isinstance(part, SimpleNamespace) or attribute not in vars(part):
            raise _unknown(name)
        part = getattr(part, attribute)
    return part


def _unknown(use: str) -> NotExpressible:
    return NotExpressible(f"its tests use {use}, and the sandbox gives tests no numpy")
