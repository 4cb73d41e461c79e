# Selects generated problems by an untrained model's pass rate (`problems.pass_rate` of the testbed). Reads
# results/{testbed}/problems/{domain}/candidates/{split}.jsonl and results/{testbed}/models/{model}/; writes beside the
# candidates {split}.samples.parquet and {split}.grades.json, and results/{testbed}/problems/{domain}/{split}.jsonl.


rule sample_candidates:
    input:
        model=ancient(
            lambda wildcards: study.model_folder(study.selector(wildcards.domain))
        ),
        candidates="results/{testbed}/problems/{domain}/candidates/{split}.jsonl",
    output:
        "results/{testbed}/problems/{domain}/candidates/{split}.samples.parquet",
    log:
        "results/{testbed}/logs/problems/{domain}/candidates/{split}.samples.log",
    benchmark:
        "results/{testbed}/benchmarks/problems/{domain}/candidates/{split}.samples.tsv"
    conda:
        "../envs/training.yaml"
    resources:
        mem_mb=requests.asked("sampling")["memory_mb"],
        runtime=requests.asked("sampling")["minutes"],
    params:
        options=options.candidate_sampling,
        model=lambda wildcards: options.made_by(study.selector(wildcards.domain)),
        code=code("evaluation/sample_checkpoint.py"),
    shell:
        "python -m workflow_scripts.evaluation.sample_checkpoint --checkpoint {input.model} --problems {input.candidates}"
        " {params.options:q} --output {output} 2> {log}"


rule grade_candidates:
    input:
        samples="results/{testbed}/problems/{domain}/candidates/{split}.samples.parquet",
        candidates="results/{testbed}/problems/{domain}/candidates/{split}.jsonl",
    output:
        "results/{testbed}/problems/{domain}/candidates/{split}.grades.json",
    log:
        "results/{testbed}/logs/problems/{domain}/candidates/{split}.grades.log",
    benchmark:
        "results/{testbed}/benchmarks/problems/{domain}/candidates/{split}.grades.tsv"
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
        "python -m workflow_scripts.grading.grade_samples --problems {input.candidates} --samples {input.samples}"
        " --prompt-format {params.prompt_format:q} --limits {params.limits:q} --require {params.layers:q}"
        " --workers {threads} --cache {params.cache:q} --output {output} 2> {log}"


rule select_by_pass_rate:
    input:
        candidates=study.candidates_of,
        grades=study.candidates_grades,
    output:
        "results/{testbed}/problems/{file}.jsonl",
    log:
        "results/{testbed}/logs/problems/{file}.log",
    benchmark:
        "results/{testbed}/benchmarks/problems/{file}.tsv"
    wildcard_constraints:
        file="|".join(study.selected),
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        options=options.selection_by_pass_rate,
        code=code("problems/select_by_pass_rate.py"),
    shell:
        "python -m workflow_scripts.problems.select_by_pass_rate --candidates {input.candidates} --grades {input.grades}"
        " {params.options:q} --output {output} 2> {log}"
