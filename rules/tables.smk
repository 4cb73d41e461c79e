# The paper's tables. Reads results/{testbed}/statistics/ and paper/published/; writes paper/tables/tab{NN}.{csv,md,tex}.
#
# Each file of paper/published/ is one rule of its name: paper/published/tab06.yaml is `rule tab06`, made by
# workflow_scripts/tables/tab06.py and tested by tests/tables/test_tab06.py. The file says what the script reads.


for table_name in TABLES:

    rule:
        name:
            table_name
        input:
            sources=[
                path for paths in table_sources(table_name).values() for path in paths
            ],
            published=ancient(published_table(table_name)),
        output:
            csv=f"paper/tables/{table_name}.csv",
            md=f"paper/tables/{table_name}.md",
            tex=f"paper/tables/{table_name}.tex",
        log:
            f"results/{TESTBED}/logs/tables/{table_name}.log",
        benchmark:
            f"results/{TESTBED}/benchmarks/tables/{table_name}.tsv"
        localrule: True
        conda:
            "../envs/analysis.yaml"
        params:
            script=table_script(table_name),
            options=table_options(table_name),
            provenance=table_provenance(table_name),
        shell:
            "python -m workflow_scripts.tables.{params.script:q} {params.options:q} --published {input.published}"
            " --output-csv {output.csv} --output-md {output.md} --output-tex {output.tex} 2> {log}"
