"""The division of rows over processes is complete, equal in number of batches and within memory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_scripts.core.errors import UserError
from workflow_scripts.training.sharded.data_parallel import DataParallel, split_rows

LENGTHS = st.lists(st.integers(1, 50), max_size=40)


@given(lengths=LENGTHS, processes=st.integers(1, 9), tokens_per_batch=st.integers(1, 200))
def test_every_row_is_computed_once_and_every_process_takes_part_in_every_batch(
    lengths: list[int], processes: int, tokens_per_batch: int
) -> None:
    split = split_rows(lengths, processes, tokens_per_batch)
    assert len(split) == processes
    assert len({len(batches) for batches in split}) == 1
    batches = [batch for part in split for batch in part]
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) <= 1 or len(batch) * max(lengths[row] for row in batch) <= tokens_per_batch
    assert split == split_rows(lengths, processes, tokens_per_batch)


@given(lengths=st.lists(st.integers(1, 50), min_size=9, max_size=40), processes=st.integers(2, 9))
def test_no_process_waits_while_there_are_rows(lengths: list[int], processes: int) -> None:
    assert all(batches[0] for batches in split_rows(lengths, processes, 10**6))


def test_work_is_about_equal() -> None:
    lengths = [100 + 7 * (number % 50) for number in range(256)]
    loads = [sum(len(b) * max(lengths[row] for row in b) for b in part) for part in split_rows(lengths, 8, 4096)]
    assert max(loads) <= 1.1 * min(loads)


def test_fewer_rows_than_processes_leave_empty_batches() -> None:
    assert split_rows([5, 9], 3, 100) == [[[1]], [[0]], [[]]]
    assert split_rows([], 2, 100) == [[], []]


def test_a_process_without_a_launcher_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RANK", raising=False)
    with pytest.raises(UserError, match=r"^RANK: is not in the environment.*training\.launch"):
        DataParallel.join("cpu")
