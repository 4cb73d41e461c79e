"""A campaign that is asked to stop does so at a step boundary, says so, and ends as if nothing had happened."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.patience import PATIENCE_SECONDS, await_that
from tests.training.resumption.campaign_processes import assert_equal_results, in_the_middle_of, start
from tests.training.resumption.test_resume import STEPS, options, undisturbed
from tests.training.test_train_campaign import ROOT, command, environment, inputs, train
from workflow_scripts.core.files import read_json, write_json
from workflow_scripts.training import train_campaign
from workflow_scripts.training.launch import was_interrupted
from workflow_scripts.training.resumption import interruption
from workflow_scripts.training.resumption.interruption import INTERRUPTED

__all__ = ["inputs", "options", "undisturbed"]  # fixtures


def signal_itself(*numbers: int, pause: float = 0.0) -> Callable[[], None]:
    def act() -> None:
        for number in numbers:
            os.kill(os.getpid(), number)
            time.sleep(pause)

    return act


def status_of(words: list[str], messages: Path, prepare: Callable[[], None] = lambda: None) -> int:
    process = start(words, messages, prepare)
    process.join()
    assert process.exitcode is not None
    return int(process.exitcode)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1])
@pytest.mark.parametrize("step", range(1, STEPS))
def test_a_signal_in_the_middle_of_a_step(
    inputs: Path, options: dict[str, Any], undisturbed: Path, tmp_path: Path, number: int, step: int
) -> None:
    output, messages = tmp_path / "c01", tmp_path / "messages"
    words = command(inputs, output, **options)
    assert status_of(words, messages, in_the_middle_of(step, signal_itself(number))) == INTERRUPTED
    last = messages.read_text().splitlines()[-1]
    assert last == f"{output}: interrupted; the same command goes on after step {step}"
    assert sorted(path.name for path in output.iterdir()) == [".lease.json", "resume.safetensors"]
    assert read_json(output / ".lease.json")["status"] == "stopped"
    assert status_of(words, messages) == 0
    assert f"the campaign goes on after step {step}\nstep {step + 1}: " in messages.read_text()
    assert_equal_results(output, undisturbed)


def test_a_campaign_whose_last_step_is_done_is_finished(
    inputs: Path, options: dict[str, Any], undisturbed: Path, tmp_path: Path
) -> None:
    words = command(inputs, tmp_path / "c01", **options)
    prepare = in_the_middle_of(STEPS, signal_itself(signal.SIGTERM))
    assert status_of(words, tmp_path / "messages", prepare) == 0
    assert_equal_results(tmp_path / "c01", undisturbed)


def test_a_signal_before_the_first_step(
    inputs: Path, options: dict[str, Any], undisturbed: Path, tmp_path: Path
) -> None:
    output, messages = tmp_path / "c01", tmp_path / "messages"
    words = command(inputs, output, **options)
    open_workplace = train_campaign.open_workplace

    def prepare() -> None:
        def signal_and_open(*arguments: Any) -> Any:
            signal_itself(signal.SIGTERM)()
            return open_workplace(*arguments)

        train_campaign.open_workplace = signal_and_open

    assert status_of(words, messages, prepare) == INTERRUPTED
    assert messages.read_text() == f"{output}: interrupted; the same command goes on at its first step\n"
    assert status_of(words, messages) == 0
    assert_equal_results(output, undisturbed)


def test_a_second_termination_ends_the_campaign_at_once_unless_it_is_the_same_request(
    inputs: Path, options: dict[str, Any], undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = command(inputs, tmp_path / "c01", **options)
    together = signal_itself(signal.SIGTERM, signal.SIGTERM)
    assert status_of(words, tmp_path / "messages", in_the_middle_of(1, together)) == INTERRUPTED
    monkeypatch.setattr(interruption, "SAME_REQUEST_SECONDS", 0.05)
    # The warning before a time limit and the termination at the limit are one request to stop, said twice.
    warned = signal_itself(signal.SIGUSR1, signal.SIGTERM, pause=0.1)
    assert status_of(words, tmp_path / "messages", in_the_middle_of(1, warned)) == INTERRUPTED
    twice = signal_itself(signal.SIGTERM, signal.SIGTERM, pause=0.1)
    assert status_of(words, tmp_path / "messages", in_the_middle_of(1, twice)) == -signal.SIGTERM
    assert status_of(words, tmp_path / "messages") == 0
    assert "goes on after step 2" in (tmp_path / "messages").read_text()
    assert_equal_results(tmp_path / "c01", undisturbed)


def test_a_scheduler_signals_all_processes_of_a_job(inputs: Path, tmp_path: Path) -> None:
    """Also those that grade; the campaign is a process of its own, as a rule starts it."""
    steps = 60
    plan = read_json(inputs / "plan.json") | {"max_steps": steps}
    write_json(tmp_path / "plan.json", plan, schema="plan")
    output = tmp_path / "c01"
    words = command(inputs, output, plan=tmp_path / "plan.json")
    options: dict[str, Any] = {"cwd": tmp_path, "env": environment(), "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(words, **options) as process:
        assert process.stderr is not None
        while not process.stderr.readline().startswith("step 3:"):
            assert process.poll() is None
        for each in (*psutil.Process(process.pid).children(recursive=True), process):
            each.send_signal(signal.SIGTERM)
        rest = process.stderr.read()
    assert process.returncode == INTERRUPTED, rest
    assert "interrupted; the same command goes on after step" in rest
    whole = tmp_path / "whole"
    for folder in (output, whole):
        done = train(inputs, folder, plan=tmp_path / "plan.json")
        assert done.returncode == 0, done.stderr
    assert_equal_results(output, whole)


@pytest.mark.parametrize("asked", ["launcher and all", "one process"])
def test_all_processes_of_a_job_leave_at_the_same_step(tmp_path: Path, asked: str) -> None:
    launch = ["workflow_scripts.training.launch", "--processes", "2", "--device", "cpu"]
    words = [sys.executable, "-m", *launch, "tests.training.resumption.interrupted_process", str(tmp_path)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    with subprocess.Popen(words, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as launcher:
        try:
            await_that(lambda: launcher.poll() is not None or len(list(tmp_path.glob("pid-*"))) == 2)
            workers = [int(path.read_text()) for path in sorted(tmp_path.glob("pid-*"))]
            targets = [launcher.pid, *workers, launcher.pid] if asked == "launcher and all" else workers[1:]
            for pid in targets:
                os.kill(pid, signal.SIGTERM if asked == "launcher and all" else signal.SIGUSR1)
            _, said = launcher.communicate(timeout=PATIENCE_SECONDS)
        finally:
            launcher.kill()
    assert launcher.returncode == INTERRUPTED, said
    first, second = (json.loads((tmp_path / f"left-{rank}.json").read_text()) for rank in range(2))
    assert first == second
    assert first["status"] == INTERRUPTED
    assert said.count(f"goes on after step {first['step']}") == 1
    assert read_json(tmp_path / "c01/.lease.json")["status"] == "stopped"


def test_what_a_launcher_makes_of_its_processes_ends() -> None:
    assert was_interrupted([INTERRUPTED, -15], asked=False)
    assert was_interrupted([-15, -10], asked=True)
    assert not was_interrupted([-15], asked=False)
    assert not was_interrupted([1, -15], asked=True)
