"""Trainers as forks of the test's process, which has imported everything already; their campaigns can be paused."""

import multiprocessing
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.patience import PATIENCE_SECONDS, await_that
from workflow_scripts.core import cli
from workflow_scripts.training import campaign, train_campaign
from workflow_scripts.training.resumption.resume import BoundaryState, write_state
from workflow_scripts.training.update import learner

FORK = multiprocessing.get_context("fork")
RESULTS = ("trace.json", "peak/model.safetensors", "end/model.safetensors", "rollouts.parquet")


def start(words: list[str], messages: Path | str = os.devnull, prepare: Callable[[], None] = lambda: None) -> Any:
    """A process that runs the trainer's command ``words``; what it says goes to ``messages``."""

    def target() -> None:
        sys.argv = words[2:]
        sys.stderr = os.fdopen(os.open(messages, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "w", buffering=1)
        prepare()
        cli.run(train_campaign.main)

    process = FORK.Process(target=target)
    process.start()
    return process


def in_the_middle_of(step: int, act: Callable[[], None]) -> Callable[[], None]:
    """Let a campaign ``act`` when a step's completions are sampled and graded."""

    def prepare() -> None:
        describe = campaign.describe
        seen = []

        def describe_and_act(rollouts: Any) -> dict[str, Any]:
            seen.append(rollouts)
            if len(seen) == step:
                act()
            return describe(rollouts)

        campaign.describe = describe_and_act

    return prepare


def paused_after(boundary: int, reached: Path, go: Path) -> Callable[[], None]:
    """Let a campaign make the file ``reached`` when it has written its state at a boundary, and wait for ``go``."""

    def prepare() -> None:
        def write_and_wait(path: Path, state: BoundaryState, fingerprint: str) -> None:
            write_state(path, state, fingerprint)
            if state.step == boundary:
                reached.touch()
                await_that(go.exists)

        learner.write_state = write_and_wait
        learner.LocalLearner.state_every = 1

    return prepare


def assert_equal_results(output: Path, undisturbed: Path) -> None:
    for name in RESULTS:
        assert (output / name).read_bytes() == (undisturbed / name).read_bytes(), name
    assert not (output / "resume.safetensors").exists()
    assert not list(output.glob("**/.*.partial"))


def finish(process: Any) -> int:
    process.join(PATIENCE_SECONDS)
    assert process.exitcode is not None
    return int(process.exitcode)
