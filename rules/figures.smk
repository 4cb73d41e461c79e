# The paper's figures, and two of experiments that the paper has not. Reads results/{testbed}/statistics/, and traces for
# small; writes figures/fig{N}.pdf and .png, figures/small.pdf and .png, figures/ladder.pdf and dose.pdf.


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


# Not in the paper: the diagnostic run and its controls. `make small` makes it on the testbed of that name.
if reports.diagnosis:

    rule small:
        input:
            traces=study.traces_of_all(reports.diagnosis),
        output:
            pdf="figures/small.pdf",
            png="figures/small.png",
        log:
            f"{study.results}/logs/figures/small.log",
        benchmark:
            f"{study.results}/benchmarks/figures/small.tsv"
        localrule: True
        conda:
            "../envs/analysis.yaml"
        params:
            code=code("figures/small.py"),
        shell:
            "python -m workflow_scripts.figures.small --traces {input.traces}"
            " --output-pdf {output.pdf} --output-png {output.png} 2> {log}"


# Not in the paper: what each reward does at each constant learning rate.
if reports.ladder:

    rule ladder:
        input:
            f"{study.results}/statistics/ladder.json",
        output:
            pdf="figures/ladder.pdf",
            png="figures/ladder.png",
        log:
            f"{study.results}/logs/figures/ladder.log",
        benchmark:
            f"{study.results}/benchmarks/figures/ladder.tsv"
        localrule: True
        conda:
            "../envs/analysis.yaml"
        params:
            code=code("figures/ladder.py"),
        shell:
            "python -m workflow_scripts.figures.ladder --ladder {input}"
            " --output-pdf {output.pdf} --output-png {output.png} 2> {log}"


# Not in the paper: what controllers deliver, by the updates that it took.
if reports.dose_wave:

    rule dose:
        input:
            f"{study.results}/statistics/carried/{reports.dose_wave}.json",
        output:
            pdf="figures/dose.pdf",
            png="figures/dose.png",
        log:
            f"{study.results}/logs/figures/dose.log",
        benchmark:
            f"{study.results}/benchmarks/figures/dose.tsv"
        localrule: True
        conda:
            "../envs/analysis.yaml"
        params:
            code=code("figures/dose.py"),
        shell:
            "python -m workflow_scripts.figures.dose --carried {input}"
            " --output-pdf {output.pdf} --output-png {output.png} 2> {log}"


# The experiments of docs/preregistration.md.
rule science:
    input:
        reports.experiments,
    localrule: True
