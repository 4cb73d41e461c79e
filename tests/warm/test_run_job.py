"""A warm start is the plain command, only sooner: what a job is given, what it gives, and when it starts cold."""

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.patience import PATIENCE_SECONDS, await_that
from tests.warm.warm_workflow import ROOT, Workflow, cold, open_workflow, warm, write_jobs
from workflow_scripts.warm.messages import ADDRESS_VARIABLE, Request

JOB = "warm_jobs.job"


@pytest.fixture(scope="module")
def workflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workflow]:
    # Longer than an address of a socket in the file system may be.
    folder = tmp_path_factory.mktemp("workflow") / ("long" * 40)
    folder.mkdir()
    write_jobs(folder)
    with open_workflow(folder) as started:
        yield started


def run(command: list[str], workflow: Workflow, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=workflow.folder, env=workflow.environment | changes,
        input="a line\n", capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS,
    )  # fmt: skip


def warm_jobs(workflow: Workflow) -> int:
    """How many jobs the server has run."""
    return workflow.log().count("is process")


def test_a_job_is_given_what_the_plain_command_is_given(workflow: Workflow, tmp_path: Path) -> None:
    def described(command: list[str]) -> tuple[Any, str]:
        done = subprocess.run(
            command, cwd=tmp_path, env=workflow.environment | {"OWN": "ä\n=\udcff", "TMPDIR": "/elsewhere"},
            input="in", capture_output=True, text=True, check=False, umask=0o027,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout), done.stderr

    before = warm_jobs(workflow)
    arguments = ("describe", "two words, ä, ''")
    as_warm, as_cold = described(warm(JOB, *arguments)), described(cold(JOB, *arguments))
    assert as_warm == as_cold
    (argv, folder, path, environment, umask, name, text), _ = as_warm[0]
    assert (argv[1:], folder, path[0]) == (list(arguments), str(tmp_path), str(tmp_path))
    assert (environment["OWN"], umask, name, text) == ("ä\n=\udcff", 0o027, "__main__", "in")
    assert warm_jobs(workflow) == before + 1


@pytest.mark.parametrize(
    ("arguments", "status", "shown"),
    [
        (["exit", "0"], 0, ""),
        (["exit", "1"], 1, ""),
        (["exit", "300"], 44, ""),
        (["odd"], 2, "job.py: error: argument mode: invalid choice: 'odd'"),
        (["--help"], 0, ""),
        (["mistake"], 1, "error: plan.json: is no plan"),
        (["defect"], 1, "ZeroDivisionError"),
        (["signal", str(int(signal.SIGKILL))], -signal.SIGKILL, ""),
        (["signal", str(int(signal.SIGTERM))], -signal.SIGTERM, ""),
        (["signal", str(int(signal.SIGINT))], 130, ""),
        (["thread"], 0, ""),
    ],
)
def test_a_job_ends_as_the_plain_command_ends(
    workflow: Workflow, arguments: list[str], status: int, shown: str
) -> None:
    before = warm_jobs(workflow)
    done, as_cold = run(warm(JOB, *arguments), workflow), run(cold(JOB, *arguments), workflow)
    assert (done.returncode, done.stdout) == (as_cold.returncode, as_cold.stdout)
    assert done.returncode == status
    assert shown in done.stderr
    if "Traceback" not in done.stderr:
        assert done.stderr == as_cold.stderr
    assert warm_jobs(workflow) == before + 1


