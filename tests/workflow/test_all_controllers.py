"""Every declared controller plans and trains a chain of three campaigns through Snakemake, B3 with a real endpoint."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.control.chat_server import ChatServer, completion, serve
from tests.workflow.project import ROOT, edit_config, read_config, snakemake
from workflow_scripts.control.chat_endpoint import KEY, MODEL, URL
from workflow_scripts.core.files import read_json

pytestmark = pytest.mark.whole  # 18 chains; other files try single controllers

DECLARED: dict[str, Any] = yaml.safe_load((ROOT / "config.yaml").read_text())["controllers"]
# One of each: B0 is another name of A0, A1v1 of A1, B4 of A3v1, and YOKED is MATCHED with a second seed's chain.
CONTROLLERS = {name: declared for name, declared in DECLARED.items() if name not in ("B0", "A1v1", "B4", "YOKED")}
CHAIN = Path("results/tiny/chains/3B-reinforce-py-3-ewc")
SECRET = "sk-not-to-be-found"
PROPOSAL = {"learning_rate": 0.0004, "kl_coefficient": 0.01, "rationale": "It rose; go on with half of it."}


@pytest.fixture(scope="module")
def project(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The miniature with all controllers in the 3B role's wave, and evaluations of few problems."""
    project = shutil.copytree(finished, tmp_path_factory.mktemp("controllers") / "copy", symlinks=True)
    config = read_config(project)
    waves, bed = config["waves"], config["testbeds"]["tiny"]
    waves["W7"] |= {"campaigns": 3, "controllers": list(CONTROLLERS), "kl_schedule": "ewc"}
    for split in ("main", "hard", "ood", "cpp"):
        bed["problems"]["splits"][split]["count"] = 3
    bed["evaluation"]["samples"] = 2
    bed["training"]["probe_steps"] = [0]
    edit_config(project, waves=waves, testbeds=config["testbeds"], seeds=[7])
    return project


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with serve(completion(PROPOSAL)) as server:
        yield server


def plans(project: Path, controller: str) -> list[dict[str, Any]]:
    return [read_json(project / CHAIN / controller / f"s7/c{campaign:02d}/plan.json", "plan") for campaign in (2, 3)]


def targets(*controllers: str) -> list[str]:
    return [str(CHAIN / controller / "s7/c03/trace.json") for controller in controllers]


def test_without_an_endpoint_b3_is_refused_before_anything_runs(project: Path) -> None:
    refused = snakemake(project, *targets("A0", "B3"))
    said = refused.stdout + refused.stderr
    assert refused.returncode != 0
    assert "controller B3 needs a chat endpoint: set CHAT_ENDPOINT_URL" in said
    assert not (project / CHAIN).exists()


@pytest.fixture(scope="module")
def trained(project: Path, server: ChatServer) -> Path:
    """All chains."""
    before = dict(os.environ)
    os.environ.update({URL: server.url, MODEL: "asked-model", KEY: SECRET})
    try:
        result = snakemake(project, *targets(*CONTROLLERS))
    finally:
        os.environ.clear()
        os.environ.update(before)
    assert result.returncode == 0, result.stdout + result.stderr
    return project


@pytest.mark.parametrize("controller", CONTROLLERS)
def test_a_chain_of_three_campaigns(trained: Path, controller: str) -> None:
    base = read_config(trained)["testbeds"]["tiny"]["training"]["learning_rate"]
    for campaign, plan in enumerate(plans(trained, controller), start=2):
        folder = trained / CHAIN / controller / f"s7/c{campaign:02d}"
        trace = read_json(folder / "trace.json", "trace")
        assert trace["plan"] == plan
        assert trace["status"] == "completed"
        assert len(trace["steps"]) == plan["max_steps"] <= 3
        assert plan["reason"]["rule"]
        assert read_json(folder / "state.json", "state")["campaign"] == campaign
        if controller not in ("B2", "B3", "M1", "A5"):
            assert plan["kl_coefficient"] == 0.05, "the chain's schedule"
        assert plan["learning_rate"] == 0 if controller == "NULL" else plan["learning_rate"] >= base / 8


def test_the_controllers_left_out_are_other_names() -> None:
    for name, other in (("B0", "A0"), ("A1v1", "A1"), ("B4", "A3v1")):
        assert DECLARED[name] == DECLARED[other]


def test_the_null_control_changes_no_weight(trained: Path) -> None:
    traces = [read_json(trained / CHAIN / f"NULL/s7/c{campaign:02d}/trace.json") for campaign in (2, 3)]
    assert traces[0]["plan"]["init"]["checkpoint"] == "end"
    # Each campaign starts from the one before, and all of them from the shared first campaign's end.
    assert traces[0]["inputs"]["initial_checkpoint"] == traces[1]["inputs"]["initial_checkpoint"]


def test_b3_asked_for_each_campaign_and_left_no_key_anywhere(trained: Path, server: ChatServer) -> None:
    assert len(server.payloads) == 2
    assert server.headers[0]["Authorization"] == f"Bearer {SECRET}"
    for plan in plans(trained, "B3"):
        assert (plan["learning_rate"], plan["kl_coefficient"]) == (PROPOSAL["learning_rate"], 0.01)
    record = (trained / CHAIN / "B3/s7/c03/chat.json").read_text()
    assert PROPOSAL["rationale"] in json.dumps(json.loads(record), ensure_ascii=False)
    everything = (path for path in trained.rglob("*") if path.is_file() and path.stat().st_size < 1 << 20)
    assert not any(SECRET.encode() in path.read_bytes() for path in everything)


def test_recorded_answers_replay_without_an_endpoint(trained: Path, server: ChatServer) -> None:
    plan = trained / CHAIN / "B3/s7/c03/plan.json"
    before = plan.read_bytes()
    plan.unlink()
    again = snakemake(trained, str(plan.relative_to(trained)))
    assert again.returncode == 0, again.stdout + again.stderr
    assert plan.read_bytes() == before
    assert len(server.payloads) == 2


def test_controllers_that_decide_by_capabilities_saw_them(trained: Path) -> None:
    for controller in ("A4", "A5"):
        numbers = plans(trained, controller)[1]["reason"]["numbers"]
        assert any("cpp_acc" in name for name in numbers)
    evaluations = trained / "results/tiny/evaluations"
    assert read_json(evaluations / "base/3B/capabilities-main-hard-cpp-ood.json", "capabilities")
