"""Files appear whole or not at all, and JSON is refused with the file, the line, the key and the value."""

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from errno import ECONNRESET, ENOSPC
from pathlib import Path

import pytest

from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import (
    atomic_directory,
    atomic_path,
    parse_object,
    read_json,
    read_jsonl,
    sha256_file,
    write_json,
    write_jsonl,
    write_text,
)

ROW = {"prompt": "def f():", "completion": " return 1", "composition": ["one"], "corrupted": False}


def fail_midway(path: Path) -> None:
    with atomic_path(path) as partial:
        partial.write_text("half", encoding="utf-8")
        raise RuntimeError("disk full")


def fail_midway_in_folder(path: Path) -> None:
    with atomic_directory(path) as partial:
        (partial / "weights").write_text("half", encoding="utf-8")
        raise RuntimeError("disk full")


def test_a_writer_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    write_text(path, "old")
    with pytest.raises(RuntimeError, match="disk full"):
        fail_midway(path)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_replaces_the_old_one_and_makes_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "text"
    for text in ("old", "new\n"):
        write_text(path, text)
        assert path.read_text(encoding="utf-8") == text
    assert list(path.parent.iterdir()) == [path]
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_new_folder_replaces_the_old_one_whole(tmp_path: Path) -> None:
    folder = tmp_path / "peak"
    for name in ("old", "new"):
        with atomic_directory(folder) as partial:
            (partial / "inner").mkdir()
            (partial / "inner" / name).write_text(name, encoding="utf-8")
    assert [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.rglob("*"))] == [
        "peak",
        "peak/inner",
        "peak/inner/new",
    ]


def test_a_folder_takes_the_place_of_a_file(tmp_path: Path) -> None:
    write_text(tmp_path / "peak", "a file")
    with atomic_directory(tmp_path / "peak") as partial:
        (partial / "weights").touch()
    assert (tmp_path / "peak" / "weights").is_file()


def test_a_writer_of_a_folder_that_fails_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "peak"
    with atomic_directory(folder) as partial:
        (partial / "weights").write_text("old", encoding="utf-8")
    with pytest.raises(RuntimeError, match="disk full"):
        fail_midway_in_folder(folder)
    assert list(tmp_path.iterdir()) == [folder]
    assert (folder / "weights").read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize(("writer", "part"), [(atomic_path, ""), (atomic_directory, "/weights")])
def test_a_write_that_the_disk_refuses_names_the_file_that_was_to_be_written(
    tmp_path: Path, writer: Callable[[Path], AbstractContextManager[Path]], part: str
) -> None:
    """A write to a full disk names no file, and safetensors' the temporary one; others keep their own name."""
    target = tmp_path / "peak"

    def write(name: str | None, number: int) -> None:
        with writer(target) as partial:
            told = name if name is None else name.format(partial=partial)
            raise OSError(number, "refused", told)

    def refused(name: str | None, number: int = ENOSPC) -> OSError:
        with pytest.raises(OSError, match="refused") as caught:
            write(name, number)
        return caught.value

    assert refused(None).filename == str(target)
    assert refused(f"{{partial}}{part}").filename == f"{target}{part}"
    assert refused("/elsewhere/trace.json").filename == "/elsewhere/trace.json"
    assert refused(None).errno == ENOSPC
    assert refused(None, ECONNRESET).filename is None


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_in_json_is_never_written(tmp_path: Path, value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "x.json", {"loss": value})
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_jsonl(tmp_path / "x.jsonl", [{"loss": value}])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{\n"loss": NaN}', "NaN is no JSON number"),
        ('{\n"loss": -Infinity}', "-Infinity is no JSON number"),
        ('{\n"loss": }', ":2: not valid JSON: Expecting value"),
        ("", ":1: not valid JSON"),
        ('{"a": "\0"}', ":1: not valid JSON: Invalid control character"),
        ("[" * 100_000 + "]" * 100_000, ":1: not valid JSON: nested too deep"),
        ('{"a": ' * 100_000, ":1: not valid JSON: nested too deep"),
    ],
)
def test_broken_json_names_file_and_place(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UserError) as caught:
        read_json(path)
    assert str(caught.value).startswith(str(path))
    assert words in str(caught.value)


