"""Campaigns as the qwen testbed trains them, through its rule: torchrun, sharded weights, an engine in each process."""

import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

pytest.importorskip("vllm", reason="vLLM has an environment of its own: make test-vllm")

from tests.workflow.project import SNAKEMAKE, edit_config, environment, make_miniature, read_config, snakemake
from workflow_scripts.core.files import read_json, sha256_file
from workflow_scripts.models.hugging_face import load_policy

CHAIN = Path("results/rehearsal/chains/3B-grpo-py-4-ewc")
FIRST, SECOND = CHAIN / "first/s7/c01", CHAIN / "A3/s7/c02"
LOG = Path("results/rehearsal/logs") / SECOND.relative_to("results/rehearsal").with_suffix(".log")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A miniature of the rehearsal testbed: GRPO with a KL term, campaigns of four steps, a state at every second."""
    project = make_miniature(tmp_path_factory.mktemp("rehearsal"))
    config = read_config(project)
    beds, waves = config["testbeds"], config["waves"]
    bed = beds["rehearsal"]
    bed["problems"], bed["pretraining"] = beds["tiny"]["problems"], beds["tiny"]["pretraining"]
    for model in bed["models"].values():
        model |= {"hidden_size": 64, "intermediate_size": 128, "layers": 2, "attention_heads": 2, "steps": 450}
    bed["training"] |= {"group_size": 8, "probe_steps": [0, 4], "warmup_steps": 3}
    bed["training"]["sharding"] |= {"state_every": 2, "tokens_per_batch": 1024}
    waves["W7"] |= {"steps": 4, "update_rule": "grpo", "kl_schedule": "ewc"}
    edit_config(project, testbed="rehearsal", testbeds=beds, waves=waves, seeds=[7])
    return project


@pytest.fixture(scope="module")
def trained(project: Path) -> Path:
    """Two campaigns of a chain."""
    result = snakemake(project, "--notemp", str(SECOND / "trace.json"), timeout=400)
    assert result.returncode == 0, result.stdout + result.stderr
    return project


def test_campaigns_are_trained_as_their_settings_say(trained: Path) -> None:
    settings = read_config(trained)["testbeds"]["rehearsal"]["training"]
    for folder in (FIRST, SECOND):
        trace = read_json(trained / folder / "trace.json", schema="trace")
        assert trace["status"] == "completed"
        assert trace["settings"]["sharding"] == settings["sharding"]
        assert trace["settings"]["sharding"]["processes"] == 2
        assert trace["settings"]["vllm"] == settings["vllm"]
        assert trace["settings"]["update_rule"]["name"] == "grpo"
        assert trace["plan"]["kl_coefficient"] == 0.05
        assert [point["step"] for point in trace["probe"]] == [0, 4]
        for step in trace["steps"]:
            assert sum(step["verdicts"].values()) == 4 * 8
            assert 0 <= step["entropy/lower_bound"] <= step["entropy/upper_bound"]
            assert step["sampling/sampling_logp_difference/max"] < 1e-3
        assert any(step["CodeGrader/pass_rate/mean"] > 0 and step["grad_norm"] > 0 for step in trace["steps"])
        assert trace["steps"][0]["kl"] < 1e-4 < trace["steps"][-1]["kl"]
        assert sorted(path.name for path in (trained / folder).iterdir() if path.is_dir()) == ["end", "peak"]


def test_the_second_campaign_starts_from_the_first_ones_peak(trained: Path) -> None:
    trace = read_json(trained / SECOND / "trace.json", schema="trace")
    assert trace["plan"]["init"] == {"campaign": 1, "checkpoint": "peak"}
    assert trace["inputs"]["initial_checkpoint"] == sha256_file(trained / FIRST / "peak/model.safetensors")
    start, end = (load_policy(trained / FIRST / which).state_dict() for which in ("peak", "end"))
    assert start.keys() == end.keys()
    # The peak holds the weights before its step's update, so never the end's.
    assert any(not weight.equal(end[name]) for name, weight in start.items())


def test_a_job_whose_processes_are_all_killed_goes_on_to_the_same_trace(trained: Path, tmp_path: Path) -> None:
    project, expected = untrained_copy(trained, tmp_path)
    job = start_second_campaign(project)
    wait_for(project / SECOND / "resume/records.json", lambda text: '"step": 2' in text)
    processes = [psutil.Process(job.pid), *psutil.Process(job.pid).children(recursive=True)]
    for process in processes:
        process.kill()
    psutil.wait_procs(processes, timeout=20)
    assert not (project / SECOND / "trace.json").exists()
    assert finish_second_campaign(project).count("the campaign goes on after step 2") == 1
    assert (project / SECOND / "trace.json").read_bytes() == expected
    assert not (project / SECOND / "resume").exists()


def test_a_job_that_is_asked_to_stop_does_so_between_states_and_goes_on_to_the_same_trace(
    trained: Path, tmp_path: Path
) -> None:
    project, expected = untrained_copy(trained, tmp_path)
    job = start_second_campaign(project)
    wait_for(project / LOG, lambda text: "step 1: " in text, 300)
    for process in psutil.Process(job.pid).children(recursive=True):
        if "workflow_scripts.training.launch" in process.cmdline() and process.name() != "bash":
            process.terminate()
    assert job.wait(timeout=200) == 1
    said = (project / LOG).read_text()
    # The state of every second step is kept; this one is asked for.
    assert said.count("interrupted; the same command goes on after step ") == 1
    step = int(said.partition("goes on after step ")[2].split()[0])
    assert read_json(project / SECOND / "resume/records.json")["step"] == step >= 1
    assert read_json(project / SECOND / ".lease.json")["status"] == "stopped"
    assert f"the campaign goes on after step {step}" in finish_second_campaign(project)
    assert (project / SECOND / "trace.json").read_bytes() == expected


def untrained_copy(trained: Path, folder: Path) -> tuple[Path, bytes]:
    """The project as it was before its second campaign, and the trace that this had."""
    project = shutil.copytree(trained, folder / "copy", symlinks=True)
    expected = (project / SECOND / "trace.json").read_bytes()
    for path in (project / SECOND).iterdir():
        if path.name not in ("plan.json", "state.json"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    (project / LOG).unlink()
    return project, expected


def start_second_campaign(project: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(SNAKEMAKE), "--cores", "2", "--notemp", str(SECOND / "trace.json")],
        cwd=project,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def finish_second_campaign(project: Path) -> str:
    """What its log says."""
    result = snakemake(project, "--notemp", "--rerun-incomplete", str(SECOND / "trace.json"), timeout=200)
    assert result.returncode == 0, result.stdout + result.stderr
    return (project / LOG).read_text()


def wait_for(path: Path, ready: Any, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if path.exists() and ready(path.read_text()):
            return
        time.sleep(0.01)
    raise AssertionError(f"{path} is not there after {seconds} s")
