# Runs one campaign per job. Reads its plan.json, the base model, the checkpoints of the campaign before and the problems;
# writes trace.json, rollouts.parquet, timing.json and the checkpoints peak/ and end/. Three rules with one command:
# checkpoints of first and final campaigns stay where config.yaml says so, those between go once they are used.


rule train_campaign:
    input:
        plan="results/{testbed}/chains/{chain}/{controller}/s{seed}/c{campaign}/plan.json",
        base_model=base_model,
        peak=earlier_checkpoint("peak"),
        end=earlier_checkpoint("end"),
        pool=training_pool,
        probe=training_probe,
    output:
        trace="results/{testbed}/chains/{chain}/{controller}/s{seed}/c{campaign}/trace.json",
        rollouts="results/{testbed}/chains/{chain}/{controller}/s{seed}/c{campaign}/rollouts.parquet",
        timing="results/{testbed}/chains/{chain}/{controller}/s{seed}/c{campaign}/timing.json",
        peak=temp(
            directory(
                "results/{testbed}/chains/{chain}/{controller}/s{seed}/c{campaign}/peak"
            )
        ),
        end=temp(
            directory(
                "results/{testbed}/chains/{chain}/{controller}/s{seed}/c{campaign}/end"
            )
        ),
    log:
        "results/{testbed}/logs/chains/{chain}/{controller}/s{seed}/c{campaign}.log",
    benchmark:
        "results/{testbed}/benchmarks/chains/{chain}/{controller}/s{seed}/c{campaign}.tsv"
    wildcard_constraints:
        campaign=rf"(?!{'|'.join(LAST_CAMPAIGNS)})\d{{2}}",
    group:
        allocation
    conda:
        "../envs/training.yaml"
    # Programs that are graded at a time; training itself is one thread a process.
    threads: BED["grading"]["workers"]
    resources:
        gpu=training_gpu("gpu"),
        gpu_model=training_gpu("gpu_model"),
        gres=training_gpu("gres"),
        mem_mb=training_memory,
        runtime=training_minutes,
    params:
        command=train_command(),
        role=lambda wildcards: CHAINS[wildcards.chain]["model"],
        model_name=lambda wildcards: BED["models"][CHAINS[wildcards.chain]["model"]][
            "name"
        ],
        settings=training_settings,
        limits=SANDBOX_LIMITS,
        layers=BED["grading"]["required_layers"],
        snapshots=[],
        cache=compiled_programs,
        previous=lambda wildcards, input: (
            ["--previous", Path(input.end).parent] if input.get("end") else []
        ),
        folder=lambda wildcards, output: Path(output.trace).parent,
        provenance=lambda wildcards: campaign_provenance(
            wildcards.chain, wildcards.get("controller", "first")
        ),
    shell:
        # A signal to the job reaches the trainer, not a shell that would leave it behind.
        "exec {params.command:q} --plan {input.plan} --testbed {wildcards.testbed}"
        " --model-role {params.role:q} --model-name {params.model_name:q} --base-model {input.base_model}"
        " {params.previous:q} --pool {input.pool} --probe {input.probe} --settings {params.settings:q}"
        " --limits {params.limits:q} --required-layers {params.layers:q} --grading-workers {threads}"
        " {params.snapshots:q} {params.cache:q}"
        " --provenance {params.provenance:q} --output {params.folder:q} 2> {log}"


use rule train_campaign as train_final_campaign with:
    output:
        trace="results/{testbed}/chains/{chain}/{controller}/s{seed}/c{campaign}/trace.json",
        rollouts="results/{testbed}/chains/{chain}/{controller}/s{seed}/c{campaign}/rollouts.parquet",
        timing="results/{testbed}/chains/{chain}/{controller}/s{seed}/c{campaign}/timing.json",
        peak=checkpoint_of("final")(
            "results/{testbed}/chains/{chain}/{controller}/s{seed}/c{campaign}/peak"
        ),
        end=checkpoint_of("final")(
            "results/{testbed}/chains/{chain}/{controller}/s{seed}/c{campaign}/end"
        ),
    wildcard_constraints:
        campaign="|".join(LAST_CAMPAIGNS),


use rule train_campaign as train_first_campaign with:
    input:
        plan="results/{testbed}/chains/{chain}/first/s{seed}/c01/plan.json",
        base_model=base_model,
        pool=training_pool,
        probe=training_probe,
    output:
        trace="results/{testbed}/chains/{chain}/first/s{seed}/c01/trace.json",
        rollouts="results/{testbed}/chains/{chain}/first/s{seed}/c01/rollouts.parquet",
        timing="results/{testbed}/chains/{chain}/first/s{seed}/c01/timing.json",
        peak=checkpoint_of("first")(
            "results/{testbed}/chains/{chain}/first/s{seed}/c01/peak"
        ),
        end=checkpoint_of("first")(
            "results/{testbed}/chains/{chain}/first/s{seed}/c01/end"
        ),
    log:
        "results/{testbed}/logs/chains/{chain}/first/s{seed}/c01.log",
    benchmark:
        "results/{testbed}/benchmarks/chains/{chain}/first/s{seed}/c01.tsv"


if SNAPSHOTS:

    use rule train_first_campaign as train_snapshot_campaign with:
        output:
            trace="results/{testbed}/chains/{chain}/first/s{seed}/c01/trace.json",
            rollouts="results/{testbed}/chains/{chain}/first/s{seed}/c01/rollouts.parquet",
            timing="results/{testbed}/chains/{chain}/first/s{seed}/c01/timing.json",
            peak=checkpoint_of("first")(
                "results/{testbed}/chains/{chain}/first/s{seed}/c01/peak"
            ),
            end=checkpoint_of("first")(
                "results/{testbed}/chains/{chain}/first/s{seed}/c01/end"
            ),
            snapshots=[
                checkpoint_of("first")(
                    snapshot_folder(
                        "results/{testbed}/chains/{chain}/first/s{seed}/c01", step
                    )
                )
                for step in sorted(set().union(*SNAPSHOTS.values()))
            ],
        wildcard_constraints:
            chain="|".join(SNAPSHOTS),
        params:
            command=train_command(),
            role=lambda wildcards: CHAINS[wildcards.chain]["model"],
            model_name=lambda wildcards: BED["models"][
                CHAINS[wildcards.chain]["model"]
            ]["name"],
            settings=training_settings,
            limits=SANDBOX_LIMITS,
            layers=BED["grading"]["required_layers"],
            snapshots=["--snapshots", *sorted(set().union(*SNAPSHOTS.values()))],
            cache=compiled_programs,
            previous=[],
            folder=lambda wildcards, output: Path(output.trace).parent,
            provenance=lambda wildcards: campaign_provenance(wildcards.chain, "first"),

    ruleorder: train_snapshot_campaign > train_first_campaign
