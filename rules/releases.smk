# What is said of all waves together. Writes results/{testbed}/statistics/waves.json (the waves as declared),
# results/{testbed}/statistics/timing.json (what chains cost; from timing.json of campaigns, and benchmarks of plans) and
# results/{testbed}/wave_aggregate.json (the manifest: every campaign by wave, with its trace's checksum).


rule declare_waves:
    output:
        f"results/{TESTBED}/statistics/waves.json",
    log:
        f"results/{TESTBED}/logs/statistics/waves.log",
    benchmark:
        f"results/{TESTBED}/benchmarks/statistics/waves.tsv"
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        waves=json.dumps(wave_declarations()),
        provenance=declarations_provenance(),
    shell:
        "python -m workflow_scripts.statistics.declare_waves --waves {params.waves:q} --output {output} 2> {log}"


rule summarise_timing:
    input:
        waves=f"results/{TESTBED}/statistics/waves.json",
        timings=wave_timings(timed_waves()),
    output:
        f"results/{TESTBED}/statistics/timing.json",
    log:
        f"results/{TESTBED}/logs/statistics/timing.log",
    benchmark:
        f"results/{TESTBED}/benchmarks/statistics/timing.tsv"
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        testbed=TESTBED,
        only=timed_waves(),
        device=(BED["training"]["sharding"] or {"device": "cpu"})["device"],
        processes=(BED["training"]["sharding"] or {"processes": 1})["processes"],
        provenance=timing_provenance(),
    shell:
        "python -m workflow_scripts.statistics.summarise_timing --waves {input.waves} --only {params.only:q}"
        " --results results/{params.testbed:q} --testbed {params.testbed:q} --device {params.device:q}"
        " --processes {params.processes:q} --output {output} 2> {log}"


rule aggregate_waves:
    input:
        waves=f"results/{TESTBED}/statistics/waves.json",
        traces=list(
            dict.fromkeys(path for name in paper_waves() for path in traces_of(name))
        ),
    output:
        f"results/{TESTBED}/wave_aggregate.json",
    log:
        f"results/{TESTBED}/logs/wave_aggregate.log",
    benchmark:
        f"results/{TESTBED}/benchmarks/wave_aggregate.tsv"
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        testbed=TESTBED,
        only=paper_waves(),
        provenance=manifest_provenance(),
    shell:
        "python -m workflow_scripts.statistics.aggregate_waves --waves {input.waves} --only {params.only:q}"
        " --testbed {params.testbed:q} --results results/{params.testbed:q} --output {output} 2> {log}"
