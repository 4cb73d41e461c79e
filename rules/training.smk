# Runs one campaign per job. Reads its plan.json, the base model, the checkpoints of the campaign before and the problems;
# writes trace.json, rollouts.parquet, timing.json and the checkpoints peak/ and end/.

TRAINING = {key: value for key, value in BED["training"].items() if key not in ("learning_rate", "probe_split")}
LIMITS = {key: value for key, value in BED["grading"].items() if key != "required_layers"}


def checkpoint(which):
    """peak/ or end/ of the campaign before; campaign 1 has none. Which one is loaded, the plan says at run time."""

    def folder(wildcards):
        previous = int(wildcards.campaign) - 1
        return campaign_folder(wildcards.chain, wildcards.controller, wildcards.seed, previous) + f"/{which}"

    return folder


def kept(which):
    """Checkpoints of the first and final campaigns stay, so that a controller or a longer chain can go on from them."""
    return directory if which in config["checkpoints"]["keep"] else lambda path: temp(directory(path))


rule train_campaign:
    input:
        plan=CAMPAIGN + "/plan.json",
        base_model=lambda wildcards: f"{RESULTS}/models/{CHAINS[wildcards.chain]['model']}",
        peak=checkpoint("peak"),
        end=checkpoint("end"),
        pool=lambda wildcards: f"{RESULTS}/problems/{CHAINS[wildcards.chain]['domain']}/train.jsonl",
        probe=lambda wildcards: "{}/problems/{}/{}.jsonl".format(
            RESULTS, CHAINS[wildcards.chain]["domain"], BED["training"]["probe_split"]
        ),
    output:
        trace=CAMPAIGN + "/trace.json",
        rollouts=CAMPAIGN + "/rollouts.parquet",
        timing=CAMPAIGN + "/timing.json",
        peak=temp(directory(CAMPAIGN + "/peak")),
        end=temp(directory(CAMPAIGN + "/end")),
    log:
        LOGS + "chains/{chain}/{controller}/s{seed}/c{campaign}.log",
    benchmark:
        BENCHMARKS + "chains/{chain}/{controller}/s{seed}/c{campaign}.tsv"
    wildcard_constraints:
        controller="|".join(config["controllers"]),
        campaign=rf"(?!{'|'.join(LAST_CAMPAIGNS)})\d{{2}}",
    params:
        testbed=TESTBED,
        role=lambda wildcards: CHAINS[wildcards.chain]["model"],
        model_name=lambda wildcards: BED["models"][CHAINS[wildcards.chain]["model"]]["name"],
        settings=lambda wildcards: json.dumps(
            {"update_rule": CHAINS[wildcards.chain]["update_rule"], **TRAINING}
        ),
        limits=json.dumps(LIMITS),
        layers=BED["grading"]["required_layers"],
        previous=lambda wildcards, input: f"--previous {Path(input.end).parent}" if input.get("end") else "",
        folder=lambda wildcards, output: Path(output.trace).parent,
        provenance=lambda wildcards: campaign_provenance(wildcards.chain, wildcards.get("controller", "first")),
    shell:
        "python -m workflow_scripts.training.train_campaign --plan {input.plan} --testbed {params.testbed}"
        " --model-role {params.role} --model-name {params.model_name} --base-model {input.base_model}"
        " {params.previous} --pool {input.pool} --probe {input.probe} --settings {params.settings:q}"
        " --limits {params.limits:q} --required-layers {params.layers} --output {params.folder} 2> {log}"


use rule train_campaign as train_final_campaign with:
    output:
        trace=CAMPAIGN + "/trace.json",
        rollouts=CAMPAIGN + "/rollouts.parquet",
        timing=CAMPAIGN + "/timing.json",
        peak=kept("final")(CAMPAIGN + "/peak"),
        end=kept("final")(CAMPAIGN + "/end"),
    wildcard_constraints:
        controller="|".join(config["controllers"]),
        campaign="|".join(LAST_CAMPAIGNS),


use rule train_campaign as train_first_campaign with:
    input:
        plan=RESULTS + "/chains/{chain}/first/s{seed}/c01/plan.json",
        base_model=lambda wildcards: f"{RESULTS}/models/{CHAINS[wildcards.chain]['model']}",
        pool=lambda wildcards: f"{RESULTS}/problems/{CHAINS[wildcards.chain]['domain']}/train.jsonl",
        probe=lambda wildcards: "{}/problems/{}/{}.jsonl".format(
            RESULTS, CHAINS[wildcards.chain]["domain"], BED["training"]["probe_split"]
        ),
    output:
        trace=RESULTS + "/chains/{chain}/first/s{seed}/c01/trace.json",
        rollouts=RESULTS + "/chains/{chain}/first/s{seed}/c01/rollouts.parquet",
        timing=RESULTS + "/chains/{chain}/first/s{seed}/c01/timing.json",
        peak=kept("first")(RESULTS + "/chains/{chain}/first/s{seed}/c01/peak"),
        end=kept("first")(RESULTS + "/chains/{chain}/first/s{seed}/c01/end"),
    log:
        LOGS + "chains/{chain}/first/s{seed}/c01.log",
    benchmark:
        BENCHMARKS + "chains/{chain}/first/s{seed}/c01.tsv"
