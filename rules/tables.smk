# The paper's tables. Reads results/{testbed}/statistics/ and paper/published/; writes paper/tables/tab{NN}.{csv,md,tex}.


rule tab06:
    input:
        statistics=expand(
            "results/{testbed}/statistics/{wave}.json",
            testbed=TESTBED,
            wave=["W7", "W4"],
        ),
        published=ancient("paper/published/table06.yaml"),
    output:
        csv="paper/tables/tab06.csv",
        md="paper/tables/tab06.md",
        tex="paper/tables/tab06.tex",
    log:
        f"results/{TESTBED}/logs/tables/tab06.log",
    benchmark:
        f"results/{TESTBED}/benchmarks/tables/tab06.tsv"
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        provenance=tab06_provenance(),
    shell:
        "python -m workflow_scripts.tables.tab06 --statistics {input.statistics} --published {input.published}"
        " --output-csv {output.csv} --output-md {output.md} --output-tex {output.tex} 2> {log}"