def test_a_file_in_another_encoding_is_a_users_mistake(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b'{"name": "caf\xe9"}')
    for read in (read_json, read_jsonl):
        with pytest.raises(UserError, match=r"x\.json: not UTF-8: .* at byte 13"):
            read(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not valid JSON: Expecting property name"),
        ('{"a": NaN}', "not valid JSON: NaN is no JSON number"),
        ("[" * 100_000, "not valid JSON: nested too deep"),
        ("[1]", r"must be a JSON object, got \[1\]"),
    ],
)
def test_an_option_that_is_no_json_object_is_named(text: str, words: str) -> None:
    with pytest.raises(UserError, match=f"^--settings: {words}"):
        parse_object(text, "--settings")
    assert parse_object('{"a": 1}', "--settings") == {"a": 1}


def test_a_value_too_deep_to_be_shown_is_still_refused_in_one_line(tmp_path: Path) -> None:
    """Deep enough for the reader, and not for the words that show it."""
    path = tmp_path / "plan.json"
    for depth in (200, 800, 900, 950, 970, 990):
        path.write_text('{"corrupted": ' + "[" * depth + "]" * depth + "}", encoding="utf-8")
        with pytest.raises(UserError, match=f"^{path}:") as caught:
            read_json(path, "corpus_row")
        assert "\n" not in str(caught.value)


def test_broken_json_lines_name_the_line(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    for broken in ('{"a": }', "[" * 100_000):
        path.write_text(f'{{"a": 1}}\n\n{{"a": 2}}\n{broken}\n', encoding="utf-8")
        with pytest.raises(UserError, match=r"x\.jsonl:4: not valid JSON"):
            read_jsonl(path)


def test_invalid_rows_name_file_line_key_and_value(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    wrong = ROW | {"corrupted": "perhaps"}
    with pytest.raises(UserError) as written:
        write_jsonl(path, [ROW, wrong], schema="corpus_row")
    assert not path.exists()
    write_jsonl(path, [ROW, wrong])
    with pytest.raises(UserError) as read:
        read_jsonl(path, schema="corpus_row")
    for caught in (written, read):
        assert all(word in str(caught.value) for word in (f"{path}:2", "corrupted", "'perhaps'", "boolean"))


def test_an_invalid_value_names_file_key_and_value(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    state = {"schema_version": 1, "controller": "A3", "campaign": 0, "memory": []}
    with pytest.raises(UserError, match=rf"^{path}: campaign: 0 is less than the minimum of 1 \(schema: state\)$"):
        write_json(path, state, schema="state")
    with pytest.raises(UserError, match=r"\(top level\): 'memory' is a required property"):
        write_json(path, {"schema_version": 1, "controller": "A3", "campaign": 1}, schema="state")
    assert not path.exists()


def test_rows_return_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    rows = [{"text": "line\nbreak \u2028 \x85 é"}, {"b": 1, "a": [None, True, 1.5]}]
    write_jsonl(path, rows)
    assert read_jsonl(path) == rows
    assert len(path.read_text(encoding="utf-8").split("\n")) == 3


def test_json_does_not_depend_on_the_order_of_keys(tmp_path: Path) -> None:
    write_json(tmp_path / "1.json", {"a": 1, "b": 2})
    write_json(tmp_path / "2.json", {"b": 2, "a": 1})
    assert (tmp_path / "1.json").read_bytes() == (tmp_path / "2.json").read_bytes() == b'{\n "a": 1,\n "b": 2\n}\n'


def test_a_folders_checksum_covers_names_and_contents(tmp_path: Path) -> None:
    def checksum(files: dict[str, str]) -> str:
        with atomic_directory(tmp_path / "folder") as partial:
            for name, text in files.items():
                (partial / name).write_text(text, encoding="utf-8")
        return sha256_file(tmp_path / "folder")

    base = checksum({"a": "1", "b": "2"})
    assert base == checksum({"b": "2", "a": "1"})
    others = [checksum(files) for files in ({"a": "12", "b": ""}, {"a": "1", "c": "2"}, {"a": "1"})]
    assert len({base, *others}) == 4
    # The SHA-256 of "1", as sha256sum prints it.
    expected = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"
    assert sha256_file(tmp_path / "folder" / "a") == expected
