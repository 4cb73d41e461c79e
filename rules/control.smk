# Decides each campaign from the traces before it: pure controllers, run where Snakemake runs.
# Reads trace.json of campaigns 1 .. c-1 and the controller's last state.json; writes plan.json and state.json of campaign c.


def base_strategy(chain):
    """What every controller starts from; its own settings come beside it."""
    return {
        "steps": CHAINS[chain]["steps"],
        "learning_rate": BED["training"]["learning_rate"],
        "kl_coefficient": 0.0,
    }


def earlier_traces(wildcards):
    return [
        campaign_folder(wildcards.chain, wildcards.controller, wildcards.seed, campaign) + "/trace.json"
        for campaign in range(1, int(wildcards.campaign))
    ]


def last_state(wildcards):
    """The controller's own state; its first decision, at campaign 2, has none."""
    previous = int(wildcards.campaign) - 1
    if previous < 2:
        return []
    return campaign_folder(wildcards.chain, wildcards.controller, wildcards.seed, previous) + "/state.json"


rule plan_first_campaign:
    localrule: True
    output:
        plan=RESULTS + "/chains/{chain}/first/s{seed}/c01/plan.json",
        state=RESULTS + "/chains/{chain}/first/s{seed}/c01/state.json",
    log:
        LOGS + "chains/{chain}/first/s{seed}/c01.plan.log",
    benchmark:
        BENCHMARKS + "chains/{chain}/first/s{seed}/c01.plan.tsv"
    params:
        settings=lambda wildcards: json.dumps(base_strategy(wildcards.chain)),
        provenance=controller_provenance("first"),
    shell:
        "python -m workflow_scripts.control.decide --module first_campaign --controller first"
        " --chain {wildcards.chain} --seed {wildcards.seed} --campaign 1 --settings {params.settings:q}"
        " --output-plan {output.plan} --output-state {output.state} 2> {log}"


rule plan_campaign:
    localrule: True
    input:
        traces=earlier_traces,
        state=last_state,
    output:
        plan=CAMPAIGN + "/plan.json",
        state=CAMPAIGN + "/state.json",
    log:
        LOGS + "chains/{chain}/{controller}/s{seed}/c{campaign}.plan.log",
    benchmark:
        BENCHMARKS + "chains/{chain}/{controller}/s{seed}/c{campaign}.plan.tsv"
    wildcard_constraints:
        controller="|".join(config["controllers"]),
    params:
        module=lambda wildcards: config["controllers"][wildcards.controller]["module"],
        settings=lambda wildcards: json.dumps(
            base_strategy(wildcards.chain) | config["controllers"][wildcards.controller]["settings"]
        ),
        state=lambda wildcards, input: f"--state {input.state}" if input.state else "",
        provenance=lambda wildcards: campaign_provenance(wildcards.chain, wildcards.controller),
    shell:
        "python -m workflow_scripts.control.decide --module {params.module} --controller {wildcards.controller}"
        " --chain {wildcards.chain} --seed {wildcards.seed} --campaign {wildcards.campaign}"
        " --settings {params.settings:q} --traces {input.traces} {params.state}"
        " --output-plan {output.plan} --output-state {output.state} 2> {log}"
