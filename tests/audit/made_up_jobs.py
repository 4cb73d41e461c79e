"""Jobs as Snakemake would plan them, made up: campaigns of one chain or several, here or on GPUs."""

import json
from typing import Any

from workflow_scripts.audit.snakemake_jobs import Job, Output

CHAIN = "7B-reinforce-py-20"
TEMPLATE = (
    r"results/{testbed,tiny}/benchmarks/chains/{chain,7B-[a-z]+-py-\d+}/{controller,A0|A3}/s{seed,\d+}"
    r"/c{campaign,(?!10)\d{2}}.tsv"
)
GPU_SETTINGS = {
    "prompts_per_step": 1,
    "group_size": 16,
    "max_completion_tokens": 1024,
    "sharding": {"tokens_per_batch": 8192, "state_every": 0},
    "vllm": {"tensor_parallel_size": 1},
}


def job(number: int, rule: str = "plan_campaign", **changes: Any) -> Job:
    """A job that needs and writes nothing but what is asked for."""
    told: dict[str, Any] = {
        "id": number,
        "rule": rule,
        "wildcards": {},
        "threads": 1,
        "gpus": 0,
        "local": True,
        "unit": str(number),
        "inputs": (),
        "outputs": (Output(f"results/tiny/{number}", False),),
        "benchmark": None,
        "template": None,
        "told": {},
        "done": False,
    }
    return Job(**(told | changes))


def campaign(number: int, before: int | None = None, chain: str = CHAIN, **changes: Any) -> Job:
    """A campaign that goes on from the checkpoints of another one; its own are temporary."""
    folder = f"results/tiny/chains/{chain}/A0/s7/{number}"
    outputs = (
        *(Output(f"{folder}/{name}", False) for name in ("trace.json", "rollouts.parquet", "timing.json")),
        Output(f"{folder}/peak", True),
        Output(f"{folder}/end", True),
    )
    source = "results/tiny/models/7B" if before is None else f"results/tiny/chains/{chain}/A0/s7/{before}/end"
    told = {"wildcards": {"testbed": "tiny", "chain": chain}, "inputs": (source,), "outputs": outputs}
    return job(number, "train_campaign", **(told | changes))


def gpu_campaign(number: int, before: int | None = None, **changes: Any) -> Job:
    """One of the 7B model on 8 GPUs, submitted to another machine."""
    told = {"model_name": "Qwen/Qwen2.5-7B-Instruct", "settings": json.dumps(GPU_SETTINGS)}
    own: dict[str, Any] = {"gpus": 8, "threads": 16, "local": False, "told": told}
    return campaign(number, before, **(own | changes))
