# The paper's tables. Reads results/{testbed}/statistics/ and paper/published/; writes paper/tables/tab{NN}.{csv,md,tex}.

PUBLISHED = Path(workflow.basedir) / "paper" / "published"


rule tab06:
    localrule: True
    input:
        statistics=expand(RESULTS + "/statistics/{wave}.json", wave=["W7", "W4"]),
        published=PUBLISHED / "table06.yaml",
    output:
        csv="paper/tables/tab06.csv",
        md="paper/tables/tab06.md",
        tex="paper/tables/tab06.tex",
    log:
        LOGS + "tables/tab06.log",
    benchmark:
        BENCHMARKS + "tables/tab06.tsv"
    params:
        provenance=provenance(
            code("tables/tab06.py"),
            sha256_file(PUBLISHED / "table06.yaml"),
            [statistics_provenance(wave) for wave in ("W7", "W4")],
        ),
    shell:
        "python -m workflow_scripts.tables.tab06 --statistics {input.statistics} --published {input.published}"
        " --output-csv {output.csv} --output-md {output.md} --output-tex {output.tex} 2> {log}"
