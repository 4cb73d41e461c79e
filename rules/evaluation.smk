# Evaluates checkpoints on held-out splits (section 5.12): samples, then grades, then capabilities for controllers.
# Reads results/{testbed}/models/{role}/ or a campaign's peak/ or end/, and the problems. Writes below
# results/{testbed}/evaluations/{checkpoint}/ the files {split}.samples.parquet, {split}.grades.json and
# capabilities-{splits}.json, where {checkpoint} is base/{model} or {chain}/{controller}/s{seed}/c{campaign}-{peak|end}.


wildcard_constraints:
    checkpoint=evaluations.checkpoint_pattern,
    splits="[a-z]+(-[a-z]+)*",


rule sample_checkpoint:
    input:
        checkpoint=ancient(evaluations.folder),
        trace=evaluations.trace,
        problems=evaluations.problems,
    output:
        "results/{testbed}/evaluations/{checkpoint}/{split}.samples.parquet",
    log:
        "results/{testbed}/logs/evaluations/{checkpoint}/{split}.samples.log",
    benchmark:
        "results/{testbed}/benchmarks/evaluations/{checkpoint}/{split}.samples.tsv"
    conda:
        f"../envs/{requests.training_environment}.yaml"
    resources:
        gpu=requests.sampling_gpu("gpu"),
        gpu_model=requests.sampling_gpu("gpu_model"),
        gres=requests.sampling_gpu("gres"),
        mem_mb=requests.sampling_memory,
        runtime=requests.asked("sampling")["minutes"],
    params:
        options=evaluations.sampling_options,
        seed_parts=lambda wildcards: wildcards.checkpoint.split("/"),
        base_model=lambda wildcards: options.made_by(
            evaluations.model(wildcards.checkpoint)
        ),
        code=code("evaluation/sample_checkpoint.py"),
    shell:
        "python -S -m workflow_scripts.warm.run_job workflow_scripts.evaluation.sample_checkpoint --checkpoint {input.checkpoint}"
        " --problems {input.problems} {params.options:q} --seed-parts {params.seed_parts:q} --output {output} 2> {log}"


rule grade_samples:
    input:
        samples="results/{testbed}/evaluations/{checkpoint}/{split}.samples.parquet",
        problems=evaluations.problems,
    output:
        "results/{testbed}/evaluations/{checkpoint}/{split}.grades.json",
    log:
        "results/{testbed}/logs/evaluations/{checkpoint}/{split}.grades.log",
    benchmark:
        "results/{testbed}/benchmarks/evaluations/{checkpoint}/{split}.grades.tsv"
    conda:
        "../envs/grading.yaml"
    # Programs that are judged at a time; their number changes no result.
    threads: study.bed["grading"]["workers"]
    resources:
        mem_mb=requests.asked("grading")["memory_mb"],
        runtime=requests.asked("grading")["minutes"],
    params:
        prompt_format=study.bed["training"]["prompt_format"],
        cache=COMPILED_PROGRAMS,
        limits=options.limits,
        layers=options.layers,
        code=code("grading/grade_samples.py", SANDBOX),
    shell:
        "python -m workflow_scripts.grading.grade_samples --problems {input.problems} --samples {input.samples}"
        " --prompt-format {params.prompt_format:q} --limits {params.limits:q} --require {params.layers:q}"
        " --workers {threads} --cache {params.cache:q} --output {output} 2> {log}"


rule measure_capabilities:
    input:
        grades=evaluations.grades,
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
        code=code("evaluation/measure_capabilities.py"),
    shell:
        "python -m workflow_scripts.evaluation.measure_capabilities --checkpoint {wildcards.checkpoint}"
        " --grades {params.grades:q} --output {output} 2> {log}"
