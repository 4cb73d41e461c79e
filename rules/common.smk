# Reads config.yaml; defines the paths, provenances and waves that the stages' rules share. Writes nothing.
#
# Nothing reruns because a file is newer: file times say little after a clone or a copy, and on shared file systems less.
# Every rule carries `provenance` instead: a hash over its code, its settings and the provenance of what it consumes.

import hashlib
import json
import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

sys.path.insert(0, str(workflow.basedir))

from workflow_scripts.core.code_digest import code_digest
from workflow_scripts.core.configuration import chain_name, validate_configuration, wave
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import sha256_file
from workflow_scripts.core.processes import require_writable, single_workflow


def or_explain(function, *arguments):
    """The function's value; a user's mistake becomes one line of Snakemake's, without a traceback."""
    try:
        return function(*arguments)
    except UserError as error:
        raise WorkflowError(f"error: {error}") from None


or_explain(validate_configuration, config)

TESTBED = config["testbed"]
BED = config["testbeds"][TESTBED]
RESULTS = f"results/{TESTBED}"
CAMPAIGN = RESULTS + "/chains/{chain}/{controller}/s{seed}/c{campaign}"
LOGS = RESULTS + "/logs/"
BENCHMARKS = RESULTS + "/benchmarks/"

# Rules call `python -m workflow_scripts...`: with this interpreter, from any working directory, one thread each.
os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
os.environ["PYTHONPATH"] = str(workflow.basedir)
os.environ["OMP_NUM_THREADS"] = "1"

if workflow.is_main_process and not workflow.dryrun:
    or_explain(require_writable, Path(RESULTS))
    WORKFLOW_LOCK = or_explain(single_workflow, Path(".snakemake"))


def provenance(*parts):
    """16 hexadecimal digits over code digests, settings and provenances."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def code(*scripts):
    return or_explain(code_digest, *scripts)


def wave_of(name):
    return or_explain(wave, config, name)


def number(campaign):
    """A campaign as it stands in a path: c01, c02, ..."""
    return f"{campaign:02d}"


def campaign_folder(chain, controller, seed, campaign):
    """The folder of one campaign; the first one is shared by all controllers."""
    owner = "first" if campaign == 1 else controller
    return f"{RESULTS}/chains/{chain}/{owner}/s{seed}/c{number(campaign)}"


def wave_traces(name, controllers=None):
    """Every trace of a wave, the shared first campaigns once."""
    declared = wave_of(name)
    folders = {
        campaign_folder(chain_name(declared), controller, seed, campaign): None
        for seed in config["seeds"]
        for controller in controllers or declared["controllers"]
        for campaign in range(1, declared["campaigns"] + 1)
    }
    return [f"{folder}/trace.json" for folder in folders]


CHAINS = {chain_name(declared): declared for declared in config["waves"].values()}
LAST_CAMPAIGNS = {number(declared["campaigns"]) for declared in config["waves"].values()}


# What each stage's outputs depend on. The chain of provenances mirrors the graph.
def problems_provenance(split):
    script = "build_corpus" if split == "corpus" else "generate_problems"
    return provenance(code(f"problems/{script}.py"), BED["problems"])


def model_provenance(role):
    return provenance(
        code("models/pretrain_model.py"), BED["models"][role], BED["pretraining"], problems_provenance("corpus")
    )


def controller_provenance(controller):
    declared = config["controllers"].get(controller, {"module": "first_campaign"})
    return provenance(code("control/decide.py", f"control/{declared['module']}.py"), declared)


def campaign_provenance(chain, controller):
    declared = CHAINS[chain]
    return provenance(
        code("training/train_campaign.py", "grading/worker.py"),
        {key: declared[key] for key in ("update_rule", "domain", "steps", "kl_schedule")},
        BED["training"],
        BED["grading"],
        model_provenance(declared["model"]),
        problems_provenance("train"),
        controller_provenance("first"),
        *([] if controller == "first" else [controller_provenance(controller)]),
    )


def statistics_provenance(name):
    declared = wave_of(name)
    return provenance(
        code("statistics/summarise_wave.py"),
        config["statistics"],
        declared,
        [campaign_provenance(chain_name(declared), controller) for controller in declared["controllers"]],
    )


wildcard_constraints:
    domain="[a-z]+",
    split="[a-z]+",
    role="[A-Za-z0-9]+",
    chain="[A-Za-z0-9_-]+",
    controller="[A-Za-z0-9]+",
    seed=r"\d+",
    campaign=r"\d{2}",
    wave=r"W\d+[a-z0-9]*",
