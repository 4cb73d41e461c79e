# The paper's figures. Reads results/{testbed}/statistics/; writes figures/fig{N}.pdf and .png.


for figure_name, wave_name in FIGURE_WAVES.items():

    rule:
        name:
            figure_name
        input:
            statistics=f"results/{TESTBED}/statistics/{wave_name}.json",
        output:
            pdf=f"figures/{figure_name}.pdf",
            png=f"figures/{figure_name}.png",
        log:
            f"results/{TESTBED}/logs/figures/{figure_name}.log",
        benchmark:
            f"results/{TESTBED}/benchmarks/figures/{figure_name}.tsv"
        localrule: True
        conda:
            "../envs/analysis.yaml"
        params:
            script=figure_name,
            provenance=figure_provenance(figure_name, wave_name),
        shell:
            "python -m workflow_scripts.figures.{params.script:q} --statistics {input.statistics}"
            " --output-pdf {output.pdf} --output-png {output.png} 2> {log}"


# Drawn from the controllers' code, not from results.
rule fig2:
    output:
        pdf="figures/fig2.pdf",
        png="figures/fig2.png",
    log:
        f"results/{TESTBED}/logs/figures/fig2.log",
    benchmark:
        f"results/{TESTBED}/benchmarks/figures/fig2.tsv"
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        provenance=provenance(
            code("figures/fig2.py"),
            sha256_file("workflow_scripts/core/schemas/state.schema.json"),
            sha256_file("workflow_scripts/core/schemas/plan.schema.json"),
        ),
    shell:
        "python -m workflow_scripts.figures.fig2 --output-pdf {output.pdf} --output-png {output.png} 2> {log}"
