# Evaluates checkpoints on held-out splits (section 5.12): samples, then grades, then capabilities for controllers.
# Reads results/{testbed}/models/{role}/ or a campaign's peak/ or end/, and the problems. Writes below
# results/{testbed}/evaluations/{checkpoint}/ the files {split}.samples.parquet, {split}.grades.json and
# capabilities-{splits}.json, where {checkpoint} is base/{model} or {chain}/{controller}/s{seed}/c{campaign}-{peak|end}.


wildcard_constraints:
    checkpoint=rf"base/({'|'.join(qualified(role, domain) for role in BED['models'] for domain in BEDS)})|({'|'.join(CHAINS)})/"
    rf"(first/s\d+/c01|({'|'.join(config['controllers'])})/s\d+/c(?!01)\d{{2}})-(peak|end)",
    splits="[a-z]+(-[a-z]+)*",


rule sample_checkpoint:
    input:
        checkpoint=checkpoint_folder,
        problems=evaluated_problems,
    output:
        "results/{testbed}/evaluations/{checkpoint}/{split}.samples.parquet",
    log:
        "results/{testbed}/logs/evaluations/{checkpoint}/{split}.samples.log",
    benchmark:
        "results/{testbed}/benchmarks/evaluations/{checkpoint}/{split}.samples.tsv"
    conda:
        "../envs/training.yaml"
    resources:
        gpu=sampling_gpu("gpu"),
        gpu_model=sampling_gpu("gpu_model"),
        gres=sampling_gpu("gres"),
        mem_mb=sampling_memory,
        runtime=ASKED["sampling"]["minutes"],
    params:
        options=lambda wildcards: sampling_options(
            evaluated_model(wildcards), wildcards.split
        ),
        seed_parts=lambda wildcards: wildcards.checkpoint.split("/"),
        provenance=lambda wildcards: samples_provenance(
            wildcards.split, *evaluated_source(wildcards.checkpoint)
        ),
    shell:
        "python -S -m workflow_scripts.core.warm workflow_scripts.training.sample_checkpoint --checkpoint {input.checkpoint}"
        " --problems {input.problems} {params.options:q} --seed-parts {params.seed_parts:q} --output {output} 2> {log}"


rule grade_samples:
    input:
        samples="results/{testbed}/evaluations/{checkpoint}/{split}.samples.parquet",
        problems=evaluated_problems,
    output:
        "results/{testbed}/evaluations/{checkpoint}/{split}.grades.json",
    log:
        "results/{testbed}/logs/evaluations/{checkpoint}/{split}.grades.log",
    benchmark:
        "results/{testbed}/benchmarks/evaluations/{checkpoint}/{split}.grades.tsv"
    conda:
        "../envs/grading.yaml"
    # Programs that are judged at a time; their number changes no result.
    threads: BED["grading"]["workers"]
    resources:
        mem_mb=ASKED["grading"]["memory_mb"],
        runtime=ASKED["grading"]["minutes"],
    params:
        prompt_format=BED["training"]["prompt_format"],
        cache=COMPILED_PROGRAMS,
        limits=SANDBOX_LIMITS,
        layers=BED["grading"]["required_layers"],
        provenance=lambda wildcards: grades_provenance(
            wildcards.split, *evaluated_source(wildcards.checkpoint)
        ),
    shell:
        "python -m workflow_scripts.grading.grade_samples --problems {input.problems} --samples {input.samples}"
        " --prompt-format {params.prompt_format:q} --limits {params.limits:q} --require {params.layers:q}"
        " --workers {threads} --cache {params.cache:q} --output {output} 2> {log}"


rule measure_capabilities:
    input:
        grades=lambda wildcards: [
            f"results/{wildcards.testbed}/evaluations/{wildcards.checkpoint}/{split}.grades.json"
            for split in wildcards.splits.split("-")
        ],
    output:
        "results/{testbed}/evaluations/{checkpoint}/capabilities-{splits}.json",
    log:
        "results/{testbed}/logs/evaluations/{checkpoint}/capabilities-{splits}.log",
    benchmark:
        "results/{testbed}/benchmarks/evaluations/{checkpoint}/capabilities-{splits}.tsv"
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        grades=lambda wildcards, input: [
            f"{split}={path}"
            for split, path in zip(wildcards.splits.split("-"), input.grades)
        ],
        provenance=lambda wildcards: capabilities_provenance(
            wildcards.splits.split("-"), *evaluated_source(wildcards.checkpoint)
        ),
    shell:
        "python -m workflow_scripts.control.measure_capabilities --checkpoint {wildcards.checkpoint}"
        " --grades {params.grades:q} --output {output} 2> {log}"
