"""The words of a run."""

from dataclasses import replace

import pytest

from tests.console.test_run_progress import CHAIN, run_of
from workflow_scripts.console import run_lines
from workflow_scripts.console.run_progress import DoneChain, RunProgress

DONE = DoneChain(CHAIN, 3, 15, (2, 3, 4), 52.0, None)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (365, "6 min 05 s"),
        (7800, "2 h 10 min"),
        (7199, "1 h 59 min"),
    ],
)
def test_times(seconds: float, words: str) -> None:
    assert run_lines.elapsed(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, ""), (59, "under 1 min left"), (100, "about 2 min left"), (7800, "about 2 h 10 min left")],
)
def test_time_left_is_no_more_exact_than_an_estimate(seconds: float | None, words: str) -> None:
    assert run_lines.time_left(seconds) == words


def test_a_finished_chain() -> None:
    line = run_lines.finished_chain(DONE, ", last pass rate 41 %", "about 3 min left")
    assert line == f"[ 3/15] {CHAIN}: campaigns 2 to 4 in 52 s, last pass rate 41 %; about 3 min left"
    assert run_lines.finished_chain(replace(DONE, campaigns=(1,)), "", "") == f"[ 3/15] {CHAIN}: campaign 1 in 52 s"


def test_a_run_begins_with_what_it_is_going_to_do() -> None:
    assert run_lines.beginning(run_of(wall_seconds=400.0)) == "5 jobs, of them 2 campaigns, about 7 min on 2 cores"
    assert run_lines.beginning(run_of(None, None)) == "5 jobs, of them 2 campaigns on the cluster"


def test_long_lines_lose_their_middle_and_short_ones_nothing() -> None:
    command = "Command 'set -euo pipefail; " + "x" * 5000 + "' returned non-zero exit status 1."
    short, long = run_lines.shortened(f"RuleException:\n{command}").splitlines()
    assert short == "RuleException:"
    assert len(long) < 250
    assert long.startswith("Command 'set")
    assert long.endswith("exit status 1.")


def test_the_end_says_where_the_figure_is_or_how_to_go_on() -> None:
    progress = RunProgress(run_of(), began=0.0)
    progress.begin(2, 0.0)
    progress.fail(2)
    failed, again, log = run_lines.ending(progress, 65.0, "a.log")
    assert failed == "NOT done: 0 of 5 jobs, 0 of 2 campaigns in 1 min 05 s, 1 failed"
    assert "the same command goes on" in again
    assert log == "full log: a.log"
    for number in (1, 2, 3, 4, 5):
        progress.finish(number, 70.0)
    done, figure, following, _ = run_lines.ending(progress, 70.0, "a.log")
    assert done == "done: 5 of 5 jobs, 2 of 2 campaigns in 1 min 10 s"
    assert figure == "  figures/fig3.pdf"
    assert following.startswith("next: ")


def test_many_targets_are_named_by_their_folders() -> None:
    run = replace(run_of(), targets=("figures/a.pdf", *(f"paper/tables/{name}.md" for name in "abcd")))
    progress = RunProgress(run, began=0.0, done=set(run.jobs))
    assert run_lines.ending(progress, 1.0, None)[1:3] == ["  figures/: 1 file", "  paper/tables/: 4 files"]
