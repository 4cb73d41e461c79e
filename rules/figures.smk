# The paper's figures. Reads results/{testbed}/statistics/; writes figures/fig{N}.pdf and .png.


for figure_name, wave_name in reports.figures.items():

    rule:
        name:
            figure_name
        input:
            statistics=f"{study.results}/statistics/{wave_name}.json",
        output:
            pdf=f"figures/{figure_name}.pdf",
            png=f"figures/{figure_name}.png",
        log:
            f"{study.results}/logs/figures/{figure_name}.log",
        benchmark:
            f"{study.results}/benchmarks/figures/{figure_name}.tsv"
        localrule: True
        conda:
            "../envs/analysis.yaml"
        params:
            script=figure_name,
            code=code(f"figures/{figure_name}.py"),
        shell:
            "python -m workflow_scripts.figures.{params.script:q} --statistics {input.statistics}"
            " --output-pdf {output.pdf} --output-png {output.png} 2> {log}"


# Drawn from the controllers' code and contracts, not from results.
rule fig2:
    input:
        "workflow_scripts/core/schemas/state.schema.json",
        "workflow_scripts/core/schemas/plan.schema.json",
    output:
        pdf="figures/fig2.pdf",
        png="figures/fig2.png",
    log:
        f"{study.results}/logs/figures/fig2.log",
    benchmark:
        f"{study.results}/benchmarks/figures/fig2.tsv"
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        code=code("figures/fig2.py"),
    shell:
        "python -m workflow_scripts.figures.fig2 --output-pdf {output.pdf} --output-png {output.png} 2> {log}"
