# The paper's tables. Reads results/{testbed}/statistics/ and paper/published/; writes paper/tables/tab{NN}.{csv,md,tex}.
# One declaration, of which there is a rule for each table, with the table's name: of tab06 the script is
# workflow_scripts/tables/tab06.py, the paper's numbers are paper/published/table06.yaml, and the waves are in
# workflow_scripts/graph/reports.py.


for table_name in reports.tables:

    rule:
        name:
            table_name
        input:
            sources=[
                path
                for paths in reports.table_sources(table_name).values()
                for path in paths
            ],
            published=published_table(table_name),
        output:
            csv=f"paper/tables/{table_name}.csv",
            md=f"paper/tables/{table_name}.md",
            tex=f"paper/tables/{table_name}.tex",
        log:
            f"{study.results}/logs/tables/{table_name}.log",
        benchmark:
            f"{study.results}/benchmarks/tables/{table_name}.tsv"
        localrule: True
        conda:
            "../envs/analysis.yaml"
        params:
            script=table_name,
            sources=[
                word
                for option, paths in reports.table_sources(table_name).items()
                for word in (option, *paths)
            ],
            options=reports.table_options(table_name),
            code=code(f"tables/{table_name}.py"),
        shell:
            "python -m workflow_scripts.tables.{params.script:q} {params.sources:q} --published {input.published}"
            " {params.options:q} --output-csv {output.csv} --output-md {output.md} --output-tex {output.tex} 2> {log}"
