"""The grid of campaigns from made-up files: traces, logs and leases as jobs leave them."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from tests.makers.scripts import ROOT, run_script
from workflow_scripts.audit.campaign_states import ChainSeed, all_states, campaign_state, declared_chains, read_log
from workflow_scripts.audit.show_status import grid
from workflow_scripts.core.errors import UserError
from workflow_scripts.training.resumption.lease_holder import Holder, this_process

CHAIN = "7B-reinforce-py-20"
LINE = ChainSeed(CHAIN, "A3", 7)
HERE = this_process("", "")
STEPS = "".join(f"step {step}: pass rate 0.{step}50, entropy 0.06\n" for step in (1, 2, 3))
TRACEBACK = (
    'Traceback (most recent call last):\n  File "x.py", line 1, in <module>\n    fail()\nValueError: no\nanother line\n'
)
CANCELLED = "slurmstepd: error: *** JOB 12 ON node1 CANCELLED ***"


def folder(results: Path, campaign: int, owner: str = "A3") -> Path:
    place = results / "chains" / CHAIN / owner / f"s7/c{campaign:02d}"
    place.mkdir(parents=True, exist_ok=True)
    return place


def write_trace(place: Path, rate: float, status: str = "completed") -> None:
    trace = {"steps": [{"CodeGrader/pass_rate/mean": 0.9}, {"CodeGrader/pass_rate/mean": rate}], "status": status}
    (place / "trace.json").write_text(json.dumps(trace))


def write_log(results: Path, campaign: int, text: str) -> None:
    path = results / "logs/chains" / CHAIN / f"A3/s7/c{campaign:02d}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def write_lease(place: Path, holder: Holder) -> None:
    (place / ".lease.json").write_text(json.dumps(holder.record()))


@pytest.mark.parametrize("content", ["[]", "{}", "null"])
def test_a_trace_that_is_none_is_named(tmp_path: Path, content: str) -> None:
    trace = folder(tmp_path, 2) / "trace.json"
    trace.write_text(content)
    with pytest.raises(UserError, match=f"^{trace}: is no trace"):
        campaign_state(tmp_path, LINE, 2, HERE)


@pytest.fixture
def dead() -> Holder:
    """A process of this host that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return replace(HERE, pid=ended.pid, started="1")


def test_a_campaign_of_each_kind(tmp_path: Path, dead: Holder) -> None:
    write_trace(folder(tmp_path, 1, "first"), 0.384)
    write_trace(folder(tmp_path, 2), 0.5, "nonfinite_loss")
    write_lease(folder(tmp_path, 3), replace(HERE, token="a", host="node1", slurm_job="12", beats=7, heartbeat="now"))
    (folder(tmp_path, 3) / "plan.json").write_text(json.dumps({"max_steps": 20}))
    write_log(tmp_path, 3, STEPS)
    write_lease(folder(tmp_path, 4), replace(dead, token="b"))
    write_log(tmp_path, 4, STEPS)
    write_lease(folder(tmp_path, 5), replace(HERE, token="c", status="stopped"))
    write_log(tmp_path, 5, STEPS + "error: disk: No space left on device\n")
    states = all_states(tmp_path, {LINE: 6})
    assert [cell.state for cell in states[LINE]] == ["done", "done", "running", "stopped", "failed", "waiting"]
    running, totals, *errors, _, head, cells, _, _ = grid(states).splitlines()
    assert head.split() == ["c01", "c02", "c03", "c04", "c05", "c06"]
    assert cells.split() == [CHAIN, "A3", "s7", "38", "50*", ">3", "=3", "!3", "."]
    assert totals == "6 campaigns: 2 done, 1 running, 1 failed, 1 stopped, 1 waiting"
    assert running.startswith(f"running  chains/{CHAIN}/A3/s7/c03: step 3 of 20, 35 s, pass rate 35 %; process ")
    assert f"process {os.getpid()} on node1 in SLURM job 12" in running
    assert errors[0].endswith("nonfinite_loss")
    assert errors[1].endswith("c05.log: error: disk: No space left on device")


def test_a_holder_that_has_just_begun_runs_without_a_step(tmp_path: Path) -> None:
    write_lease(folder(tmp_path, 2), replace(HERE, token="a"))
    cell = campaign_state(tmp_path, LINE, 2, HERE)
    assert (cell.state, cell.step, cell.pass_rate) == ("running", None, None)
    shown = grid({LINE: [cell]})
    assert ": step 0, 0 s; process " in shown
    assert " >0" in shown


def test_where_nothing_runs_the_status_says_so_first(tmp_path: Path) -> None:
    assert grid(all_states(tmp_path, {LINE: 2})).splitlines()[:2] == ["nothing runs now", "2 campaigns: 2 waiting"]


def test_a_trace_counts_whatever_the_lease_says(tmp_path: Path) -> None:
    write_lease(folder(tmp_path, 2), replace(HERE, token="a", status="finished"))
    write_trace(folder(tmp_path, 2), 0.25)
    assert campaign_state(tmp_path, LINE, 2, HERE).pass_rate == 0.25


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (None, None, None)),
        (STEPS, (3, 0.35, None)),
        (STEPS + TRACEBACK, (3, 0.35, "ValueError: no")),
        (TRACEBACK + STEPS, (3, 0.35, None)),
        (STEPS + "place: interrupted; the same command goes on after step 3\n", (3, 0.35, None)),
        (f"{CANCELLED}\n", (None, None, CANCELLED)),
        ("python: warning: no error here\n", (None, None, None)),
    ],
)  # fmt: skip
def test_what_a_log_says(tmp_path: Path, text: str, expected: tuple[int | None, float | None, str | None]) -> None:
    path = tmp_path / "c02.log"
    path.write_text(text)
    assert read_log(path) == expected


def test_chains_of_the_projects_own_waves() -> None:
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    of_one = declared_chains(config, ["W4"])
    assert len(of_one) == 2 * len(config["seeds"])
    assert set(of_one.values()) == {10}
    together = declared_chains(config, ["W3", "W4"])
    assert set(together) == set(of_one)
    assert together == of_one, "W3's five campaigns are the first of W4's ten"


def test_the_command_names_what_it_does_not_know() -> None:
    for words, told in ((["--testbed", "tny"], "did you mean 'tiny'?"), (["--wave", "W44"], "did you mean 'W4'?")):
        result = run_script("workflow_scripts.audit.show_status", *words)
        assert result.returncode == 1
        assert told in result.stderr
        assert "Traceback" not in result.stderr
