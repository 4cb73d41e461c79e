# Grading itself runs inside training; this stage's rule states what isolation this machine gives.
# Writes results/{testbed}/grading/isolation.txt.


rule check_sandbox:
    localrule: True
    output:
        RESULTS + "/grading/isolation.txt",
    log:
        LOGS + "grading/isolation.log",
    benchmark:
        BENCHMARKS + "grading/isolation.tsv"
    params:
        layers=BED["grading"]["required_layers"],
        provenance=provenance(code("grading/check_sandbox.py", "grading/worker.py"), BED["grading"]),
    shell:
        "python -m workflow_scripts.grading.check_sandbox > {output} 2> {log}"
