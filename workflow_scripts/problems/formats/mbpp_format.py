"""MBPP, in its full form (text, test_setup_code) and its sanitized one (prompt, test_imports), and MBPP+ (test).

The prompt shows the task and its tests, as in the data set's paper; a completion is the whole program. The tests are
those of ``test_list``, by which results are published; ``challenge_test_list`` is not used. MBPP+ shows them too, and
judges by its ``test``. A few tests build arguments of a class that the program defines: those rows are imported, and it
is the grader that says whether it can judge them.
"""

import ast

from workflow_scripts.core.contracts.problems import Problem
from workflow_scripts.core.published_rows import NotExpressible, PublishedRow
from workflow_scripts.problems.formats.published_problem import problem_of
from workflow_scripts.problems.formats.python_tests import assert_tests, parse

_PROMPT = (
    "You are an expert Python programmer, and here is your task: {task} Your code should pass these tests:\n\n{tests}\n"
)


def mbpp(row: PublishedRow) -> Problem:
    """A row of MBPP: its tests, wrapped in ``check(candidate)`` where the function's own name is the candidate's."""
    tests = [test.strip() for test in row.texts("test_list") if test.strip()]
    if not tests:
        raise NotExpressible("it has no tests")
    setup = "\n".join(row.texts("test_imports")) if "test_imports" in row else row.text("test_setup_code")
    code = row.text("code")
    program, asserts = parse(code, "its code"), parse("\n".join(tests), "its tests")
    entry_point = _entry_point(program, asserts)
    judging = row.text("test") if "test" in row else "\n".join(tests)
    shared = "\n".join(_shared_imports(program, parse(judging, "its tests")))
    return problem_of(
        task_id=f"MBPP/{row.integer('task_id')}",
        language="python",
        completion_kind="program",
        prompt=_PROMPT.format(task=row.text("prompt" if "prompt" in row else "text"), tests="\n".join(tests)),
        entry_point=entry_point,
        reference=code,
        tests=assert_tests(_checking_code(entry_point, f"{shared}\n{setup}", judging), entry_point),
    )


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


def _checking_code(entry_point: str, setup: str, tests: str) -> str:
    lines = [line.rstrip() for line in setup.splitlines() if line.strip()]
    # A local name, since one problem's function is itself called check.
    return "\n".join([*lines, "def check(candidate):", f"    {entry_point} = candidate", *_indented(tests)]) + "\n"


def _indented(code: str) -> list[str]:
    """The lines of code one level deeper; those within a string that spans lines stay as they are."""
    lines = code.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    within = set()
    for node in ast.walk(parse("\n".join(lines), "its tests")):
        if isinstance(node, ast.Constant | ast.JoinedStr) and node.end_lineno is not None:
            within |= set(range(node.lineno, node.end_lineno))
    return [line if index in within or not line else f"    {line}" for index, line in enumerate(lines)]
