"""Files that appear whole or not at all, and JSON that is validated at every write and read."""

import contextlib
import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from workflow_scripts.core.errors import UserError
from workflow_scripts.core.schemas import validate


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# A write that the disk refuses names no file.
_REFUSALS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


def _named(error: BaseException, path: Path, partial: Path) -> OSError | None:
    """The error with the name that the file was to get, where it names the temporary one or a refused write's none."""
    if not isinstance(error, OSError) or (error.filename is None and error.errno not in _REFUSALS):
        return None
    name = str(partial if error.filename is None else error.filename)
    if not name.startswith(str(partial)):
        return None
    return OSError(error.errno, error.strerror, name.replace(str(partial), str(path), 1))


@contextlib.contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; on success it is fsynced and renamed to ``path``, else removed."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
    os.close(descriptor)
    partial = Path(name)
    try:
        yield partial
        partial.chmod(0o644)
        with partial.open("rb") as handle:
            os.fsync(handle.fileno())
        partial.replace(path)
        _sync_directory(path.parent)
    except BaseException as error:
        partial.unlink(missing_ok=True)
        if named := _named(error, path, partial):
            raise named from error
        raise


@contextlib.contextmanager
def atomic_directory(path: Path | str) -> Iterator[Path]:
    """Yield a fresh folder beside ``path``; on success its files are fsynced and it takes ``path``'s place."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent))
    try:
        yield partial
        partial.chmod(0o755)
        for file in partial.rglob("*"):
            if file.is_file():
                with file.open("rb") as handle:
                    os.fsync(handle.fileno())
            elif file.is_dir():
                _sync_directory(file)
        _sync_directory(partial)
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        partial.replace(path)
        _sync_directory(path.parent)
    except BaseException as error:
        shutil.rmtree(partial, ignore_errors=True)
        if named := _named(error, path, partial):
            raise named from error
        raise


def write_text(path: Path | str, text: str) -> None:
    """Write ``text`` (UTF-8) to ``path`` whole or not at all."""
    with atomic_path(path) as partial:
        partial.write_text(text, encoding="utf-8")


def dump_json(value: Any) -> str:
    """The canonical form of every JSON file here: sorted keys, one trailing newline, NaN refused."""
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def write_json(path: Path | str, value: Any, schema: str | None = None) -> None:
    """Validate ``value`` against the named schema (``core/schemas/{schema}.schema.json``) and write it."""
    if schema is not None:
        validate(value, schema, source=str(path))
    write_text(path, dump_json(value))


# A value in more lists and objects than this process can follow, some hundreds.
NESTED_TOO_DEEP = "nested too deep"


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _parse(text: str, path: Path | str, first_line: int = 1) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise UserError(f"{path}:{first_line + error.lineno - 1}: not valid JSON: {error.msg}") from None
    except ValueError as error:
        raise UserError(f"{path}:{first_line}: not valid JSON: {error}") from None
    except RecursionError:
        raise UserError(f"{path}:{first_line}: not valid JSON: {NESTED_TOO_DEEP}") from None


def parse_json(text: str, option: str) -> Any:
    """JSON on a command line; anything else is a ``UserError`` that names the option."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except ValueError as error:
        raise UserError(f"{option}: not valid JSON: {error}") from None
    except RecursionError:
        raise UserError(f"{option}: not valid JSON: {NESTED_TOO_DEEP}") from None


def parse_object(text: str, option: str) -> dict[str, Any]:
    """A JSON object on a command line; anything else is a ``UserError`` that names the option."""
    value = parse_json(text, option)
    if not isinstance(value, dict):
        raise UserError(f"{option}: must be a JSON object, got {text}")
    return value


def read_text(path: Path | str) -> str:
    """A text file, in UTF-8; other bytes are a ``UserError``."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8: {error.reason} at byte {error.start}") from None


def read_json(path: Path | str, schema: str | None = None) -> Any:
    """Read JSON; a broken or invalid file is a ``UserError`` that names the file and the place."""
    value = _parse(read_text(path), path)
    if schema is not None:
        validate(value, schema, source=str(path))
    return value


def write_jsonl(path: Path | str, rows: Iterable[Mapping[str, Any]], schema: str | None = None) -> None:
    """Write one JSON object per line, each validated against the named schema."""
    lines = []
    for number, row in enumerate(rows, start=1):
        if schema is not None:
            validate(row, schema, source=f"{path}:{number}")
        lines.append(json.dumps(row, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n")
    write_text(path, "".join(lines))


def read_jsonl(path: Path | str, schema: str | None = None) -> list[Any]:
    """Read JSON Lines; errors name the file and the line."""
    rows = []
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        row = _parse(line, path, first_line=number)
        if schema is not None:
            validate(row, schema, source=f"{path}:{number}")
        rows.append(row)
    return rows


def sha256_file(path: Path | str) -> str:
    """The SHA-256 of one file, or of a folder as the hash over its sorted relative names and contents."""
    path = Path(path)
    digest = hashlib.sha256()
    files = sorted(f for f in path.rglob("*") if f.is_file()) if path.is_dir() else [path]
    for file in files:
        if path.is_dir():
            digest.update(f"{file.relative_to(path)}\0{file.stat().st_size}\0".encode())
        with file.open("rb") as handle:
            while block := handle.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
