# The paper's figures. Reads results/{testbed}/statistics/; writes figures/fig{N}.pdf and .png.


rule fig3:
    input:
        statistics=f"results/{TESTBED}/statistics/W4.json",
    output:
        pdf="figures/fig3.pdf",
        png="figures/fig3.png",
    log:
        f"results/{TESTBED}/logs/figures/fig3.log",
    benchmark:
        f"results/{TESTBED}/benchmarks/figures/fig3.tsv"
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        provenance=fig3_provenance(),
    shell:
        "python -m workflow_scripts.figures.fig3 --statistics {input.statistics} --output-pdf {output.pdf}"
        " --output-png {output.png} 2> {log}"
