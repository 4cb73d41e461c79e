# The paper's figures. Reads results/{testbed}/statistics/; writes figures/fig{N}.pdf and .png.


rule fig3:
    localrule: True
    input:
        statistics=RESULTS + "/statistics/W4.json",
    output:
        pdf="figures/fig3.pdf",
        png="figures/fig3.png",
    log:
        LOGS + "figures/fig3.log",
    benchmark:
        BENCHMARKS + "figures/fig3.tsv"
    params:
        provenance=provenance(code("figures/fig3.py"), statistics_provenance("W4")),
    shell:
        "python -m workflow_scripts.figures.fig3 --statistics {input.statistics} --output-pdf {output.pdf}"
        " --output-png {output.png} 2> {log}"
