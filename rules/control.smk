# Decides each campaign from the traces before it: pure controllers, run where Snakemake runs or, on a cluster, in the
# allocation of the chain that they decide for.
# Reads trace.json of campaigns 1 .. c-1, the controller's last state.json and, for controllers that decide by them, the
# capabilities of those campaigns and of the base model, or another chain's traces; writes plan.json and state.json of
# campaign c.


rule plan_campaign:
    input:
        traces=study.earlier_traces,
        state=study.last_state,
        capabilities=evaluations.earlier_capabilities,
        base_capabilities=evaluations.base_capabilities,
        companion=study.companion_traces,
        answer=study.answer_source,
    output:
        plan="results/{testbed}/chains/{chain}/{owner}/s{seed}/c{campaign}/plan.json",
        state="results/{testbed}/chains/{chain}/{owner}/s{seed}/c{campaign}/state.json",
    log:
        "results/{testbed}/logs/chains/{chain}/{owner}/s{seed}/c{campaign}.plan.log",
    benchmark:
        "results/{testbed}/benchmarks/chains/{chain}/{owner}/s{seed}/c{campaign}.plan.tsv"
    group:
        allocations.group
    localrule: True
    conda:
        "../envs/analysis.yaml"
    resources:
        mem_mb=requests.asked("light")["memory_mb"],
        runtime=requests.asked("light")["minutes"],
    params:
        module=lambda wildcards: study.declared_controller(wildcards.owner)["module"],
        settings=options.controller_settings,
        traces=lambda wildcards, input: option("--traces", input.traces),
        state=lambda wildcards, input: option("--state", input.state),
        capabilities=lambda wildcards, input: [
            *option("--capabilities", input.capabilities),
            *option("--base-capabilities", input.base_capabilities),
        ],
        companion=lambda wildcards, input: option("--companion", input.companion),
        chat_record=study.chat_record,
        code=options.controller_code,
    shell:
        "python -m workflow_scripts.control.decide --module {params.module:q} --controller {wildcards.owner}"
        " --chain {wildcards.chain} --seed {wildcards.seed} --campaign {wildcards.campaign}"
        " --settings {params.settings:q} {params.traces:q} {params.state:q} {params.capabilities:q}"
        " {params.companion:q} --chat-record {params.chat_record:q}"
        " --output-plan {output.plan} --output-state {output.state} 2> {log}"
