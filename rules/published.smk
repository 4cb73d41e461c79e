# The paper's own printed numbers, held against one another. Reads paper/published/ and paper/claims.yaml, no result of a
# run; writes results/audit/published.json and paper/tables/audit.{csv,md,tex}.

PUBLISHED = sorted(str(path) for path in Path("paper/published").glob("*.yaml"))


rule audit_published:
    input:
        published=PUBLISHED,
        claims="paper/claims.yaml",
    output:
        "results/audit/published.json",
    log:
        "results/audit/logs/published.log",
    benchmark:
        "results/audit/benchmarks/published.tsv"
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        code=code("published/audit_published.py"),
    shell:
        "python -m workflow_scripts.published.audit_published --published {input.published} --claims {input.claims}"
        " --output {output} 2> {log}"


rule audit_table:
    input:
        "results/audit/published.json",
    output:
        csv="paper/tables/audit.csv",
        md="paper/tables/audit.md",
        tex="paper/tables/audit.tex",
    log:
        "results/audit/logs/table.log",
    benchmark:
        "results/audit/benchmarks/table.tsv"
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        code=code("tables/experiments/audit_table.py"),
    shell:
        "python -m workflow_scripts.tables.experiments.audit_table --published-audit {input}"
        " --output-csv {output.csv} --output-md {output.md} --output-tex {output.tex} 2> {log}"
