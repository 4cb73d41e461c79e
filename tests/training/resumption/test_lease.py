"""A campaign's folder has one writer: who comes second waits, takes the place of a dead one, or says why it cannot."""

import errno
import itertools
import json
import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.patience import PATIENCE_SECONDS, await_that
from tests.training.resumption.campaign_processes import FORK, assert_equal_results, paused_after, start
from tests.training.resumption.test_resume import options, undisturbed
from tests.training.test_train_campaign import command, inputs
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, write_json
from workflow_scripts.training.resumption.lease import LEASE, Lease, LeaseLost, current_holder
from workflow_scripts.training.resumption.lease_holder import Holder, this_process

__all__ = ["inputs", "options", "undisturbed"]  # fixtures

ELSEWHERE = Holder("0" * 32, "node17", "another boot", "pid:[1]", 4711, "99", "321", "1", "made from this")


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


def finish(process: Any) -> int:
    process.join(PATIENCE_SECONDS)
    assert process.exitcode is not None
    return int(process.exitcode)


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


def hold(folder: Path, timeout: float = 60, wait: float = 60) -> Lease:
    lease = Lease(folder, "made from this", timeout, wait)
    await_that(lease.attempt)
    return lease


def forge(folder: Path, holder: Holder, **changes: Any) -> None:
    write_json(folder / LEASE, holder.record() | changes)


def test_a_lease_names_its_holder_and_stays_as_what_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "321")
    monkeypatch.setenv("SLURM_RESTART_COUNT", "2")
    lease = hold(tmp_path / "c01")
    content = read_json(tmp_path / "c01" / LEASE)
    assert (content["pid"], content["slurm_job"], content["slurm_restarts"]) == (os.getpid(), "321", "2")
    assert content["status"] == "held"
    lease.confirm()
    lease.release("finished")
    assert [path.name for path in (tmp_path / "c01").iterdir()] == [LEASE]
    assert read_json(tmp_path / "c01" / LEASE)["status"] == "finished"
    again = hold(tmp_path / "c01")
    assert not again.finished_before, "nobody was waited for"
    again.release("stopped")


def test_another_hosts_living_holder_is_refused_in_the_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lease = Lease(tmp_path, "made from this", timeout=0.2, wait=0.6)

    def attempt_between_beats() -> None:
        for beats in itertools.count():
            forge(tmp_path, ELSEWHERE, beats=beats)
            assert not lease.attempt()
            time.sleep(0.02)

    with pytest.raises(UserError, match=r"process 4711 on node17 in SLURM job 321, restart 1 .*--lease-wait"):
        attempt_between_beats()
    assert capsys.readouterr().err.count("is training this campaign; waiting for it") == 1
    holder = current_holder(tmp_path)
    assert holder is not None
    assert holder.token == ELSEWHERE.token


def test_another_hosts_still_holder_is_followed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    forge(tmp_path, ELSEWHERE, heartbeat="2999-01-01T00:00:00Z")  # its clock says nothing here
    began = time.monotonic()
    hold(tmp_path, timeout=0.5).release("stopped")
    assert time.monotonic() - began > 0.5
    assert (
        "process 4711 on node17 in SLURM job 321, restart 1 (last sign of life at 2999-01-01T00:00:00Z) was not"
        in capsys.readouterr().err
    )


def test_a_process_id_counts_on_its_own_host_and_for_one_start(tmp_path: Path) -> None:
    me = this_process("1" * 32, "made from this")
    forge(tmp_path, me, started="1")
    hold(tmp_path, wait=0).release("stopped")
    for elsewhere in ({"namespace": "pid:[1]"}, {"boot": "another"}, {"host": "another"}, {}):
        forge(tmp_path, me, **({"pid": 2**22 + 1} if elsewhere else {}), **elsewhere)
        assert not Lease(tmp_path, "made from this", 60, 60).attempt()


