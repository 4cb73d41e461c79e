# Runs one campaign per job. Reads its plan.json, the base model, the checkpoints of the campaign before and the problems;
# writes trace.json, rollouts.parquet, timing.json and the checkpoints peak/ and end/. One declaration, of which there is
# a rule for each kind of campaign: train_first_campaign, train_snapshot_campaign, train_campaign, train_final_campaign.
# Checkpoints are folders, which have no checksum; what comes after them depends on the trace, which has theirs, and on
# what a base model is made by.

CAMPAIGN = "results/{testbed}/chains/{chain}/{owner}/s{seed}/c{campaign}"


for kind in study.campaign_kinds():
    declared = directory if kind.kept else lambda path: temp(directory(path))

    rule:
        name:
            kind.name
        input:
            plan=f"{CAMPAIGN}/plan.json",
            base_model=ancient(study.base_model),
            origin=study.origin_trace,
            last_checkpoints=ancient(study.last_checkpoints),
            last_trace=study.last_trace,
            pool=study.training_pool,
            probe=study.training_probe,
        output:
            trace=f"{CAMPAIGN}/trace.json",
            rollouts=f"{CAMPAIGN}/rollouts.parquet",
            timing=f"{CAMPAIGN}/timing.json",
            peak=declared(f"{CAMPAIGN}/peak"),
            end=declared(f"{CAMPAIGN}/end"),
            snapshots=[
                declared(snapshot_folder(CAMPAIGN, step)) for step in kind.snapshots
            ],
        log:
            "results/{testbed}/logs/chains/{chain}/{owner}/s{seed}/c{campaign}.log",
        benchmark:
            "results/{testbed}/benchmarks/chains/{chain}/{owner}/s{seed}/c{campaign}.tsv"
        wildcard_constraints:
            chain=kind.chain,
            owner=kind.owner,
            campaign=kind.campaign,
        group:
            allocations.group
        conda:
            f"../envs/{requests.training_environment}.yaml"
        # Programs that are graded at a time; training itself is one thread a process.
        threads: study.bed["grading"]["workers"]
        resources:
            gpu=requests.training_gpu("gpu"),
            gpu_model=requests.training_gpu("gpu_model"),
            gres=requests.training_gpu("gres"),
            mem_mb=requests.training_memory,
            runtime=requests.training_minutes,
        params:
            command=options.train_command(),
            role=study.role,
            model_name=study.model_name,
            base_model=lambda wildcards: options.made_by(
                study.model_of(wildcards.chain)
            ),
            previous=lambda wildcards: option(
                "--previous", study.last_folder(wildcards)
            ),
            settings=options.training_settings,
            limits=options.limits,
            layers=options.layers,
            snapshots=option("--snapshots", kind.snapshots),
            cache=options.compiled_programs,
            folder=lambda wildcards, output: Path(output.trace).parent,
            code=code("training/train_campaign.py", SANDBOX),
        shell:
            # A signal to the job reaches the trainer, not a shell that would leave it behind.
            "exec {params.command:q} --plan {input.plan} --testbed {wildcards.testbed}"
            " --model-role {params.role:q} --model-name {params.model_name:q} --base-model {input.base_model} {params.previous:q} --pool {input.pool} --probe {input.probe}"
            " --settings {params.settings:q} --limits {params.limits:q} --required-layers {params.layers:q}"
            " --grading-workers {threads} {params.snapshots:q} {params.cache:q}"
            " --provenance {params.code:q} --output {params.folder:q} 2> {log}"
