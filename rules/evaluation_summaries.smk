# Summarises evaluations of checkpoints (sections 5.11 and 5.12, appendix B). Reads {split}.grades.json below
# results/{testbed}/evaluations/; writes results/{testbed}/statistics/evaluations.json, which Tables 13 to 15 read, and
# results/{testbed}/cap_vectors/{chain}.json.


rule summarise_evaluations:
    input:
        grades=evaluated_grades(),
    output:
        f"results/{TESTBED}/statistics/evaluations.json",
    log:
        f"results/{TESTBED}/logs/statistics/evaluations.log",
    benchmark:
        f"results/{TESTBED}/benchmarks/statistics/evaluations.tsv"
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        testbed=TESTBED,
        models=json.dumps(model_names()),
        groups=json.dumps(evaluated_groups()),
        statistics=config["statistics"],
        provenance=evaluations_provenance(),
    shell:
        "python -m workflow_scripts.statistics.summarise_evaluations --testbed {params.testbed:q}"
        " --models {params.models:q} --groups {params.groups:q} --grades {input.grades}"
        " --confidence {params.statistics[confidence]:q} --max-atoms {params.statistics[max_atoms]:q}"
        " --resamples {params.statistics[resamples]:q} --output {output} 2> {log}"


rule build_capability_vectors:
    input:
        f"results/{TESTBED}/statistics/evaluations.json",
    output:
        "results/{testbed}/cap_vectors/{chain}.json",
    log:
        "results/{testbed}/logs/cap_vectors/{chain}.log",
    benchmark:
        "results/{testbed}/benchmarks/cap_vectors/{chain}.tsv"
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        provenance=vectors_provenance(),
    shell:
        "python -m workflow_scripts.statistics.capability_vectors --evaluations {input} --chain {wildcards.chain}"
        " --output {output} 2> {log}"
