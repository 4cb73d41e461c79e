"""What is kept of compiled programs: whole or not at all, within a size, and never a reason to fail."""

import os
from pathlib import Path

import pytest

from workflow_scripts.grading.cpp.compiled_cache import CompiledCache
from workflow_scripts.grading.verdicts import Grade, Verdict

REFUSAL = Grade(Verdict.ERROR, "does not compile: no")


def file_of(folder: Path, key: str) -> Path:
    return folder / key[:2] / key


def test_programs_and_refusals_come_back_from_another_run(tmp_path: Path) -> None:
    CompiledCache(tmp_path).put("aa1", b"program")
    CompiledCache(tmp_path).put("aa2", REFUSAL)
    cache = CompiledCache(tmp_path)
    assert [cache.get(key) for key in ("aa1", "aa2", "aa3")] == [b"program", REFUSAL, None]


def test_what_was_damaged_is_not_there(tmp_path: Path) -> None:
    cache = CompiledCache(tmp_path)
    for made in (b"program", REFUSAL):
        cache.put("aa1", made)
        path = file_of(tmp_path, "aa1")
        whole = path.read_bytes()
        assert cache.get("aa1") == made
        flipped = bytes([whole[-1] ^ 1])
        kind = bytes([whole[32] ^ (ord("P") ^ ord("R"))])
        for damaged in (whole[:-1], whole + b"x", whole[:-1] + flipped, whole[:32] + kind + whole[33:], b"", b"{}"):
            path.write_bytes(damaged)
            assert cache.get("aa1") is None
    cache.put("aa2", b"another")
    file_of(tmp_path, "aa2").replace(path)
    assert cache.get("aa1") is None
    cache.put("aa1", b"program")
    assert cache.get("aa1") == b"program"


def test_what_was_used_last_stays(tmp_path: Path) -> None:
    one, other = CompiledCache(tmp_path, 10_000), CompiledCache(tmp_path, 10_000)
    for number in range(30):
        (one if number % 2 else other).put(f"{number:02}", bytes(1000))
        os.utime(file_of(tmp_path, f"{number:02}"), (number, number))
        assert one.get("00") is not None
    there = {path.name for path in tmp_path.glob("*/*")}
    assert {"00", "29", "28"} <= there
    assert sum(path.stat().st_size for path in tmp_path.glob("*/*")) <= 10_000 + 2 * 1033


def test_a_folder_that_takes_nothing_is_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    cache = CompiledCache(tmp_path / "file" / "programs")
    for key in ("aa1", "bb2"):
        cache.put(key, b"program")
        assert cache.get(key) is None
    assert capsys.readouterr().err == f"{tmp_path}/file/programs: Not a directory: what is compiled is not kept\n"
