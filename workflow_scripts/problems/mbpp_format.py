"""MBPP, in its full form (text, test_setup_code) and its sanitized one (prompt, test_imports).

The prompt shows the task and its tests, as in the data set's paper; a completion is the whole program. The tests are
those of ``test_list``, by which results are published; ``challenge_test_list`` is not used. A few tests build arguments
of a class that the program defines: those rows are imported, and it is the grader that says whether it can judge them.
"""

import ast
from collections.abc import Iterable

from workflow_scripts.problems.published_problem import Problem, problem_of
from workflow_scripts.problems.published_rows import NotExpressible, PublishedRow

_PROMPT = (
    "You are an expert Python programmer, and here is your task: {task} Your code should pass these tests:\n\n{tests}\n"
)


def mbpp(row: PublishedRow) -> Problem:
    """A row of MBPP: its asserts, wrapped in ``check(candidate)`` where the function's own name is the candidate's."""
    tests = [test.strip() for test in row.texts("test_list") if test.strip()]
    if not tests:
        raise NotExpressible("it has no tests")
    setup = "\n".join(row.texts("test_imports")) if "test_imports" in row else row.text("test_setup_code")
    code = row.text("code")
    program, asserts = _parse(code, "its code"), _parse("\n".join(tests), "its tests")
    entry_point = _entry_point(program, asserts)
    return problem_of(
        task_id=f"MBPP/{row.integer('task_id')}",
        language="python",
        completion_kind="program",
        prompt=_PROMPT.format(task=row.text("prompt" if "prompt" in row else "text"), tests="\n".join(tests)),
        entry_point=entry_point,
        reference=code,
        tests={
            "kind": "asserts",
            "code": _checking_code(entry_point, [*_shared_imports(program, asserts), *setup.splitlines()], tests),
        },
    )


def _parse(code: str, what: str) -> ast.Module:
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError) as error:
        raise NotExpressible(f"{what} cannot be read by this Python: {error}") from None


def _entry_point(program: ast.Module, asserts: ast.Module) -> str:
    """The one function of the published program that its asserts call."""
    functions = _function_names(program)
    calls = [node.func for node in ast.walk(asserts) if isinstance(node, ast.Call)]
    called = {function.id for function in calls if isinstance(function, ast.Name)} & functions
    if not called:
        raise NotExpressible("its tests call no function that its code defines")
    if len(called) > 1:
        raise NotExpressible(f"its tests call several functions of the program: {', '.join(sorted(called))}")
    return called.pop()


def _function_names(program: ast.Module) -> set[str]:
    """The functions of the program's top level, and the variables, which may hold functions."""
    names = set()
    for statement in program.body:
        if isinstance(statement, ast.FunctionDef):
            names.add(statement.name)
        elif isinstance(statement, ast.Assign):
            names |= {target.id for target in statement.targets if isinstance(target, ast.Name)}
    return names


def _shared_imports(program: ast.Module, asserts: ast.Module) -> list[str]:
    """The program's imports that its tests use too: where they are published, both run in one namespace."""
    used = {node.id for node in ast.walk(asserts) if isinstance(node, ast.Name)}
    imports = [statement for statement in program.body if isinstance(statement, ast.Import | ast.ImportFrom)]
    return [ast.unparse(found) for found in imports if used & {alias.asname or alias.name for alias in found.names}]


def _checking_code(entry_point: str, setup: Iterable[str], tests: Iterable[str]) -> str:
    lines = [line.rstrip() for line in setup if line.strip()]
    # A local name, since one problem's function is itself called check.
    lines += ["def check(candidate):", f"    {entry_point} = candidate"]
    for test in tests:
        # What spans lines is written anew: indenting it could change a string that spans lines too.
        statements = [test] if "\n" not in test else [ast.unparse(statement) for statement in ast.parse(test).body]
        lines += [f"    {line}" for statement in statements for line in statement.split("\n")]
    return "\n".join(lines) + "\n"
