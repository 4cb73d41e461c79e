"""What assert tests need besides the program: read from their text, apart from any program and before one is called.

So no program has a part in whether its tests can run: it could otherwise answer what leads them to a missing module.
"""

import ast
import builtins
from collections.abc import Iterator
from typing import NamedTuple

from workflow_scripts.grading.verdicts import BrokenTests

# A try that would catch a missing name or module is the tests' own way to do without.
_CATCHES_ABSENCE = {"ImportError", "ModuleNotFoundError", "NameError", "Exception", "BaseException"}
_BUILTINS = frozenset(dir(builtins)) | {"exit", "quit"}
# Ways to bind a name that no syntax shows.
_BINDS_UNSEEN = {"*", "exec", "globals", "vars", "setattr"}


class Needs(NamedTuple):
    """``imports``: the import statements, as a program. ``names``: what is used and bound nowhere in the text."""

    imports: str
    names: frozenset[str]


def needs_of(code: str) -> Needs:
    """The needs of tests; raises BrokenTests for what is no Python or defines no ``check``."""
    try:
        module = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise BrokenTests(f"the tests are no Python program: {type(error).__name__}: {error}") from None
    # A module's own branches choose by version or platform, and run before anything is called.
    required = [node for statement in module.body if not isinstance(statement, ast.If) for node in _required(statement)]
    imports = [node for node in required if isinstance(node, ast.Import | ast.ImportFrom)]
    used = {node.id for node in required if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    bound = {name for node in ast.walk(module) for name in _bound(node)} | {"__class__"}
    if "check" not in bound and not _BINDS_UNSEEN & (bound | used):
        raise BrokenTests("the tests define no function check")
    return Needs("\n".join(map(ast.unparse, imports)), frozenset(used - bound - _BUILTINS))


def _required(statement: ast.stmt) -> Iterator[ast.AST]:
    """A statement and what is below it, without what runs under a guard and without annotations."""
    pending: list[ast.AST] = [statement]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Try) and any(map(_catches_absence, node.handlers)):
            continue
        if not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            yield node
        for field, value in ast.iter_fields(node):
            if field not in ("annotation", "returns"):
                children = value if isinstance(value, list) else [value]
                pending += [child for child in children if isinstance(child, ast.AST)]


def _catches_absence(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in _CATCHES_ABSENCE) for kind in kinds)


def _bound(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.alias):
        yield (node.asname or node.name).split(".")[0]
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.Global | ast.Nonlocal):
        yield from node.names
    else:
        for field in ("name", "rest"):  # of functions, classes, handlers and patterns
            if isinstance(name := getattr(node, field, None), str):
                yield name
