"""Deterministic mutants of Python reference solutions: one small change each, as a careless programmer makes them."""

import ast
import copy
import random
from typing import Any

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.FloorDiv,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
}
_FUNCTIONS = {"min": "max", "max": "min", "sorted": "list", "sum": "len", "any": "all", "all": "any", "abs": "int"}
# What a wrong program may return instead: other types, values that equal the right one, and values that are not plain.
_RETURNS = ("[{}]", "({},)", "str({})", "list({})", "tuple({})", "float({})", "iter({})", "None", "type({})", "-{}")


def mutants(prompt: str, reference: str, count: int, seed: str) -> list[str]:
    """Up to ``count`` different completions of ``prompt``, each one change away from ``reference``."""
    lines = prompt.count("\n")
    tree = ast.parse(prompt + reference)
    function = next(node for node in tree.body if (node.end_lineno or 0) > lines)
    assert isinstance(function, ast.FunctionDef)
    function.body = [statement for statement in function.body if statement.lineno > lines]
    original = _completion(function)
    changes = [
        (index, choice) for index, node in enumerate(_nodes(function)) for choice in range(len(_replacements(node)))
    ]
    random.Random(seed).shuffle(changes)
    texts: dict[str, None] = {}
    for change in changes:
        text = _completion(_changed(function, *change))
        if text != original:
            texts[text] = None
        if len(texts) == count:
            break
    return list(texts)


def _completion(function: ast.FunctionDef) -> str:
    body = ast.unparse(ast.Module(function.body, []))
    return "".join(f"    {line}\n" for line in body.splitlines())


def _changed(function: ast.FunctionDef, index: int, choice: int) -> ast.FunctionDef:
    """The function with one of its nodes replaced by one of what may stand for it."""
    mutant = copy.deepcopy(function)
    target = _nodes(mutant)[index]
    _replace(mutant, target, _replacements(target)[choice])
    return ast.fix_missing_locations(mutant)


def _nodes(function: ast.FunctionDef) -> list[ast.AST]:
    return [node for statement in function.body for node in ast.walk(statement)]


def _replace(tree: ast.AST, target: ast.AST, replacement: ast.AST) -> None:
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if value is target:
                setattr(parent, field, replacement)
            elif isinstance(value, list):
                setattr(parent, field, [replacement if item is target else item for item in value])


def _replacements(node: ast.AST) -> list[ast.AST]:
    match node:
        case ast.Compare(left, [operator, *operators], comparators) if type(operator) in _COMPARISONS:
            return [ast.Compare(left, [_COMPARISONS[type(operator)](), *operators], comparators)]
        case ast.BinOp(left, operator, right) if type(operator) in _OPERATORS:
            return [ast.BinOp(left, _OPERATORS[type(operator)](), right), ast.BinOp(right, operator, left)]
        case ast.BoolOp(operator, values):
            return [ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), values)]
        case ast.UnaryOp(_, operand):
            return [operand]
        case ast.Constant(value):
            return [ast.Constant(other) for other in _other_constants(value)]
        case ast.Name(name, ast.Load()) if name in _FUNCTIONS:
            return [ast.Name(_FUNCTIONS[name], ast.Load())]
        case ast.If(test, body, orelse) | ast.While(test, body, orelse):
            return [type(node)(ast.UnaryOp(ast.Not(), test), body, orelse)]
        case ast.For(target, items, body, orelse):
            return [ast.For(target, items, [*body, ast.Break()], orelse)]
        case ast.Return(value) if value is not None:
            return [ast.parse("return " + text.format(f"({ast.unparse(value)})")).body[0] for text in _RETURNS]
        case ast.Assign() | ast.AugAssign() | ast.Expr():
            return [ast.Pass(), ast.Return(None)]
    return []


def _other_constants(value: Any) -> list[Any]:
    match value:
        case bool():
            return [not value]
        case int():
            return [value + 1, value - 1]
        case float():
            return [value + 1.0]
        case str():
            return [value + "x", ""]
    return []