def test_jobs_run_side_by_side_and_apart(workflow: Workflow) -> None:
    clients = [
        subprocess.Popen(
            warm(JOB, "describe", f"client {number}"), cwd=workflow.folder, env=workflow.environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for number in range(2)
    ]  # fmt: skip
    # The last to start is the first to end: each waits for its own input.
    for number, client in reversed(list(enumerate(clients))):
        output, errors = client.communicate(f"input {number}")
        assert json.loads(output)[0][-1] == f"input {number}"
        assert errors == f"to standard error client {number}\n"
        assert client.returncode == 0


def starts_cold(workflow: Workflow, **changes: str) -> bool:
    """Whether a job ends well, and was not run by the server."""
    before = warm_jobs(workflow)
    done = run(warm(JOB, "describe"), workflow, **changes)
    assert done.returncode == 0, done.stderr
    return warm_jobs(workflow) == before


def test_without_a_server_a_job_starts_cold(workflow: Workflow) -> None:
    assert starts_cold(workflow, **{ADDRESS_VARIABLE: "workflow-of-yesterday"})
    assert starts_cold(workflow, **{ADDRESS_VARIABLE: ""})
    assert not starts_cold(workflow)


def test_another_start_of_the_interpreter_or_its_libraries_starts_cold(workflow: Workflow) -> None:
    assert starts_cold(workflow, PYTHONHASHSEED="5")
    assert starts_cold(workflow, OMP_NUM_THREADS="2")
    assert "OMP_NUM_THREADS is '2', and was '1' when this server started" in workflow.log()


def test_an_interpreter_of_another_name_is_the_same_and_one_of_another_environment_is_not(
    workflow: Workflow, tmp_path: Path
) -> None:
    ours = Path(sys.executable)
    other_name = next(path for path in ours.parent.glob("python*") if path != ours and path.resolve() == ours.resolve())
    other_environment = tmp_path / "python"
    other_environment.symlink_to(ours.resolve())
    before = warm_jobs(workflow)
    for executable, warm_ones in ((other_name, 1), (other_environment, 1)):
        done = run([str(executable), *warm(JOB, "exit", "5")[1:]], workflow)
        assert done.returncode == 5, done.stderr
        assert warm_jobs(workflow) == before + warm_ones
    assert f"it asks for the interpreter {other_environment}" in workflow.log()


def test_an_undeclared_module_starts_cold(workflow: Workflow) -> None:
    before = warm_jobs(workflow)
    done = run(warm("platform"), workflow)
    assert "Linux" in done.stdout
    assert warm_jobs(workflow) == before


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_a_closed_stream_starts_cold(workflow: Workflow, closed: str) -> None:
    before = warm_jobs(workflow)
    assert run(["bash", "-c", f"{shlex.join(warm(JOB, 'exit', '7'))} {closed}"], workflow).returncode == 7
    assert warm_jobs(workflow) == before


def test_an_edited_module_starts_cold(tmp_path: Path) -> None:
    write_jobs(tmp_path)
    with open_workflow(tmp_path, preload="not_installed") as workflow:
        assert not starts_cold(workflow)
        job = tmp_path / "warm_jobs" / "job.py"
        job.write_text(job.read_text(encoding="utf-8").replace("is no plan", "is old"), encoding="utf-8")
        assert starts_cold(workflow)
        assert run(warm(JOB, "mistake"), workflow).stderr == "error: plan.json: is old\n"
        assert f"{job} was edited" in workflow.log()


def test_a_server_that_cannot_import_or_fork_serves_nobody(tmp_path: Path) -> None:
    write_jobs(tmp_path)
    threads = tmp_path / "starts_a_thread.py"
    threads.write_text("import threading, time\nthreading.Thread(target=time.sleep, args=[60], daemon=True).start()\n")
    for modules, preload, reason in (
        (f"{JOB} no_such_module", "", "no_such_module: cannot be imported"),
        (JOB, "not_installed starts_a_thread", "started threads (python"),
    ):
        with open_workflow(tmp_path, modules, preload) as workflow:
            assert starts_cold(workflow)
            assert reason in workflow.log()
            assert "jobs start cold" in workflow.log()


def test_the_client_explains_itself() -> None:
    done = subprocess.run(warm("--help"), cwd=ROOT, capture_output=True, text=True, check=True)
    assert "run_job MODULE ARGUMENTS" in done.stdout


def test_the_client_imports_next_to_nothing() -> None:
    """A library costs more than the whole client."""
    listed = (
        "import sys; old = set(sys.modules); import workflow_scripts.warm.run_job; print(*(set(sys.modules) - old))"
    )
    done = subprocess.run([sys.executable, "-S", "-c", listed], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"torch", "numpy", "jsonschema", "argparse", "json", "subprocess"} & set(done.stdout.split())


def test_a_request_survives_its_packing() -> None:
    request = Request("/usr/bin/python", 0o22, "a.b", ["", "x=1", "\udcff\n"], {"A": "", "B": "=ä="})
    assert vars(Request.unpack(request.pack())) == vars(request)
    without = Request("python", 0, "a", [], {})
    assert vars(Request.unpack(without.pack())) == vars(without)


def test_descriptors_of_the_server_are_not_the_jobs(workflow: Workflow) -> None:
    """A job that held the lifeline or another job's connection would keep them from ending."""
    path = workflow.folder / "pid"
    command = warm(JOB, "wait", str(path))
    with subprocess.Popen(command, cwd=workflow.folder, env=workflow.environment) as client:
        await_that(lambda: path.exists() and path.read_text().endswith("\n"))
        held = os.listdir(f"/proc/{int(path.read_text())}/fd")
        client.terminate()
    assert set(held) == {"0", "1", "2"}
