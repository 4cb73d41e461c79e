"""The lease of a folder: who holds it, who may follow, and what is left of those that died on their way."""

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

from tests.patience import await_that
from tests.training.resumption.campaign_processes import FORK, finish
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, write_json
from workflow_scripts.training.resumption.lease import LEASE, Lease, LeaseLost, current_holder
from workflow_scripts.training.resumption.lease_holder import Holder, this_process

ELSEWHERE = Holder("0" * 32, "node17", "another boot", "pid:[1]", 4711, "99", "321", "1", "made from this")


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

        os.link = link_and_die
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
