"""What jobs ask of a cluster, by class: training, sampling, grading, light.

Numbers are config.yaml's (``testbeds.*.resources``); null there means: estimated from the model's size and the steps.
The executor takes a rule's threads as its processor cores. Memory is in MB, times are in minutes.
"""

import math
from collections.abc import Callable
from typing import Any

from workflow_scripts.core.domains import role_and_domain
from workflow_scripts.core.errors import UserError
from workflow_scripts.cost.cost_estimate import PAPER, Assumptions, Placement, Workload, memory, seconds
from workflow_scripts.cost.hardware import accelerator
from workflow_scripts.cost.model_shapes import SHAPES, ModelShape
from workflow_scripts.graph.evaluations import Evaluations
from workflow_scripts.graph.explained import explained
from workflow_scripts.graph.study import Study, Wildcards

# Of the host, for each process: its libraries, its engine, the problems.
_PROCESS_MEMORY_MB = 8000


class Requests:
    """The requests of a study's jobs."""

    def __init__(self, study: Study, evaluations: Evaluations) -> None:
        self._study, self._evaluations = study, evaluations
        self._cluster = study.config["cluster"]
        self._asked = study.bed["resources"]

    def asked(self, kind: str) -> dict[str, Any]:
        """What config.yaml says of a class of jobs."""
        asked: dict[str, Any] = self._asked[kind]
        return asked

    @property
    def training_environment(self) -> str:
        """The conda file in envs/ of jobs that train or sample: vLLM on GPUs asks for packages of its own."""
        training = self._study.bed["training"]
        return "training_gpu" if training["vllm"] and training["sharding"]["device"] == "cuda" else "training"

    @explained
    def _shape(self, role: str) -> ModelShape:
        """The published size of a model, by the name in config.yaml."""
        testbed, name = self._study.testbed, self._study.bed["models"][role]["name"]
        for known, shape in SHAPES.items():
            if known.lower() in name.lower():
                return shape
        raise UserError(
            f"config.yaml: testbeds.{testbed}.models.{role}: no size is known of {name}, so nothing can be "
            f"estimated; write numbers in place of null in testbeds.{testbed}.resources (known: {', '.join(SHAPES)})"
        )

    def _chain_gpus(self) -> int:
        """GPUs of a training job: those that share the policy, or as many as config.yaml says."""
        asked: int | None = self._asked["training"]["gpus"]
        if asked is not None:
            return asked
        sharding = self._study.bed["training"]["sharding"]
        return sharding["processes"] if sharding and sharding["device"] == "cuda" else 0

    def _workload(self, chain: str) -> Workload:
        """A campaign of the chain, as the cost estimate describes it."""
        training = self._study.bed_of(chain)["training"]
        sharding = training["sharding"] or {"tokens_per_batch": 8192, "state_every": 0}
        own = {
            "prompts_per_step": training["prompts_per_step"],
            "group_size": training["group_size"],
            "completion_limit": training["max_completion_tokens"],
            "steps": self._study.chains[chain]["steps"],
            "tokens_per_batch": sharding["tokens_per_batch"],
            "state_every": sharding["state_every"],
        }
        return Workload(**(vars(PAPER) | own))

    def _placement(self) -> Placement:
        engine = self._study.bed["training"]["vllm"]
        shared = engine["tensor_parallel_size"] if engine else 1
        return Placement(accelerator(self._cluster["hardware"]), max(1, self._chain_gpus()), shared)

    def training_minutes(self, wildcards: Wildcards) -> int:
        """The time limit of one campaign; those of an allocation add up."""
        asked: int | None = self._asked["training"]["minutes"]
        if asked is not None:
            return asked
        work, shape = self._workload(wildcards.chain), self._shape(self._study.chains[wildcards.chain]["model"])
        estimated = seconds(shape, work, self._placement(), Assumptions()).campaign(work.steps)
        return math.ceil(self._cluster["margin"] * estimated / 60)

    def training_memory(self, wildcards: Wildcards) -> int:
        """Of the host."""
        asked: int | None = self._asked["training"]["memory_mb"]
        if asked is not None:
            return asked
        shape = self._shape(self._study.chains[wildcards.chain]["model"])
        host = memory(shape, self._workload(wildcards.chain), self._placement()).host
        return math.ceil(host / 2**20) + _PROCESS_MEMORY_MB * max(1, self._chain_gpus())

    def sampling_memory(self, wildcards: Wildcards) -> int:
        """Of the host: the weights in float32, as they are read, and two processes."""
        asked: int | None = self._asked["sampling"]["memory_mb"]
        if asked is not None:
            return asked
        role = role_and_domain(self._evaluations.model(wildcards.checkpoint))[0]
        return math.ceil(4 * self._shape(role).parameters / 2**20) + 2 * _PROCESS_MEMORY_MB

    def _gpu_request(self, count: int) -> dict[str, int | str]:
        """How GPUs are asked for, as the site spells it: --gpus=N, --gpus=MODEL:N or --gres=gpu[:MODEL]:N."""
        if not count:
            return {}
        model = self._cluster["gpu_model"]
        if self._cluster["gpu_request"] == "gres":
            return {"gres": f"gpu:{model}:{count}" if model else f"gpu:{count}"}
        return {"gpu": count, "gpu_model": model} if model else {"gpu": count}

    def training_gpu(self, key: str) -> Callable[[Wildcards], int | str | None]:
        """The part ``key`` (gpu, gpu_model, gres) of a training job's request; None where it has none."""
        return lambda _: self._gpu_request(self._chain_gpus()).get(key)

    def sampling_gpu(self, key: str) -> Callable[[Wildcards], int | str | None]:
        """As ``training_gpu``, for a job that samples from a checkpoint."""
        asked = self._asked["sampling"]["gpus"]

        def request(wildcards: Wildcards) -> int | str | None:
            count = self._evaluations.gpus(self._evaluations.model(wildcards.checkpoint)) if asked is None else asked
            return self._gpu_request(count).get(key)

        return request
