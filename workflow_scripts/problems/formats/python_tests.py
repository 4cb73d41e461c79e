"""Published Python tests as the grader takes them: code that defines ``check(candidate)`` and tells programs apart.

Found by reading the code, which is never run here: tests that this Python cannot read, that need packages which the
sandbox does not have, that call nothing, that nothing fails, or that nothing passes.
"""

import ast
import sys
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator

from workflow_scripts.core.contracts.problems import Asserts
from workflow_scripts.core.published_rows import NotExpressible
from workflow_scripts.problems.formats.numpy_in_tests import without_numpy


def assert_tests(code: str, entry_point: str) -> Asserts:
    """The tests of a problem (problem.schema.json) from code that defines check; NotExpressible where it is none."""
    # ast counts lines as Python does.
    plain = code if "\r" not in code else code.replace("\r\n", "\n").replace("\r", "\n")
    tree = parse(plain, "its tests")
    checks = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "check"]
    if not checks or not _takes_one_argument(checks[-1].args):
        raise NotExpressible("its test defines no check(candidate)")
    converted = without_numpy(plain, tree)
    require_standard_library(
        ast.walk(tree if converted is plain else parse(converted, "its tests")), "its tests import"
    )
    parameters = [*checks[-1].args.posonlyargs, *checks[-1].args.args]
    if not _uses(tree, {entry_point, *(parameter.arg for parameter in parameters[:1])}):
        raise NotExpressible(f"its tests do not call {entry_point}")
    if not any(map(_can_fail, ast.walk(tree))):
        raise NotExpressible("every program passes its tests: they assert nothing")
    if _expects_nan(tree):
        raise NotExpressible("no program passes its tests: nothing equals the NaN that they expect")
    return {"kind": "asserts", "code": code if converted is plain else converted}


def parse(code: str, what: str) -> ast.Module:
    """The tree of Python code; where it does not compile, NotExpressible says so of ``what`` it is."""
    digits = sys.get_int_max_str_digits()
    try:
        # Published tests hold integers of any length.
        sys.set_int_max_str_digits(0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(code)
            compile(code, "<tests>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise NotExpressible(f"{what} cannot be read by this Python: {error}") from None
    finally:
        sys.set_int_max_str_digits(digits)
    return tree


def require_standard_library(nodes: Iterable[ast.AST], what: str) -> None:
    """Raise NotExpressible, which begins with ``what``, where code imports what Python does not come with."""
    for node in nodes:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = ["." * node.level + (node.module or "")]
        for name in names:
            if name.split(".")[0] not in sys.stdlib_module_names:
                raise NotExpressible(f"{what} {name}, which the sandbox does not have")


def require_completable(prompt: str, solution: str, entry_point: str) -> None:
    """Raise NotExpressible where no completion of a prompt can define the entry point or run in the sandbox."""
    tree = parse(prompt + (solution if solution.strip() else "    pass\n"), "its program")
    if entry_point not in {getattr(node, "name", None) for node in ast.walk(tree)} | _stored_names(tree).keys():
        raise NotExpressible(f"its program does not define {entry_point}")
    given = [node for node in ast.walk(tree) if getattr(node, "lineno", 0) <= prompt.count("\n")]
    require_standard_library(given, "its prompt imports")


def _stored_names(tree: ast.AST) -> Counter[str]:
    """How often each variable is bound."""
    nodes = ast.walk(tree)
    return Counter(node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))


def _takes_one_argument(arguments: ast.arguments) -> bool:
    positional = len(arguments.posonlyargs) + len(arguments.args)
    required = positional - len(arguments.defaults)
    return required <= 1 <= positional and None not in arguments.kw_defaults


def _uses(tree: ast.Module, names: set[str]) -> bool:
    """Whether code that runs uses one of these names for more than to give it another name."""
    renamed = set()
    for node in _reached(tree, _empty_lists(tree)):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id in names:
            names = names | {target.id for target in node.targets if isinstance(target, ast.Name)}
            renamed.add(node.value)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names and node not in renamed:
            return True
    return False


def _reached(tree: ast.Module, empty: set[str]) -> Iterator[ast.AST]:
    """The nodes of a tree in the order of the text, but for bodies of loops over nothing."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        yield node
        skipped = node.body if isinstance(node, ast.For) and _is_empty(node.iter, empty) else []
        pending += [child for child in reversed([*ast.iter_child_nodes(node)]) if child not in skipped]


def _empty_lists(tree: ast.Module) -> set[str]:
    """Names that hold an empty list or tuple wherever they are read: bound once, and none of their methods called."""
    bound, nodes = _stored_names(tree), list(ast.walk(tree))
    changed = {node.value.id for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)}
    assigned = (node for node in nodes if isinstance(node, ast.Assign) and _is_empty(node.value, set()))
    names = {target.id for node in assigned for target in node.targets if isinstance(target, ast.Name)}
    return {name for name in names - changed if bound[name] == 1}


def _is_empty(node: ast.expr, empty: set[str]) -> bool:
    if isinstance(node, ast.List | ast.Tuple):
        return not node.elts
    if isinstance(node, ast.Name):
        return node.id in empty
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("enumerate", "zip"):
        return any(_is_empty(argument, empty) for argument in node.args)
    return False


def _can_fail(node: ast.AST) -> bool:
    """Whether a node is a check: an assert of more than a constant, a raise, or a call of assertEqual and its like."""
    if isinstance(node, ast.Assert):
        always = isinstance(node.test, ast.Constant) and node.test.value
        return not always and not (isinstance(node.test, ast.Tuple) and node.test.elts)
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return name.lower().startswith(("assert", "fail", "exit"))
    return isinstance(node, ast.Raise)


def _expects_nan(tree: ast.Module) -> bool:
    """Whether an assert asks for equality with NaN, or the ``results`` of HumanEval+'s and MBPP+'s form hold one."""
    nodes = list(ast.walk(tree))
    asserted = [node.test for node in nodes if isinstance(node, ast.Assert)]
    parts = [part for test in asserted for part in _conjuncts(test)]
    if any(isinstance(part, ast.Compare) and _equals_nan(part) for part in parts):
        return True
    words = {getattr(node, "attr", getattr(node, "arg", getattr(node, "id", None))) for node in nodes}
    if "assertion" not in words or words & {"isnan", "equal_nan"}:
        return False
    assigned = [node for node in nodes if isinstance(node, ast.Assign)]
    return any(getattr(node.targets[0], "id", None) == "results" and _holds_nan(node.value) for node in assigned)


def _conjuncts(test: ast.expr) -> list[ast.expr]:
    return test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]


def _equals_nan(comparison: ast.Compare) -> bool:
    sides = [comparison.left, *comparison.comparators]
    return all(isinstance(operator, ast.Eq) for operator in comparison.ops) and any(map(_holds_nan, sides))


def _holds_nan(node: ast.AST) -> bool:
    """Whether a literal is NaN or holds one."""
    if isinstance(node, ast.Call):
        given = node.args[0] if getattr(node.func, "id", None) == "float" and node.args else None
        text = given.value if isinstance(given, ast.Constant) else None
        return isinstance(text, str) and text.strip(" +-").lower() == "nan"
    if isinstance(node, ast.List | ast.Tuple | ast.Set | ast.Dict | ast.UnaryOp):
        return any(map(_holds_nan, ast.iter_child_nodes(node)))
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return name.lower() == "nan"
