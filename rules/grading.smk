# Grading itself runs inside training; this stage's rules state what isolation this machine gives, and grade the stored
# rollouts of a wave once more. Writes in results/{testbed}/grading/: isolation.txt and regraded/{wave}.json.


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


if reports.measured_wave:

    rule regrade_rollouts:
        input:
            rollouts=reports.measured("rollouts.parquet"),
            problems=reports.measured_problems(),
        output:
            f"{study.results}/grading/regraded/{reports.measured_wave}.json",
        log:
            f"{study.results}/logs/grading/regraded/{reports.measured_wave}.log",
        benchmark:
            f"{study.results}/benchmarks/grading/regraded/{reports.measured_wave}.tsv"
        conda:
            "../envs/grading.yaml"
        # Programs that are judged at a time; their number changes no result.
        threads: study.bed["grading"]["workers"]
        resources:
            mem_mb=requests.asked("grading")["memory_mb"],
            # As for the grades of one checkpoint, a campaign's rollouts being about as many.
            runtime=requests.asked("grading")["minutes"]
            * len(reports.measured("rollouts.parquet")),
        params:
            prompt_format=study.bed["training"]["prompt_format"],
            cache=COMPILED_PROGRAMS,
            limits=options.limits,
            layers=options.layers,
            code=code("grading/regrade_rollouts.py", SANDBOX),
        shell:
            "python -m workflow_scripts.grading.regrade_rollouts --problems {input.problems} --rollouts {input.rollouts}"
            " --prompt-format {params.prompt_format:q} --limits {params.limits:q} --require {params.layers:q}"
            " --workers {threads} --cache {params.cache:q} --output {output} 2> {log}"
