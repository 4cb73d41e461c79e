# Published problems, in place of rules/problems.smk where the testbed's `problems` names `sources`.
# Reads data sets of the Hugging Face hub, or local folders in their place. Writes the imported problems
# results/{testbed}/problems/sources/{source}.jsonl and from them results/{testbed}/problems/{domain}/{split}.jsonl.


include: "selection_options.smk"


rule import_source:
    output:
        "results/{testbed}/problems/sources/{source}.jsonl",
    log:
        "results/{testbed}/logs/problems/sources/{source}.log",
    benchmark:
        "results/{testbed}/benchmarks/problems/sources/{source}.tsv"
    wildcard_constraints:
        source="|".join(BED["problems"]["sources"]),
    # The network is where Snakemake runs; compute nodes often have none.
    localrule: True
    conda:
        "../envs/problems.yaml"
    params:
        options=lambda wildcards: as_options(
            **BED["problems"]["sources"][wildcards.source]
        ),
        sandbox=lambda wildcards: (
            sandbox_options() if runs_solutions(wildcards.source) else []
        ),
        provenance=lambda wildcards: source_provenance(wildcards.source),
    shell:
        "python -m workflow_scripts.problems.import_problems {params.options:q} {params.sandbox:q}"
        " --output {output} 2> {log}"


rule select_problems:
    input:
        sources=split_files("sources"),
        exclude=split_files("exclude"),
    output:
        "results/{testbed}/problems/{domain}/{split}.jsonl",
    log:
        "results/{testbed}/logs/problems/{domain}/{split}.log",
    benchmark:
        "results/{testbed}/benchmarks/problems/{domain}/{split}.tsv"
    wildcard_constraints:
        split="|".join(BED["problems"]["splits"]),
    conda:
        "../envs/problems.yaml"
    # References are judged side by side; how many at a time changes no result.
    threads: 8
    params:
        options=lambda wildcards: split_options(wildcards.split, wildcards.domain),
        verify=verify_options(),
        provenance=lambda wildcards: problems_provenance(
            wildcards.split, wildcards.domain
        ),
    shell:
        "python -m workflow_scripts.problems.select_problems --sources {input.sources} --exclude {input.exclude}"
        " {params.options:q} {params.verify:q} --workers {threads} --output {output} 2> {log}"
