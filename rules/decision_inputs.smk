# What controllers decide by beside traces: capabilities of evaluated checkpoints, and answers of a language model.
# Functions for rules/control.smk and rules/evaluation.smk; writes nothing.

import os

from workflow_scripts.control.chat_endpoint import URL
from workflow_scripts.control.recorded_answers import require_answers
from workflow_scripts.control.registry import load_controller


def controller_named(name):
    """A declared controller's module, as the registry describes it."""
    return or_explain(load_controller, config["controllers"][name]["module"])


def capabilities_file(controller):
    return f"capabilities-{'-'.join(controller_named(controller).splits)}.json"


def decides_by_capabilities(controller):
    return "capabilities" in controller_named(controller).needs


def earlier_capabilities(wildcards):
    """Those of all campaigns before this one, in order, for a controller that decides by them."""
    owner = wildcards.controller
    if not decides_by_capabilities(owner):
        return []
    which = controller_named(owner).evaluated
    return [
        f"{evaluation_folder(wildcards.chain, owner, wildcards.seed, campaign, which)}/{capabilities_file(owner)}"
        for campaign in range(1, int(wildcards.campaign))
    ]


def base_capabilities(wildcards):
    if not decides_by_capabilities(wildcards.controller):
        return []
    folder = base_evaluation_folder(model_of(wildcards.chain))
    return f"{folder}/{capabilities_file(wildcards.controller)}"


def chat_record(wildcards):
    """What this campaign's controller asked a language model; no output of a rule, so that nothing deletes it."""
    return f"{earlier_folder(wildcards, 0)}/chat.json"


def answer_source(wildcards):
    """No file: refuses, before anything trains, a campaign whose controller would find no language model to ask."""
    if "chat_endpoint" in controller_named(wildcards.controller).needs:
        asker = f"controller {wildcards.controller}"
        or_explain(require_answers, Path(chat_record(wildcards)), os.environ, asker)
    return []


def evaluation_folder(chain, controller, seed, campaign, which):
    """Where the evaluations of a campaign's ``peak`` or ``end`` lie; the first campaign is shared by all controllers."""
    folder = campaign_folder(chain, controller, seed, campaign)
    own = folder.removeprefix(f"results/{TESTBED}/chains/")
    return f"results/{TESTBED}/evaluations/{own}-{which}"


def base_evaluation_folder(model):
    return f"results/{TESTBED}/evaluations/base/{model}"


def checkpoint_folder(wildcards):
    owner, _, rest = wildcards.checkpoint.partition("/")
    if owner == "base":
        return model_folder(rest)
    campaign, _, which = wildcards.checkpoint.rpartition("-")
    return f"results/{TESTBED}/chains/{campaign}/{which}"


def evaluated_model(wildcards):
    owner, _, rest = wildcards.checkpoint.partition("/")
    return rest if owner == "base" else model_of(owner)


def evaluated_problems(wildcards):
    domain = role_and_domain(evaluated_model(wildcards))[1]
    return f"results/{TESTBED}/problems/{domain}/{wildcards.split}.jsonl"


def evaluation_gpus(model):
    return BED["models"][role_and_domain(model)[0]].get("evaluation_gpus", 0)


def evaluation_engine(model):
    """The settings of vLLM as training has them, but for a device of its own; None: the policy samples itself."""
    if BED["training"]["vllm"] is None:
        return None
    own = {
        key: value
        for key, value in BED["evaluation"].items()
        if key not in ("samples", "cpp_samples")
    }
    parallel = {"tensor_parallel_size": max(1, evaluation_gpus(model))}
    return BED["training"]["vllm"] | own | parallel


def sampling_options(model, split):
    """What decides the samples of a checkpoint, as words of the command line."""
    domain = role_and_domain(model)[1]
    training = BEDS[domain]["training"]
    settings = {
        "--samples": BED["evaluation"][
            "cpp_samples" if "cpp" in (split, domain) else "samples"
        ],
        "--temperature": training["temperature"],
        "--max-completion-tokens": training["max_completion_tokens"],
        "--prompt-format": training["prompt_format"],
    }
    engine = evaluation_engine(model)
    if engine is not None:
        settings["--vllm"] = json.dumps(engine)
    return [word for option in settings.items() for word in option]


include: "resources.smk"
include: "allocations.smk"
