# The paper's tables. Reads results/{testbed}/statistics/ and paper/published/; writes paper/tables/: tab{NN}.{csv,md,tex},
# ladder.*, carried.*, measurement.*, claims.* and power.md.
#
# Each file of paper/published/ is one rule of its name: paper/published/tab06.yaml is `rule tab06`, made by
# workflow_scripts/tables/tab06.py and tested by tests/tables/test_tab06.py. The file says what the script reads.


for table_name in reports.tables:

    rule:
        name:
            table_name
        input:
            sources=reports.sources(table_name),
            published=f"paper/published/{table_name}.yaml",
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
            script=reports.script(table_name),
            options=reports.options(table_name),
            code=code(f"tables/{reports.script(table_name)}.py"),
        shell:
            "python -m workflow_scripts.tables.{params.script:q} {params.options:q} --published {input.published}"
            " --output-csv {output.csv} --output-md {output.md} --output-tex {output.tex} 2> {log}"


# Not in the paper: what each reward does at each constant learning rate.
if reports.ladder:

    rule ladder_table:
        input:
            f"{study.results}/statistics/ladder.json",
        output:
            csv="paper/tables/ladder.csv",
            md="paper/tables/ladder.md",
            tex="paper/tables/ladder.tex",
        log:
            f"{study.results}/logs/tables/ladder.log",
        benchmark:
            f"{study.results}/benchmarks/tables/ladder.tsv"
        localrule: True
        conda:
            "../envs/analysis.yaml"
        params:
            code=code("tables/experiments/ladder_table.py"),
        shell:
            "python -m workflow_scripts.tables.experiments.ladder_table --ladder {input}"
            " --output-csv {output.csv} --output-md {output.md} --output-tex {output.tex} 2> {log}"


# Not in the paper: what controllers deliver at the rate that learns best.
if reports.carried:

    rule carried_table:
        input:
            lambda wildcards: f"{study.results}/statistics/carried/{reports.carried[wildcards.carried]}.json",
        output:
            csv="paper/tables/{carried}.csv",
            md="paper/tables/{carried}.md",
            tex="paper/tables/{carried}.tex",
        log:
            f"{study.results}/logs/tables/{{carried}}.log",
        benchmark:
            f"{study.results}/benchmarks/tables/{{carried}}.tsv"
        wildcard_constraints:
            carried="|".join(reports.carried),
        localrule: True
        conda:
            "../envs/analysis.yaml"
        params:
            code=code("tables/experiments/carried_table.py"),
        shell:
            "python -m workflow_scripts.tables.experiments.carried_table --carried {input}"
            " --output-csv {output.csv} --output-md {output.md} --output-tex {output.tex} 2> {log}"


# Not in the paper: what of W4's rise and fall could be its grader, drift, or the choice of a maximum.
if reports.measured_wave:

    rule measurement_table:
        input:
            f"{study.results}/statistics/measurement.json",
        output:
            csv="paper/tables/measurement.csv",
            md="paper/tables/measurement.md",
            tex="paper/tables/measurement.tex",
        log:
            f"{study.results}/logs/tables/measurement.log",
        benchmark:
            f"{study.results}/benchmarks/tables/measurement.tsv"
        localrule: True
        conda:
            "../envs/analysis.yaml"
        params:
            code=code("tables/experiments/measurement_table.py"),
        shell:
            "python -m workflow_scripts.tables.experiments.measurement_table --measurement {input}"
            " --output-csv {output.csv} --output-md {output.md} --output-tex {output.tex} 2> {log}"


# Not in the paper: its contributions, claim by claim, by the rule of docs/preregistration.md.
if reports.claimed_waves:

    rule claims_table:
        input:
            claims=reports.claims,
            statistics=expand(
                f"{study.results}/statistics/{{wave}}.json", wave=reports.claimed_waves
            ),
            ladder=f"{study.results}/statistics/ladder.json",
        output:
            csv="paper/tables/claims.csv",
            md="paper/tables/claims.md",
            tex="paper/tables/claims.tex",
        log:
            f"{study.results}/logs/tables/claims.log",
        benchmark:
            f"{study.results}/benchmarks/tables/claims.tsv"
        localrule: True
        conda:
            "../envs/analysis.yaml"
        params:
            learning_rate=study.bed["training"]["learning_rate"],
            code=code("tables/experiments/claims_table.py"),
        shell:
            "python -m workflow_scripts.tables.experiments.claims_table --claims {input.claims} --statistics {input.statistics}"
            " --ladder {input.ladder} --learning-rate {params.learning_rate:q}"
            " --output-csv {output.csv} --output-md {output.md} --output-tex {output.tex} 2> {log}"


# The seeds that a paired difference needs at the spread of W4.
if reports.power_wave:

    rule power:
        input:
            f"{study.results}/statistics/{reports.power_wave}.json",
        output:
            "paper/tables/power.md",
        log:
            f"{study.results}/logs/tables/power.log",
        benchmark:
            f"{study.results}/benchmarks/tables/power.tsv"
        localrule: True
        conda:
            "../envs/analysis.yaml"
        params:
            differences=[5, 10, 15, 20],
            powers=[0.8, 0.9],
            sizes=[3, 5, 10, 20],
            significance=0.05,
            samples=5000,
            patterns=2000,
            seed=1,
            code=code("tables/power.py"),
        shell:
            "python -m workflow_scripts.tables.power --statistics {input} --contrast A3-A0 --metric end_probe"
            " --differences {params.differences:q} --powers {params.powers:q} --sizes {params.sizes:q}"
            " --significance {params.significance:q} --samples {params.samples:q} --patterns {params.patterns:q}"
            " --seed {params.seed:q} --output {output} 2> {log}"
