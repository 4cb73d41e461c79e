# Generates the tiny testbed's problems.
# Writes results/{testbed}/problems/{domain}/{split}.jsonl and corpus.jsonl (pre-training pairs).


def split_sizes(split):
    return BED["problems"]["splits"][split]


rule generate_problems:
    output:
        RESULTS + "/problems/{domain}/{split}.jsonl",
    log:
        LOGS + "problems/{domain}/{split}.log",
    benchmark:
        BENCHMARKS + "problems/{domain}/{split}.tsv"
    wildcard_constraints:
        split="|".join(BED["problems"]["splits"]),
    params:
        size=lambda wildcards: split_sizes(wildcards.split)["count"],
        depths=lambda wildcards: split_sizes(wildcards.split)["depths"],
        seed=BED["problems"]["seed"],
        tests=BED["problems"]["tests"],
        distinct_outputs=BED["problems"]["distinct_outputs"],
        provenance=lambda wildcards: problems_provenance(wildcards.split),
    shell:
        "python -m workflow_scripts.problems.generate_problems --domain {wildcards.domain} --split {wildcards.split}"
        " --count {params.size} --depths {params.depths} --problem-seed {params.seed} --tests {params.tests}"
        " --distinct-outputs {params.distinct_outputs} --output {output} 2> {log}"


rule build_corpus:
    output:
        RESULTS + "/problems/{domain}/corpus.jsonl",
    log:
        LOGS + "problems/{domain}/corpus.log",
    benchmark:
        BENCHMARKS + "problems/{domain}/corpus.tsv"
    params:
        pairs=BED["problems"]["corpus"]["pairs"],
        corrupted_fraction=BED["problems"]["corpus"]["corrupted_fraction"],
        depths=BED["problems"]["corpus"]["depths"],
        seed=BED["problems"]["seed"],
        provenance=problems_provenance("corpus"),
    shell:
        "python -m workflow_scripts.problems.build_corpus --count {params.pairs}"
        " --corrupted-fraction {params.corrupted_fraction} --depths {params.depths} --seed {params.seed}"
        " --output {output} 2> {log}"
