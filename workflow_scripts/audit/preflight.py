"""What this machine lacks for a run, before anything is queued: one line per check, and what to do about it.

Looks at the Python and its packages, the compiler, the layers of the sandbox, and the disk beside what a dry run of the
target needs; where it takes published models and GPUs, at vLLM, accelerate, torch's build, and whether the hub gives
each model. Ends with status 1 where something is missing. Other nodes of a cluster are not asked.
"""

import argparse
import importlib.util
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from workflow_scripts.audit.disk_use import recorded_sizes
from workflow_scripts.audit.plan_run import bytes_in_words, formula_hardware, results_folder
from workflow_scripts.audit.recorded_seconds import recorded_seconds
from workflow_scripts.audit.run_estimate import estimate
from workflow_scripts.audit.snakemake_jobs import Workload, plan_jobs
from workflow_scripts.core.cli import run
from workflow_scripts.core.configuration import read_configuration
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.nearest import nearest
from workflow_scripts.core.yaml_files import read_yaml
from workflow_scripts.grading.check_sandbox import check as check_sandbox
from workflow_scripts.grading.code_grader import CodeGrader, InfrastructureError
from workflow_scripts.grading.limit_options import DEFAULT_LIMITS
from workflow_scripts.models.fetch_model import HubIsSilent, ask_hub
from workflow_scripts.models.gguf_model import is_gguf

PYTHONS = ((3, 11), (3, 13))
GPU_ENVIRONMENT = "make gpu-env; source .venv-gpu/bin/activate"


class Missing(UserError):
    """What is missing, and what to do."""


@dataclass(frozen=True)
class Line:
    """A check's result: what was looked at, whether it is there, and what was found or is to be done."""

    what: str
    there: bool
    words: str

    def __str__(self) -> str:
        return f"{'ok' if self.there else 'missing':8} {self.what:14} {self.words}"


def asked(what: str, check: Callable[[], str]) -> Line:
    """The line of a check that says what it found, or raises what is missing."""
    try:
        return Line(what, True, check())
    except (UserError, InfrastructureError) as error:
        return Line(what, False, " ".join(str(error).split()))


def python(version: Sequence[int]) -> str:
    words, (first, last) = ".".join(map(str, version)), PYTHONS
    if not first <= tuple(version[:2]) <= last:
        raise Missing(f"{words}; the packages have builds for 3.11, 3.12 and 3.13: make PYTHON=python3.11")
    return words


def command(name: str, remedy: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Missing(f"not on PATH: {remedy}")
    return found


def sandbox(required: Sequence[str]) -> str:
    with CodeGrader(DEFAULT_LIMITS, tuple(required)) as grader:
        check_sandbox(grader)
        return f"{', '.join(required)} active"


def disk(needed: float, folder: Path) -> str:
    free = shutil.disk_usage(folder).free
    words = f"{bytes_in_words(free)} free, {bytes_in_words(needed)} needed at most at a time"
    if free < needed:
        raise Missing(f"{words}: make room, or link results/ to a larger disk")
    return words


def needed_bytes(workload: Workload) -> float:
    """At the fullest moment of what is left to do, as `make plan` says it."""
    recorded = recorded_seconds(workload.jobs, results_folder(workload))
    hardware = formula_hardware(None, read_yaml("config.yaml"))
    return estimate(workload, recorded, recorded_sizes(workload.jobs), hardware).disk.peak


def models_to_fetch(workload: Workload) -> list[str]:
    """The roles of published models that are to be fetched."""
    return sorted(job.wildcards["role"] for job in workload.jobs if job.rule == "fetch_model" and not job.done)


def package(name: str) -> str:
    if importlib.util.find_spec(name) is None:
        raise Missing(f"not installed in {sys.prefix}: {GPU_ENVIRONMENT}")
    return "installed"


def cuda_torch() -> str:
    # Late, since it takes seconds, and other testbeds do without.
    import torch

    if torch.version.cuda is None:
        raise Missing(f"torch {torch.__version__} is a build without CUDA: {GPU_ENVIRONMENT}")
    return f"torch {torch.__version__}, CUDA {torch.version.cuda}"


def gpus(needed: int) -> str:
    import torch

    if (found := torch.cuda.device_count()) < needed:
        raise Missing(f"{found} here, {needed} needed: run on a GPU node, or --profile slurm")
    return f"{found} here, {needed} needed"


def require_access(name: str, revision: str) -> None:
    """A model that asks for consent is described to everyone, and given to those who agreed."""
    # Late, since it takes a second.
    from huggingface_hub import HfApi, errors

    if ask_hub(name, revision).gated:
        try:
            HfApi().auth_check(name)
        except errors.GatedRepoError:
            raise Missing(f"{name}: agree on the model's page, and set HF_TOKEN to that account's token") from None


def model(declared: Mapping[str, Any]) -> str:
    """Where a published model will come from: a folder or file on this machine, the hub, a package."""
    name = declared["name"]
    if Path(name).is_dir() or is_gguf(Path(name)):
        return f"{name}, on this machine"
    try:
        require_access(name, declared["revision"])
    except HubIsSilent:
        if not declared.get("package"):
            raise
        return f"{name}, from {declared['package']['requirement']}, since the hub does not answer"
    return f"{name}, given by the hub"


def lines(bed: Mapping[str, Any], plan: Callable[[], Workload], profile: str | None) -> Iterator[Line]:
    """All checks of a testbed, each as soon as it is known; ``plan`` makes the dry run, which takes longest."""
    yield asked("Python", partial(python, tuple(sys.version_info[:3])))
    yield asked("g++", partial(command, "g++", "apt install g++ (conda: gxx)"))
    yield asked("sandbox", partial(sandbox, bed["grading"]["required_layers"]))
    training = bed["training"]
    if training["vllm"]:
        yield asked("vllm", partial(package, "vllm"))
    if training["sharding"] and training["sharding"]["device"] == "cuda":
        yield asked("accelerate", partial(package, "accelerate"))
        yield asked("torch", cuda_torch)
        if not profile:
            yield asked("GPUs", partial(gpus, training["sharding"]["processes"]))
    if profile:
        yield asked("sbatch", partial(command, "sbatch", "run on a node that submits to SLURM"))
    workload = plan()
    yield asked("disk", partial(disk, needed_bytes(workload), Path()))
    for role in models_to_fetch(workload):
        yield asked(f"model {role}", partial(model, bed["models"][role]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--testbed", help="default: config.yaml's")
    parser.add_argument("--target", default="all", help="whose disk and models are needed (default: all)")
    parser.add_argument("--profile", help="as of snakemake: with one, GPUs are other nodes'")
    arguments = parser.parse_args()
    config = read_configuration(Path("config.yaml"))
    testbed = arguments.testbed or config["testbed"]
    if testbed not in config["testbeds"]:
        raise UserError(f"--testbed: no testbed {testbed!r}; {nearest(testbed, config['testbeds'])}")
    plan = partial(plan_jobs, arguments.target, ["--cores", "2", "--config", f"testbed={testbed}"])
    missing = 0
    for line in lines(config["testbeds"][testbed], plan, arguments.profile):
        print(line, flush=True)
        missing += not line.there
    if missing:
        raise UserError(f"{missing} missing for testbed {testbed}")


if __name__ == "__main__":
    run(main)
