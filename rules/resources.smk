# What jobs ask of a cluster, by class: training, sampling, grading, light. Functions for `resources:`; writes nothing.
# Numbers are config.yaml's (testbeds.*.resources); null there means: estimated from the model's size and the steps
# (workflow_scripts/training/cost_estimate.py). The executor takes a rule's threads as its processor cores.

import math

from workflow_scripts.training.cost_estimate import (
    PAPER,
    Assumptions,
    Placement,
    Workload,
    memory,
    seconds,
)
from workflow_scripts.training.hardware import accelerator
from workflow_scripts.training.model_shapes import SHAPES

CLUSTER = config["cluster"]
ASKED = BED["resources"]
# Of the host, for each process: its libraries, its engine, the problems.
PROCESS_MEMORY_MB = 8000


def shape_of(role):
    """The published size of a model, by the name in config.yaml."""
    name = BED["models"][role]["name"]
    for known, shape in SHAPES.items():
        if known.lower() in name.lower():
            return shape
    raise WorkflowError(
        f"error: config.yaml: testbeds.{TESTBED}.models.{role}: no size is known of {name}, so nothing can be "
        f"estimated; write numbers in place of null in testbeds.{TESTBED}.resources (known: {', '.join(SHAPES)})"
    )


def chain_gpus():
    """GPUs of a training job: those that share the policy, or as many as config.yaml says."""
    asked = ASKED["training"]["gpus"]
    return training_gpus() if asked is None else asked


def checkpoint_gpus(model):
    """GPUs of a job that samples from a checkpoint of ``model``."""
    asked = ASKED["sampling"]["gpus"]
    return evaluation_gpus(model) if asked is None else asked


def workload(chain):
    """A campaign of the chain, as the cost estimate describes it."""
    training, sharding = (
        bed_of(chain)["training"],
        bed_of(chain)["training"]["sharding"],
    )
    own = {
        "prompts_per_step": training["prompts_per_step"],
        "group_size": training["group_size"],
        "completion_limit": training["max_completion_tokens"],
        "steps": CHAINS[chain]["steps"],
        "tokens_per_batch": sharding["tokens_per_batch"] if sharding else 8192,
        "state_every": sharding["state_every"] if sharding else 0,
    }
    return Workload(**(vars(PAPER) | own))


def placement():
    engine = BED["training"]["vllm"]
    shared = engine["tensor_parallel_size"] if engine else 1
    return Placement(accelerator(CLUSTER["hardware"]), max(1, chain_gpus()), shared)


def training_minutes(wildcards):
    """The time limit of one campaign; those of an allocation add up."""
    asked = ASKED["training"]["minutes"]
    if asked is not None:
        return asked
    work, shape = (
        workload(wildcards.chain),
        shape_of(CHAINS[wildcards.chain]["model"]),
    )
    estimated = seconds(shape, work, placement(), Assumptions()).campaign(work.steps)
    return math.ceil(CLUSTER["margin"] * estimated / 60)


def training_memory(wildcards):
    asked = ASKED["training"]["memory_mb"]
    if asked is not None:
        return asked
    shape = shape_of(CHAINS[wildcards.chain]["model"])
    host = memory(shape, workload(wildcards.chain), placement()).host
    return math.ceil(host / 2**20) + PROCESS_MEMORY_MB * max(1, chain_gpus())


def sampling_memory(wildcards):
    asked = ASKED["sampling"]["memory_mb"]
    if asked is not None:
        return asked
    role = role_and_domain(evaluated_model(wildcards))[0]
    # The weights in float32, as they are read.
    return math.ceil(4 * shape_of(role).parameters / 2**20) + 2 * PROCESS_MEMORY_MB


def gpu_request(count):
    """How GPUs are asked for, as the site spells it: --gpus=N, --gpus=MODEL:N or --gres=gpu[:MODEL]:N."""
    if not count:
        return {}
    model = CLUSTER["gpu_model"]
    if CLUSTER["gpu_request"] == "gres":
        return {"gres": f"gpu:{model}:{count}" if model else f"gpu:{count}"}
    return {"gpu": count, "gpu_model": model} if model else {"gpu": count}


def training_gpu(key):
    """The part ``key`` (gpu, gpu_model, gres) of a training job's request; None where it has none."""
    return lambda wildcards: gpu_request(chain_gpus()).get(key)


def sampling_gpu(key):
    return lambda wildcards: gpu_request(
        checkpoint_gpus(evaluated_model(wildcards))
    ).get(key)
