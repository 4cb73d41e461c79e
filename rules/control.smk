# Decides each campaign from the traces before it: pure controllers, run where Snakemake runs or, on a cluster, in the
# allocation of the chain that they decide for.
# Reads trace.json of campaigns 1 .. c-1, the controller's last state.json and, for controllers that decide by them, the
# capabilities of those campaigns and of the base model; writes plan.json and state.json of campaign c.


rule plan_first_campaign:
    output:
        plan="results/{testbed}/chains/{chain}/first/s{seed}/c01/plan.json",
        state="results/{testbed}/chains/{chain}/first/s{seed}/c01/state.json",
    log:
        "results/{testbed}/logs/chains/{chain}/first/s{seed}/c01.plan.log",
    benchmark:
        "results/{testbed}/benchmarks/chains/{chain}/first/s{seed}/c01.plan.tsv"
    group:
        allocation
    localrule: True
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=ASKED["light"]["memory_mb"],
        runtime=ASKED["light"]["minutes"],
    params:
        settings=lambda wildcards: json.dumps(base_strategy(wildcards.chain)),
        provenance=controller_provenance("first"),
    shell:
        "python -m workflow_scripts.control.decide --module first_campaign --controller first"
        " --chain {wildcards.chain} --seed {wildcards.seed} --campaign 1 --settings {params.settings:q}"
        " --output-plan {output.plan} --output-state {output.state} 2> {log}"


rule plan_campaign:
    input:
        traces=earlier_traces,
        state=last_state,
        capabilities=earlier_capabilities,
        base_capabilities=base_capabilities,
        answer=answer_source,
    output:
        plan="results/{testbed}/chains/{chain}/{controller}/s{seed}/c{campaign}/plan.json",
        state="results/{testbed}/chains/{chain}/{controller}/s{seed}/c{campaign}/state.json",
    log:
        "results/{testbed}/logs/chains/{chain}/{controller}/s{seed}/c{campaign}.plan.log",
    benchmark:
        "results/{testbed}/benchmarks/chains/{chain}/{controller}/s{seed}/c{campaign}.plan.tsv"
    group:
        allocation
    localrule: True
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=ASKED["light"]["memory_mb"],
        runtime=ASKED["light"]["minutes"],
    params:
        module=lambda wildcards: config["controllers"][wildcards.controller]["module"],
        settings=controller_settings,
        state=lambda wildcards, input: (["--state", input.state] if input.state else []),
        capabilities=lambda wildcards, input: (
            [
                "--capabilities",
                *input.capabilities,
                "--base-capabilities",
                input.base_capabilities,
            ]
            if input.capabilities
            else []
        ),
        chat_record=chat_record,
        provenance=lambda wildcards: campaign_provenance(
            wildcards.chain, wildcards.controller
        ),
    shell:
        "python -m workflow_scripts.control.decide --module {params.module:q} --controller {wildcards.controller}"
        " --chain {wildcards.chain} --seed {wildcards.seed} --campaign {wildcards.campaign}"
        " --settings {params.settings:q} --traces {input.traces} {params.state:q} {params.capabilities:q}"
        " --chat-record {params.chat_record:q}"
        " --output-plan {output.plan} --output-state {output.state} 2> {log}"
