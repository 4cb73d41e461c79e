# Grading itself runs inside training; this stage's rule states what isolation this machine gives.
# Writes results/{testbed}/grading/isolation.txt.


rule check_sandbox:
    output:
        "results/{testbed}/grading/isolation.txt",
    log:
        "results/{testbed}/logs/grading/isolation.log",
    benchmark:
        "results/{testbed}/benchmarks/grading/isolation.tsv"
    localrule: True
    conda:
        "../envs/grading.yaml"
    params:
        layers=options.layers,
        code=code("grading/check_sandbox.py", SANDBOX),
    shell:
        "python -m workflow_scripts.grading.check_sandbox --require {params.layers:q} > {output} 2> {log}"
