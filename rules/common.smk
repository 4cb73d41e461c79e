# Reads and validates config.yaml; defines what the stages' rules share: waves, chains, folders and input functions.
# Writes nothing.

import json
import sys
from pathlib import Path

import snakemake.io
from snakemake.exceptions import WorkflowError

sys.path.insert(0, str(workflow.basedir))

from workflow_scripts.control.declared_controllers import validate_controllers
from workflow_scripts.core.configuration import (
    add_testbeds,
    chain_name,
    seeds_of,
    validate_configuration,
    wave,
)
from workflow_scripts.core.domains import FIRST, in_domain, qualified, role_and_domain
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.file_times import equal_time
from workflow_scripts.core.processes import prepare_environment, require_folder
from workflow_scripts.core.yaml_files import read_yaml, require_unique_keys


def or_explain(function, *arguments):
    """The function's value; a user's mistake becomes one line of Snakemake's, without a traceback."""
    try:
        return function(*arguments)
    except UserError as error:
        raise WorkflowError(f"error: {error}") from None


if workflow.is_main_process:
    # Where YAML is broken Snakemake names no line, and of a key that stands twice it takes the last.
    if Path("config.yaml").exists():
        or_explain(read_yaml, "config.yaml")
    or_explain(require_unique_keys, workflow.configfiles)


configfile: "config.yaml"


or_explain(add_testbeds, config)
or_explain(validate_configuration, config)
or_explain(validate_controllers, config["controllers"])
prepare_environment(Path(workflow.basedir))

TESTBED = config["testbed"]
BED = config["testbeds"][TESTBED]
# The testbed as each domain has it.
BEDS = {
    domain: or_explain(in_domain, BED, domain)
    for domain in (FIRST, *BED.get("domains", {}))
}

or_explain(require_folder, Path("results", TESTBED))
# Snakemake compares file times whatever its rerun triggers are.
snakemake.io.IOCache.collect_mtime = equal_time


def wave_of(name):
    return or_explain(wave, config, name)


HUB_MODELS = {
    role: model for role, model in BED["models"].items() if "revision" in model
}
TINY_MODELS = {
    role: model for role, model in BED["models"].items() if "revision" not in model
}
# Waves with the same chain declare the same of it, but for controllers and length.
CHAINS = {
    chain_name(config, declared): declared for declared in config["waves"].values()
}
LAST_CAMPAIGNS = sorted(
    {
        f"{declared['campaigns']:02d}"
        for declared in config["waves"].values()
        if declared["campaigns"] > 1
    }
)
# Steps of first campaigns whose checkpoints other chains start from, by chain.
SNAPSHOTS = {}
for declared in config["waves"].values():
    if start := declared.get("start"):
        origin = chain_name(config, config["waves"][start["wave"]])
        SNAPSHOTS[origin] = sorted({*SNAPSHOTS.get(origin, []), start["step"]})


wildcard_constraints:
    testbed=TESTBED,
    domain="|".join(BEDS),
    split="[a-z]+",
    role="[A-Za-z0-9]+",
    chain="|".join(CHAINS),
    controller="|".join(config["controllers"]),
    seed=r"\d+",
    campaign=r"\d{2}",
    wave=r"W\d+[a-z0-9]*",  # any: one that is not declared is answered with the nearest that is


# Folders and files by their definition.
def campaign_folder(chain, controller, seed, campaign):
    """The folder of one campaign; the first one is shared by all controllers."""
    owner = "first" if campaign == 1 else controller
    return f"results/{TESTBED}/chains/{chain}/{owner}/s{seed}/c{campaign:02d}"


def traces_of(name):
    """Every trace of a wave, the shared first campaigns once."""
    declared = wave_of(name)
    folders = {
        campaign_folder(chain_name(config, declared), controller, seed, campaign): None
        for seed in seeds_of(config, name)
        for controller in declared["controllers"]
        for campaign in range(1, declared["campaigns"] + 1)
    }
    return [f"{folder}/trace.json" for folder in folders]


def wave_traces(wildcards):
    return traces_of(wildcards.wave)


def base_model(wildcards):
    """What a chain starts from: the model in its role, or a checkpoint of another chain's first campaign."""
    declared = CHAINS[wildcards.chain]
    if start := declared.get("start"):
        origin = chain_name(config, config["waves"][start["wave"]])
        folder = campaign_folder(origin, "first", wildcards.seed, 1)
        return snapshot_folder(folder, start["step"])
    return model_folder(model_of(wildcards.chain))


def bed_of(chain):
    """The testbed in the chain's domain."""
    return BEDS[CHAINS[chain]["domain"]]


def model_of(chain):
    """The name of a chain's base model: its role, and its domain where that is not the first (``7B-cpp``)."""
    return qualified(CHAINS[chain]["model"], CHAINS[chain]["domain"])


def model_folder(name):
    """Where a base model lies; a published one serves every domain."""
    role = role_and_domain(name)[0]
    return f"results/{TESTBED}/models/{name if role in TINY_MODELS else role}"


def snapshot_folder(campaign, step):
    return f"{campaign}/step{step:03d}"


def training_pool(wildcards):
    return f"results/{TESTBED}/problems/{CHAINS[wildcards.chain]['domain']}/train.jsonl"


def training_probe(wildcards):
    return f"results/{TESTBED}/problems/{CHAINS[wildcards.chain]['domain']}/{bed_of(wildcards.chain)['training']['probe_split']}.jsonl"


def earlier_folder(wildcards, back):
    campaign = int(wildcards.campaign) - back
    return campaign_folder(
        wildcards.chain, wildcards.controller, wildcards.seed, campaign
    )


def earlier_traces(wildcards):
    """The traces of all campaigns before this one, in order."""
    return [
        f"{earlier_folder(wildcards, back)}/trace.json"
        for back in range(int(wildcards.campaign) - 1, 0, -1)
    ]


def last_state(wildcards):
    """The controller's own state; its first decision, at campaign 2, has none."""
    return (
        f"{earlier_folder(wildcards, 1)}/state.json"
        if int(wildcards.campaign) > 2
        else []
    )


def earlier_checkpoint(which):
    """peak/ or end/ of the campaign before; which of them is loaded, the plan says at run time."""
    return lambda wildcards: f"{earlier_folder(wildcards, 1)}/{which}"


def model_declared(wildcards):
    """A base model as its domain has it."""
    role, domain = role_and_domain(wildcards.model)
    return BEDS[domain]["models"][role]


include: "start.smk"
