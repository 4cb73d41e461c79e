"""Rows come out of every kind of file alike, and a file that cannot be read is one clear error."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.problems.published_samples import contest_row
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.published_rows import read_rows


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", b'{"task_id": 1}\n{"task_id"\n', r"a\.jsonl:2: not valid JSON"),
        ("a.jsonl", b'{"task_id": "\xff"}\n', r"a\.jsonl:1: not UTF-8"),
        ("a.jsonl", b"{}\n" + b"[" * 100_000, r"a\.jsonl:2: not readable JSON: nested too deep"),
        ("a.jsonl.gz", gzip.compress(b"{}\n" * 100, mtime=0)[:-12], r"a\.jsonl\.gz:\d+: not a whole gzip file"),
        ("a.jsonl.gz", b"{}\n", r"a\.jsonl\.gz:1: not a whole gzip file"),
        ("a.json", b"{}", r"a\.json: a \.json file must hold a list"),
        ("a.parquet", b"PAR1 nothing of the kind", r"a\.parquet: not a readable Parquet file after row 0"),
        ("a.csv", b"task_id\n", r"a\.csv: unknown kind of file; the name must end in \.jsonl, "),
    ],
)
def test_a_file_that_cannot_be_read_is_named(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=message):
        list(read_rows(tmp_path / name))


def test_every_kind_of_file_holds_the_same_rows(tmp_path: Path) -> None:
    rows = [contest_row(), contest_row(name="b", time_limit=None)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress((tmp_path / "a.jsonl").read_bytes()))
    (tmp_path / "a.json").write_text(json.dumps(rows))
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    found = [[row.values for row in read_rows(path)] for path in sorted(tmp_path.iterdir())]
    assert found == [rows] * 4
