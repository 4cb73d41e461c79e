"""Where code lies: imports go one way, a folder holds no more than a reader takes in, a file's name is its own."""

import ast
import graphlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "workflow_scripts"
# The folders of workflow_scripts/: each imports from itself and from those before it.
ORDER = (
    "core",
    "warm",
    "cost",
    "statistics",
    "control",
    "simulation",
    "grading",
    "problems",
    "models",
    "training",
    "evaluation",
    "tables",
    "published",
    "figures",
    "audit",
    "console",
    "reference",
    "graph",
)
COUNTED = (PACKAGE, "tests")
MOST_FILES = 22

Arrow = tuple[str, str, str]  # a module, one that it imports, and the file and line where it does


def sources() -> dict[str, str]:
    """The text of each module, by its file's path below ``workflow_scripts/``."""
    folder = ROOT / PACKAGE
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*.py")}


def module_name(file: str) -> str:
    """``core/schemas/__init__.py`` is ``core.schemas``."""
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imported_names(source: str) -> Iterator[tuple[int, str]]:
    """Line and dotted name of all that a module imports, at its top or late; ``from a import b`` may name a.b."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{'.' * node.level}{node.module}.{alias.name}") for alias in node.names)


def arrows(modules: Mapping[str, str]) -> list[Arrow]:
    """Which module imports which, and where."""
    known, found = {module_name(file) for file in modules}, []
    for file, source in modules.items():
        for line, name in imported_names(source):
            assert not name.startswith("."), f"{PACKAGE}/{file}:{line}: a relative import; name the module in full"
            parts = name.split(".")
            if parts[0] != PACKAGE:
                continue
            names = (".".join(parts[1:end]) for end in range(len(parts), 1, -1))
            if target := next((name for name in names if name in known), None):
                found.append((module_name(file), target, f"{PACKAGE}/{file}:{line}"))
    return found


def against_the_order(found: list[Arrow]) -> list[str]:
    """What imports from a folder that comes later, each with its file and line."""
    rank = {folder: place for place, folder in enumerate(ORDER)}
    return [
        f"{place}: {folder} imports from {other}, which comes later"
        for module, target, place in found
        if rank[folder := module.partition(".")[0]] < rank[other := target.partition(".")[0]]
    ]


def circle(found: list[Arrow]) -> list[str]:
    """The files and lines of one circle of imports; empty where there is none."""
    graph: dict[str, set[str]] = {}
    for module, target, _ in found:
        graph.setdefault(module, set()).add(target)
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        around = set(zip(error.args[1][1:], error.args[1], strict=False))
        return [f"{place}: {module} imports {target}" for module, target, place in found if (module, target) in around]
    return []


@pytest.fixture(scope="module")
def found() -> list[Arrow]:
    return arrows(sources())


def test_every_folder_has_its_place_in_the_order() -> None:
    assert {file.partition("/")[0] for file in sources()} - {"__init__.py"} == set(ORDER)


def test_imports_go_one_way(found: list[Arrow]) -> None:
    assert against_the_order(found) == []


def test_no_imports_form_a_circle(found: list[Arrow]) -> None:
    assert circle(found) == []


def test_what_is_wrong_is_named_with_its_line() -> None:
    made_up = {
        "core/files.py": "import os\nfrom workflow_scripts.control import plans\n",
        "control/plans.py": "def late():\n    from workflow_scripts.core.files import read\n",
        "control/decide.py": "from workflow_scripts.control.plans import late\n",
    }
    found = arrows(made_up)
    assert against_the_order(found) == [
        "workflow_scripts/core/files.py:2: core imports from control, which comes later"
    ]
    assert sorted(circle(found)) == [
        "workflow_scripts/control/plans.py:2: control.plans imports core.files",
        "workflow_scripts/core/files.py:2: core.files imports control.plans",
    ]
    assert circle(found[1:]) == []


def test_a_folder_holds_what_a_reader_takes_in() -> None:
    files = [path for top in COUNTED for path in (ROOT / top).rglob("*.*") if path.suffix != ".pyc"]
    counts = Counter(path.parent.relative_to(ROOT).as_posix() for path in files if path.is_file())
    # Programs and schemas, of which each is read alone.
    del counts["tests/grading/hostile"], counts["workflow_scripts/core/schemas"]
    assert {folder: count for folder, count in counts.items() if count > MOST_FILES} == {}


def test_no_two_modules_have_one_name() -> None:
    names = Counter(Path(file).name for file in sources())
    del names["__init__.py"]
    assert [name for name, count in names.items() if count > 1] == []
