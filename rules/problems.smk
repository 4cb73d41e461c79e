# Generates the tiny testbed's problems.
# Writes results/{testbed}/problems/{domain}/{split}.jsonl and corpus.jsonl (pre-training pairs).


rule generate_problems:
    output:
        "results/{testbed}/problems/{domain}/{split}.jsonl",
    log:
        "results/{testbed}/logs/problems/{domain}/{split}.log",
    benchmark:
        "results/{testbed}/benchmarks/problems/{domain}/{split}.tsv"
    wildcard_constraints:
        split="|".join(BED["problems"]["splits"]),
    conda:
        "../envs/analysis.yaml"
    params:
        split=lambda wildcards: BEDS[wildcards.domain]["problems"]["splits"][
            wildcards.split
        ],
        problems=BED["problems"],
        provenance=lambda wildcards: problems_provenance(
            wildcards.split, wildcards.domain
        ),
    shell:
        "python -m workflow_scripts.problems.generate_problems --domain {wildcards.domain} --split {wildcards.split}"
        " --count {params.split[count]:q} --depths {params.split[depths]:q} --problem-seed {params.problems[seed]:q}"
        " --tests {params.problems[tests]:q} --distinct-outputs {params.problems[distinct_outputs]:q}"
        " --output {output} 2> {log}"


rule build_corpus:
    output:
        "results/{testbed}/problems/{domain}/corpus.jsonl",
    log:
        "results/{testbed}/logs/problems/{domain}/corpus.log",
    benchmark:
        "results/{testbed}/benchmarks/problems/{domain}/corpus.tsv"
    conda:
        "../envs/analysis.yaml"
    params:
        corpus=lambda wildcards: BEDS[wildcards.domain]["problems"]["corpus"],
        seed=BED["problems"]["seed"],
        provenance=lambda wildcards: problems_provenance("corpus", wildcards.domain),
    shell:
        "python -m workflow_scripts.problems.build_corpus --domain {wildcards.domain} --count {params.corpus[pairs]:q}"
        " --corrupted-fraction {params.corpus[corrupted_fraction]:q} --depths {params.corpus[depths]:q}"
        " --seed {params.seed:q} --output {output} 2> {log}"
