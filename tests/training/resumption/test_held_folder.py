"""Trainers that meet in a campaign's folder: who comes second waits, takes the place of a dead one, or ends."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.patience import await_that
from tests.training.resumption.campaign_processes import assert_equal_results, finish, paused_after, start
from tests.training.resumption.test_resume import options, undisturbed
from tests.training.test_train_campaign import command, inputs
from workflow_scripts.core.files import read_json
from workflow_scripts.training.resumption.lease import LEASE

__all__ = ["inputs", "options", "undisturbed"]  # fixtures


class Campaign:
    """A campaign's folder, a trainer that was paused in it after its second step, and what a second one says."""

    def __init__(self, folder: Path, inputs: Path, options: dict[str, Any]) -> None:
        self.output, self.first_said, self.second_said = folder / "c01", folder / "first", folder / "second"
        self._inputs, self._options, self._go, reached = inputs, options, folder / "go", folder / "reached"
        self.first = start(self.words(), self.first_said, paused_after(2, reached, self._go))
        await_that(reached.exists)

    def words(self, **more: Any) -> list[str]:
        return command(self._inputs, self.output, **self._options, **more)

    def second(self, **more: Any) -> Any:
        return start(self.words(**more), self.second_said)

    def let_go(self) -> None:
        self._go.touch()

    def wait_until_second_waits(self) -> None:
        expected = f"process {self.first.pid} on "
        await_that(lambda: self.second_said.exists() and expected in self.second_said.read_text())
        assert self.second_said.read_text().endswith(") is training this campaign; waiting for it\n")


@pytest.fixture
def campaign(inputs: Path, options: dict[str, Any], tmp_path: Path) -> Any:
    campaign = Campaign(tmp_path, inputs, options)
    yield campaign
    campaign.first.kill()


def test_a_killed_holder_is_followed_at_once(campaign: Campaign, undisturbed: Path) -> None:
    campaign.first.kill()
    # Dead, which a busy machine takes its time for, but not reaped: it is gone all the same.
    os.waitid(os.P_PID, campaign.first.pid, os.WEXITED | os.WNOWAIT)
    assert finish(campaign.second(**{"lease-wait": 0})) == 0
    said = campaign.second_said.read_text()
    assert f"process {campaign.first.pid} on " in said
    assert "does not run any more; this process takes its place" in said
    assert "goes on after step 2" in said
    assert_equal_results(campaign.output, undisturbed)


def test_a_living_holder_is_waited_for_and_its_campaign_is_not_trained_again(
    campaign: Campaign, undisturbed: Path
) -> None:
    second = campaign.second()
    campaign.wait_until_second_waits()
    campaign.let_go()
    assert finish(campaign.first) == 0
    written = (campaign.output / "trace.json").stat()
    assert finish(second) == 0
    assert "step" not in campaign.second_said.read_text()
    after = (campaign.output / "trace.json").stat()
    assert (after.st_ino, after.st_mtime_ns) == (written.st_ino, written.st_mtime_ns)
    assert_equal_results(campaign.output, undisturbed)
    # Without having waited for anybody it is a campaign like any other.
    assert finish(campaign.second()) == 0
    assert "step 1: " in campaign.second_said.read_text()
    assert_equal_results(campaign.output, undisturbed)


def test_what_a_living_holder_leaves_in_part_is_trained_again(campaign: Campaign, undisturbed: Path) -> None:
    second = campaign.second()
    campaign.wait_until_second_waits()
    os.kill(second.pid, signal.SIGSTOP)
    campaign.let_go()
    assert finish(campaign.first) == 0
    (campaign.output / "rollouts.parquet").unlink()
    os.kill(second.pid, signal.SIGCONT)
    assert finish(second) == 0
    assert "step 1: " in campaign.second_said.read_text()
    assert_equal_results(campaign.output, undisturbed)


def test_of_another_code_a_finished_campaign_is_trained_again(campaign: Campaign, undisturbed: Path) -> None:
    second = campaign.second(provenance="other code")
    campaign.wait_until_second_waits()
    campaign.let_go()
    assert (finish(campaign.first), finish(second)) == (0, 0)
    assert "step 1: " in campaign.second_said.read_text()
    assert_equal_results(campaign.output, undisturbed)


def test_an_interrupted_holder_is_followed_from_where_it_left(campaign: Campaign, undisturbed: Path) -> None:
    second = campaign.second()
    campaign.wait_until_second_waits()
    os.kill(campaign.first.pid, signal.SIGTERM)
    campaign.let_go()
    assert (finish(campaign.first), finish(second)) == (75, 0)
    assert "goes on after step 2\nstep 3: " in campaign.second_said.read_text()
    assert_equal_results(campaign.output, undisturbed)


def test_a_suspended_holder_is_replaced_and_writes_nothing_when_it_wakes(campaign: Campaign, undisturbed: Path) -> None:
    os.kill(campaign.first.pid, signal.SIGSTOP)
    assert finish(campaign.second(**{"lease-timeout": 1})) == 0
    assert "was not heard of for " in campaign.second_said.read_text()
    assert_equal_results(campaign.output, undisturbed)
    before = contents(campaign.output)
    os.kill(campaign.first.pid, signal.SIGCONT)
    campaign.let_go()
    assert finish(campaign.first) == 1
    assert contents(campaign.output) == before
    assert "step 4" not in campaign.first_said.read_text()


def contents(folder: Path) -> dict[str, tuple[int, bytes]]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def test_who_waits_can_be_interrupted(campaign: Campaign) -> None:
    second = campaign.second()
    campaign.wait_until_second_waits()
    os.kill(second.pid, signal.SIGTERM)
    assert finish(second) == 75
    assert campaign.second_said.read_text().endswith("c01: interrupted while it waited for the folder\n")
    assert campaign.first.is_alive()
    assert read_json(campaign.output / LEASE)["pid"] == campaign.first.pid
