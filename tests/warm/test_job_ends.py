"""However a client, a server or a workflow ends, no job goes on unseen, runs twice at a time or is taken for done."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.patience import PATIENCE_SECONDS, await_that, runs
from tests.warm.warm_workflow import Workflow, open_workflow, warm, write_jobs
from workflow_scripts.warm.messages import ADDRESS_VARIABLE

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
    assert not runs(job)


def test_a_job_ends_with_its_client_and_the_others_go_on(workflow: Workflow) -> None:
    client, job = start_waiting(workflow)
    other, others_job = start_waiting(workflow)
    client.kill()
    client.communicate(timeout=PATIENCE_SECONDS)
    await_that(lambda: not runs(job))
    assert runs(others_job)
    assert subprocess.run(warm(JOB, "exit", "3"), cwd=workflow.folder, env=workflow.environment).returncode == 3
    other.terminate()
    other.communicate(timeout=PATIENCE_SECONDS)
    assert other.returncode == -signal.SIGTERM


def test_a_job_that_the_kernel_kills_is_no_success(workflow: Workflow) -> None:
    client, job = start_waiting(workflow)
    subprocess.run(["kill", "-KILL", str(job)], check=True)
    client.communicate(timeout=PATIENCE_SECONDS)
    assert client.returncode == -signal.SIGKILL


def kill_server(workflow: Workflow) -> None:
    os.kill(workflow.server, signal.SIGKILL)
    await_that(lambda: not runs(workflow.server))


def test_a_job_ends_with_its_server_and_then_starts_cold(workflow: Workflow) -> None:
    """Never both at a time: the plain command takes the client's place when the fork is gone."""
    client, job = start_waiting(workflow)
    pid_file = next(workflow.folder.glob("pid-*"))
    kill_server(workflow)
    await_that(lambda: pid_file.read_text() == f"{client.pid}\n")
    assert not runs(job)
    assert os.listdir(f"/proc/{client.pid}/fd") == ["0", "1", "2"]
    assert f"{JOB} starts cold: the warm server ended during the job, and the job with it\n" in workflow.log()
    client.terminate()
    client.communicate(timeout=PATIENCE_SECONDS)
    assert client.returncode == -signal.SIGTERM


def test_a_job_that_was_told_to_end_does_not_start_again(workflow: Workflow) -> None:
    client, job = start_waiting(workflow)
    # It cannot tell any more how the job ended.
    os.kill(workflow.server, signal.SIGSTOP)
    client.send_signal(signal.SIGTERM)
    await_that(lambda: not runs(job))
    kill_server(workflow)
    client.communicate(timeout=PATIENCE_SECONDS)
    assert client.returncode == -signal.SIGTERM
    assert "starts cold" not in workflow.log()


def test_a_job_that_a_killed_server_had_not_taken_starts_cold(workflow: Workflow) -> None:
    os.kill(workflow.server, signal.SIGSTOP)
    name = workflow.environment[ADDRESS_VARIABLE]
    with subprocess.Popen(warm(JOB, "exit", "3"), cwd=workflow.folder, env=workflow.environment) as client:
        # Beside the socket that listens, one for the client that waits.
        await_that(lambda: Path("/proc/net/unix").read_text().count(name) > 1)
        kill_server(workflow)
    assert client.returncode == 3
    assert workflow.log() == f"{JOB} starts cold: the warm server gave no answer\n"
    assert subprocess.run(warm(JOB, "exit", "4"), cwd=workflow.folder, env=workflow.environment).returncode == 4
    assert workflow.log().endswith(f"{JOB} starts cold: the warm server has ended\n")


def test_jobs_end_well_whenever_their_server_is_killed(workflow: Workflow) -> None:
    """Some are waiting then, some are being forked and some run."""
    command = warm(JOB, "exit", "5")
    clients = [subprocess.Popen(command, cwd=workflow.folder, env=workflow.environment) for _ in range(8)]
    await_that(lambda: "is process" in workflow.log())
    kill_server(workflow)
    assert [client.wait(timeout=PATIENCE_SECONDS) for client in clients] == [5] * 8


def test_the_server_ends_with_its_workflow_after_its_last_job(workflow: Workflow) -> None:
    client, job = start_waiting(workflow)
    workflow.process.kill()
    workflow.process.wait(timeout=PATIENCE_SECONDS)
    # The job goes on; a new one starts cold.
    before = workflow.log()
    assert subprocess.run(warm(JOB, "exit", "3"), cwd=workflow.folder, env=workflow.environment).returncode == 3
    assert workflow.log() == f"{before}{JOB} starts cold: the warm server has ended\n"
    assert runs(job)
    assert runs(workflow.server)
    client.terminate()
    client.communicate(timeout=PATIENCE_SECONDS)
    assert client.returncode == -signal.SIGTERM
    await_that(lambda: not runs(workflow.server))


def test_an_idle_server_ends_with_its_workflow(workflow: Workflow) -> None:
    assert runs(workflow.server)
    workflow.process.kill()
    await_that(lambda: not runs(workflow.server))
