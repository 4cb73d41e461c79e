"""Rows as others published them, from a file, a data set's file or the package datasets; errors name row and key."""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import NESTED_TOO_DEEP

SUFFIXES = (".jsonl", ".jsonl.gz", ".json", ".parquet")


class NotExpressible(Exception):
    """A row that the schema of problems cannot hold; says why."""


class PublishedRow:
    """One row: its ``values`` by key, and its ``place`` (file and line, or data set and row) for errors."""

    def __init__(self, place: str, values: Mapping[str, Any]) -> None:
        self.place = place
        self.values = values

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def wrong(self, key: str, expected: str) -> UserError:
        """The error of a value that is not what the format has there."""
        shown = repr(self.values[key])
        return UserError(f"{self.place}: {key}: {shown[:80]}{' ...' if len(shown) > 80 else ''} is not {expected}")

    def value(self, key: str) -> Any:
        """Whatever the key holds; a missing key is a UserError that lists those that are there."""
        if key not in self.values:
            present = ", ".join(sorted(self.values)) or "none"
            raise UserError(f"{self.place}: {key}: is missing (it has: {present})")
        return self.values[key]

    def text(self, key: str) -> str:
        """A string."""
        value = self.value(key)
        if not isinstance(value, str):
            raise self.wrong(key, "a string")
        return value

    def integer(self, key: str) -> int:
        """An integer."""
        value = self.value(key)
        if type(value) is not int:
            raise self.wrong(key, "an integer")
        return value

    def texts(self, key: str) -> list[str]:
        """A list of strings."""
        value = self.value(key)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(key, "a list of strings")
        return value

    def columns(self, key: str, *names: str) -> list[list[Any]]:
        """An object that holds a list for each name, all of one length: the lists, in the order of ``names``."""
        value = self.value(key)
        held = [value.get(name) for name in names] if isinstance(value, dict) else []
        lists = [items for items in held if isinstance(items, list)]
        if len(lists) < len(names) or len({len(items) for items in lists}) > 1:
            raise self.wrong(key, f"an object with lists of one length: {', '.join(names)}")
        return lists

    def json_text(self, key: str) -> Any:
        """What a string of JSON says; None where it is empty."""
        text = self.text(key)
        if not text.strip():
            return None
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise UserError(
                f"{self.place}: {key}: not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}"
            ) from None
        except ValueError:
            # Only a number's length is left to be wrong.
            raise NotExpressible(f"{key} holds a number with too many digits to be read") from None
        except RecursionError:
            raise NotExpressible(f"{key} holds a value that is {NESTED_TOO_DEEP} to be read") from None


def read_rows(path: Path) -> Iterator[PublishedRow]:
    """The rows of a .jsonl, .jsonl.gz, .json (a list of objects) or .parquet file, in order."""
    if path.name.endswith((".jsonl", ".jsonl.gz")):
        return _read_lines(path)
    if path.suffix == ".json":
        return _read_list(path)
    if path.suffix == ".parquet":
        return _read_parquet(path)
    raise UserError(f"{path}: unknown kind of file; the name must end in {', '.join(SUFFIXES)}")


def _read_lines(path: Path) -> Iterator[PublishedRow]:
    number = 0
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as handle:
            # Bytes, so that only a line feed ends a line.
            for number, line in enumerate(handle, start=1):
                if line.strip():
                    yield _row(f"{path}:{number}", _parse(line.strip(), path, number))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UserError(f"{path}:{number + 1}: not a whole gzip file: {error}; download it again") from None


def _read_list(path: Path) -> Iterator[PublishedRow]:
    content = _parse(path.read_bytes(), path, 1)
    if not isinstance(content, list):
        raise UserError(f"{path}: a .json file must hold a list of objects; is it .jsonl, one object per line?")
    for number, values in enumerate(content, start=1):
        yield _row(f"{path}: element {number}", values)


def _read_parquet(path: Path) -> Iterator[PublishedRow]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            # A row of contest data can hold megabytes of tests.
            for batch in file.iter_batches(batch_size=64):
                for values in batch.to_pylist():
                    number += 1
                    yield _row(f"{path}: row {number}", values)
    except (pa.ArrowInvalid, UnicodeDecodeError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # of the file system; what is wrong in the file itself has no number
        reason = " ".join(str(error).split())
        raise UserError(f"{path}: not a readable Parquet file after row {number}: {reason}") from None


def _parse(text: bytes, path: Path, first_line: int) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise UserError(f"{path}:{first_line + error.lineno - 1}: not valid JSON: {error.msg}") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path}:{first_line}: not UTF-8: {error.reason} at byte {error.start}") from None
    except ValueError as error:
        raise UserError(f"{path}:{first_line}: not readable JSON: {error}") from None
    except RecursionError:
        raise UserError(f"{path}:{first_line}: not readable JSON: {NESTED_TOO_DEEP}") from None


def _row(place: str, values: Any) -> PublishedRow:
    if not isinstance(values, dict):
        raise UserError(f"{place}: {str(values)[:80]!r} is not an object")
    return PublishedRow(place, values)


def data_set_file(name: str, file: str, revision: str | None) -> Path:
    """One file of a data set's repository on the hub, downloaded unless it is at hand, or of a local folder.

    Data sets whose repository holds a loading script are no longer loaded by the package datasets; their files are.
    Raises UserError where there is no such file or it cannot be had.
    """
    if Path(name).is_dir():
        if revision is not None:
            raise UserError(f"--revision {revision}: {name} is a local folder, which has no revisions; leave it out")
        if not (Path(name) / file).is_file():
            raise UserError(f"--file {file}: is no file of the folder {name}")
        return Path(name) / file
    try:
        import huggingface_hub
    except ImportError:
        raise UserError(
            "--file: the package huggingface_hub is not installed; install it (pip install huggingface_hub), "
            "or download the file and give it as --input"
        ) from None
    try:
        return Path(huggingface_hub.hf_hub_download(name, file, repo_type="dataset", revision=revision))
    except Exception as error:  # as in load_rows: the person needs its words, whatever it met
        reason = " ".join(str(error).split())
        raise UserError(
            f"--data-set {name}: {file} cannot be had: {type(error).__name__}: {reason}; check --file and --revision, "
            "or download the file and give it as --input"
        ) from error


def load_rows(name: str, config: str | None, split: str, revision: str | None) -> Iterator[PublishedRow]:
    """The rows of one split of a data set, by its name on the hub or its local folder.

    Raises UserError where the package datasets is not installed or cannot load it.
    """
    try:
        import datasets
    except ImportError:
        raise UserError(
            "--data-set: the package datasets is not installed; install it (pip install datasets), "
            "or download the data set's file and give it as --input"
        ) from None
    try:
        rows = datasets.load_dataset(name, config, split=split, revision=revision)
    except Exception as error:  # whatever it meets on the way (network, names, formats), the person needs its words
        reason = " ".join(str(error).split())
        raise UserError(
            f"--data-set {name}: cannot be loaded: {type(error).__name__}: {reason}; check --config, --split and "
            "--revision, or download the data set's file and give it as --input"
        ) from error
    for number, values in enumerate(rows, start=1):
        yield _row(f"{name} ({split}): row {number}", values)
