"""Digests of code: what a result depends on, without comments, docstrings and layout.

A rule carries the digest of its script and of every local module that the script imports, transitively, so that an edit
that can change a result reruns its consumers and only them; a comment retrains no model.
"""

import ast
import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path

from workflow_scripts.core.errors import UserError

PACKAGE = "workflow_scripts"
ROOT = Path(__file__).resolve().parents[2]
# Files of these kinds that a module names and that lie beside it are part of its code.
_READ_SUFFIXES = (".hpp",)


def _remove_docstrings(nodes: Iterable[ast.AST]) -> None:
    for node in nodes:
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            match node.body:
                case [ast.Expr(ast.Constant(str())), *rest]:
                    node.body = rest


def _imported_names(nodes: Iterable[ast.AST], package: str) -> set[str]:
    """Dotted names that may be local modules; ``from a import b`` names both a and a.b."""
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, base] if base else parents)
            names.add(base)
            names.update(f"{base}.{alias.name}" for alias in node.names)
    return {name for name in names if name == PACKAGE or name.startswith(f"{PACKAGE}.")}


def _files_of(name: str, root: Path) -> list[Path]:
    """The files that importing a dotted local name runs: the packages on its way and the module itself."""
    parts, files = name.split("."), []
    for end in range(1, len(parts) + 1):
        stem = root.joinpath(*parts[:end])
        files += [file for file in (stem / "__init__.py", stem.with_suffix(".py")) if file.is_file()]
    return files


def text_digest(path: Path | str) -> str:
    """The SHA-256 of a text file, in hexadecimal, whatever ends its lines: a clone may have turned LF into CRLF."""
    return hashlib.sha256(Path(path).read_text(encoding="utf-8").encode()).hexdigest()


@functools.cache
def _parsed(path: Path, root: Path) -> tuple[str, frozenset[Path]]:
    """The digest of one file's syntax tree and the local files that it imports, or reads from beside it."""
    if path.suffix != ".py":
        return text_digest(path), frozenset()
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError as error:
        raise UserError(f"{path}:{error.lineno}: {error.msg}") from None
    package = ".".join(path.relative_to(root).parent.parts)
    # Once: walking takes longer than all else here.
    nodes = list(ast.walk(tree))
    imported = {file for name in _imported_names(nodes, package) for file in _files_of(name, root)}
    imported |= {
        path.parent / node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(_READ_SUFFIXES)
        if (path.parent / node.value).is_file()
    }
    _remove_docstrings(nodes)
    dump = ast.dump(tree, include_attributes=False)
    return hashlib.sha256(dump.encode()).hexdigest(), frozenset(imported)


def local_modules(*scripts: str, root: Path = ROOT) -> list[Path]:
    """The scripts (paths below workflow_scripts/) and every local file that they import, transitively, sorted."""
    pending = [root / PACKAGE / script for script in scripts]
    for path in pending:
        if not path.is_file():
            raise UserError(f"{path}: no such script")
    found: set[Path] = set()
    while pending:
        path = pending.pop()
        if path not in found:
            found.add(path)
            pending.extend(_parsed(path, root)[1])
    return sorted(found)


def code_digest(*scripts: str, root: Path = ROOT) -> str:
    """16 hexadecimal digits over the syntax trees of ``scripts`` and of all that they import from the project."""
    digest = hashlib.sha256()
    for path in local_modules(*scripts, root=root):
        digest.update(f"{path.relative_to(root)}\0{_parsed(path, root)[0]}\n".encode())
    return digest.hexdigest()[:16]
