"""Progress is one line that is rewritten on a terminal, and few lines elsewhere."""

import io

import pytest

from workflow_scripts.grading.progress import with_progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(stream: io.StringIO, total: int, seconds_each: float) -> str:
    """What is said of ``total`` items that take equally long."""
    ticks = iter(range(total + 1))
    assert list(with_progress(range(total), total, stream, lambda: next(ticks) * seconds_each)) == list(range(total))
    return stream.getvalue()


def test_a_fast_grading_says_every_tenth() -> None:
    lines = run(io.StringIO(), 1000, 0.001).splitlines()
    assert len(lines) == 10
    assert lines[0] == "graded 100 of 1000 (10 %), 1000.0 a second"
    assert lines[-1] == "graded 1000 of 1000 (100 %), 1000.0 a second"


def test_a_slow_grading_says_something_every_ten_seconds() -> None:
    lines = run(io.StringIO(), 1000, 1.0).splitlines()
    assert len(lines) == 100
    assert lines[0] == "graded 10 of 1000 (1 %), 1.0 a second"


def test_a_terminals_line_is_rewritten_and_ended() -> None:
    said = run(Terminal(), 100, 0.1)
    assert said.startswith("\rgraded 2 of 100 (2 %), 10.0 a second\rgraded 4 of 100")
    assert said.endswith("\rgraded 100 of 100 (100 %), 10.0 a second\n")
    assert said.count("\n") == 1


def test_an_error_begins_a_line_of_its_own() -> None:
    def items():
        yield from range(5)
        raise ZeroDivisionError

    stream, ticks = Terminal(), iter(range(100))
    with pytest.raises(ZeroDivisionError):
        list(with_progress(items(), 100, stream, lambda: next(ticks)))
    assert stream.getvalue().endswith("graded 5 of 100 (5 %), 1.0 a second\n")


def test_nothing_at_all_says_nothing() -> None:
    assert run(Terminal(), 0, 1.0) == ""
