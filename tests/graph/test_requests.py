"""What jobs ask of a cluster."""

from typing import Any

import pytest
from snakemake.exceptions import WorkflowError

from tests.graph.conftest import declared, wildcards
from workflow_scripts.graph.evaluations import Evaluations
from workflow_scripts.graph.requests import Requests
from workflow_scripts.graph.study import Study


def requests_of(config: dict[str, Any]) -> tuple[Study, Requests]:
    study = Study(config)
    return study, Requests(study, Evaluations(study))


def chain_of(study: Study, role: str) -> Any:
    return wildcards(chain=next(name for name, own in study.chains.items() if own["model"] == role))


def test_what_config_yaml_leaves_open_is_estimated_and_grows_with_the_model() -> None:
    config = declared("qwen")
    config["testbeds"]["qwen"]["resources"]["training"] |= {"minutes": None, "memory_mb": None}
    config["testbeds"]["qwen"]["resources"]["sampling"]["memory_mb"] = None
    study, requests = requests_of(config)
    small, large = chain_of(study, "3B"), chain_of(study, "7B")
    assert 0 < requests.training_minutes(small) < requests.training_minutes(large)
    assert 8000 < requests.training_memory(small) < requests.training_memory(large)
    sampled = [requests.sampling_memory(wildcards(checkpoint=f"base/{role}")) for role in ("3B", "7B")]
    assert 4 * 3e9 / 2**20 < sampled[0] < sampled[1]


def test_what_config_yaml_says_is_asked_for() -> None:
    config = declared("qwen")
    config["testbeds"]["qwen"]["resources"]["training"] |= {"minutes": 11, "memory_mb": 12, "gpus": 3}
    study, requests = requests_of(config)
    own = chain_of(study, "7B")
    assert (requests.training_minutes(own), requests.training_memory(own)) == (11, 12)
    assert requests.training_gpu("gpu")(own) == 3


@pytest.mark.parametrize(
    ("spelled", "model", "expected"),
    [
        ("gpus", None, {"gpu": 3, "gpu_model": None, "gres": None}),
        ("gpus", "h100", {"gpu": 3, "gpu_model": "h100", "gres": None}),
        ("gres", None, {"gpu": None, "gpu_model": None, "gres": "gpu:3"}),
        ("gres", "h100", {"gpu": None, "gpu_model": None, "gres": "gpu:h100:3"}),
    ],
)
def test_gpus_are_asked_for_as_the_site_spells_it(spelled: str, model: str | None, expected: dict[str, Any]) -> None:
    config = declared("qwen")
    config["testbeds"]["qwen"]["resources"]["training"]["gpus"] = 3
    config["testbeds"]["qwen"]["resources"]["sampling"]["gpus"] = 3
    config["cluster"] = config["cluster"] | {"gpu_request": spelled, "gpu_model": model}
    study, requests = requests_of(config)
    own, checkpoint = chain_of(study, "7B"), wildcards(checkpoint="base/7B")
    assert {key: requests.training_gpu(key)(own) for key in expected} == expected
    assert {key: requests.sampling_gpu(key)(checkpoint) for key in expected} == expected


def test_nothing_can_be_estimated_of_an_unknown_model() -> None:
    config = declared("qwen")
    config["testbeds"]["qwen"]["resources"]["training"]["minutes"] = None
    config["testbeds"]["qwen"]["models"]["7B"]["name"] = "somebody/else"
    study, requests = requests_of(config)
    with pytest.raises(WorkflowError, match=r"^error: config.yaml: testbeds.qwen.models.7B: no size is known of some"):
        requests.training_minutes(chain_of(study, "7B"))


@pytest.mark.parametrize(("testbed", "environment"), [("tiny", "training"), ("qwen", "training_gpu")])
def test_training_on_gpus_has_a_conda_file_of_its_own(testbed: str, environment: str) -> None:
    assert requests_of(declared(testbed))[1].training_environment == environment