@pytest.mark.parametrize("text", ["", "{", '{"token": "1", "color": "red"}'])
def test_a_file_that_says_nothing_is_followed_when_it_does_not_change(tmp_path: Path, text: str) -> None:
    (tmp_path / LEASE).write_text(text)
    hold(tmp_path, timeout=0.3).release("stopped")
    assert read_json(tmp_path / LEASE)["pid"] == os.getpid()


def test_whoever_lost_the_lease_is_told_so(tmp_path: Path) -> None:
    first = hold(tmp_path / "c01")
    forge(tmp_path / "c01", ELSEWHERE)
    with pytest.raises(LeaseLost, match=r"process 4711 on node17 .* took its place; this process stops"):
        first.confirm()
    before = (tmp_path / "c01" / LEASE).read_bytes()
    first.release("stopped")
    assert (tmp_path / "c01" / LEASE).read_bytes() == before
    second = hold(tmp_path / "c02")
    (tmp_path / "c02" / LEASE).unlink()
    with pytest.raises(LeaseLost, match="the lease was removed"):
        second.confirm()
    second.release("stopped")


def test_a_follower_that_died_on_its_way_is_followed_itself(tmp_path: Path) -> None:
    forge(tmp_path, ELSEWHERE, status="stopped")
    dead = this_process("2" * 32, "made from this").record() | {"started": "1"}
    (tmp_path / f".lease-after-{ELSEWHERE.token}.json").write_text(json.dumps(dead))
    lease = hold(tmp_path, wait=0)
    lease.confirm()
    assert [path.name for path in tmp_path.iterdir()] == [LEASE]
    lease.release("stopped")


@pytest.mark.parametrize("linked", [False, True], ids=["before_linking", "after_linking"])
@pytest.mark.parametrize("state", ["absent", "stopped"])
def test_who_is_killed_while_it_makes_its_lease_keeps_nobody_waiting(tmp_path: Path, state: str, linked: bool) -> None:
    if state == "stopped":
        hold(tmp_path).release("stopped")

    def die() -> None:
        link = os.link

        def link_and_die(*paths: Path) -> None:
            if linked:
                link(*paths)
            os.kill(os.getpid(), signal.SIGKILL)

        os.link = link_and_die  # type: ignore[assignment]
        hold(tmp_path)

    process = FORK.Process(target=die)
    process.start()
    assert finish(process) == -signal.SIGKILL
    lease = Lease(tmp_path, "made from this", timeout=60, wait=0)
    assert lease.attempt()
    lease.confirm()
    lease.release("stopped")


def test_a_link_that_was_made_counts_though_the_file_system_denies_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def link_and_deny(*paths: Path) -> None:
        link(*paths)
        raise FileExistsError

    monkeypatch.setattr(os, "link", link_and_deny)
    lease = Lease(tmp_path, "made from this", timeout=60, wait=0)
    assert lease.attempt()
    lease.release("stopped")


def test_a_file_system_without_links_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Path) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(OSError, match=r"Operation not permitted: '.*/\.lease\.json'"):
        Lease(tmp_path, "made from this", timeout=60, wait=0).attempt()
    assert list(tmp_path.iterdir()) == []


def test_of_many_that_come_and_die_one_holds_at_a_time(tmp_path: Path) -> None:
    """Each makes a file that nobody may have made before it, and removes it; some die in between."""
    folder, inside, crowd, rounds = tmp_path / "c01", tmp_path / "inside", 6, 25

    def come_and_go(number: int) -> None:
        draws = random.Random(number)
        for _ in range(rounds):
            lease = hold(folder)
            os.close(os.open(inside, os.O_CREAT | os.O_EXCL))
            time.sleep(draws.uniform(0, 0.003))
            lease.confirm()
            inside.unlink()
            if draws.random() < 0.1:
                os._exit(17)
            lease.release("stopped")

    processes = [FORK.Process(target=come_and_go, args=(number,)) for number in range(crowd)]
    for process in processes:
        process.start()
    statuses = {finish(process) for process in processes}
    assert statuses <= {0, 17}
    assert not inside.exists()
    assert [path.name for path in folder.iterdir()] == [LEASE]
