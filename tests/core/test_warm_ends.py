"""However a client, a server or a workflow ends, no job goes on unseen and none is taken for done."""

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.warm_workflow import Workflow, alive, await_that, open_workflow, warm, write_jobs
from tests.patience import PATIENCE_SECONDS

JOB = "warm_jobs.job"


@pytest.fixture
def workflow(tmp_path: Path) -> Iterator[Workflow]:
    write_jobs(tmp_path)
    with open_workflow(tmp_path) as started:
        yield started


def start_waiting(workflow: Workflow) -> tuple[subprocess.Popen[str], int]:
    """A client whose job waits, and the process id of the job."""
    path = workflow.folder / f"pid-{time.monotonic_ns()}"
    client = subprocess.Popen(
        warm(JOB, "wait", str(path)), cwd=workflow.folder, env=workflow.environment, stderr=subprocess.PIPE, text=True
    )
    await_that(lambda: path.exists() and path.read_text().endswith("\n"))
    return client, int(path.read_text())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1])
def test_signals_are_passed_on(workflow: Workflow, number: signal.Signals) -> None:
    client, job = start_waiting(workflow)
    client.send_signal(number)
    _, errors = client.communicate(timeout=PATIENCE_SECONDS)
    # A script ends at an interrupt with a status of its own.
    assert client.returncode == (130 if number == signal.SIGINT else -number)
    assert errors == ""
    assert not alive(job)


def test_a_job_ends_with_its_client_and_the_others_go_on(workflow: Workflow) -> None:
    client, job = start_waiting(workflow)
    other, others_job = start_waiting(workflow)
    client.kill()
    client.communicate(timeout=PATIENCE_SECONDS)
    await_that(lambda: not alive(job))
    assert alive(others_job)
    assert subprocess.run(warm(JOB, "exit", "3"), cwd=workflow.folder, env=workflow.environment).returncode == 3
    other.terminate()
    other.communicate(timeout=PATIENCE_SECONDS)
    assert other.returncode == -signal.SIGTERM


def test_a_job_that_the_kernel_kills_is_no_success(workflow: Workflow) -> None:
    client, job = start_waiting(workflow)
    subprocess.run(["kill", "-KILL", str(job)], check=True)
    client.communicate(timeout=PATIENCE_SECONDS)
    assert client.returncode == -signal.SIGKILL


def test_a_job_ends_with_its_server_before_its_client_does(workflow: Workflow) -> None:
    client, job = start_waiting(workflow)
    subprocess.run(["kill", "-KILL", str(workflow.server)], check=True)
    _, errors = client.communicate(timeout=PATIENCE_SECONDS)
    assert not alive(job)
    assert client.returncode == 1
    assert errors == (
        f"error: {JOB}: the warm server ended during this job, and the job with it; start the job again\n"
    )


def test_the_server_ends_with_its_workflow_after_its_last_job(workflow: Workflow) -> None:
    client, job = start_waiting(workflow)
    workflow.process.kill()
    workflow.process.wait(timeout=PATIENCE_SECONDS)
    # The job goes on; a new one starts cold.
    before = workflow.log()
    assert subprocess.run(warm(JOB, "exit", "3"), cwd=workflow.folder, env=workflow.environment).returncode == 3
    assert workflow.log() == before
    assert alive(job)
    assert alive(workflow.server)
    client.terminate()
    client.communicate(timeout=PATIENCE_SECONDS)
    assert client.returncode == -signal.SIGTERM
    await_that(lambda: not alive(workflow.server))


def test_an_idle_server_ends_with_its_workflow(workflow: Workflow) -> None:
    assert alive(workflow.server)
    workflow.process.kill()
    await_that(lambda: not alive(workflow.server))
