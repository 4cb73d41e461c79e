# Summaries, all that tables and figures read. Writes in results/{testbed}/: statistics/{wave}.json (of a wave's traces),
# statistics/waves.json (the waves as declared), statistics/timing.json (what chains cost; from timing.json of campaigns,
# and benchmarks of plans), statistics/evaluations.json (of {split}.grades.json of evaluated checkpoints, sections 5.11
# and 5.12), statistics/ladder.json, carried/{wave}.json and measurement.json (docs/preregistration.md),
# cap_vectors/{chain}.json (appendix B) and wave_aggregate.json (the manifest: every campaign by wave, with its trace's
# checksum). `snakemake W4` makes a wave's statistics. results/statistics_checks/coverage.json, which is of no
# testbed, says how often such intervals hold the true mean.


rule summarise_wave:
    input:
        traces=lambda wildcards: study.traces(wildcards.wave),
    output:
        "results/{testbed}/statistics/{wave}.json",
    log:
        "results/{testbed}/logs/statistics/{wave}.log",
    benchmark:
        "results/{testbed}/benchmarks/statistics/{wave}.tsv"
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        wave=lambda wildcards: study.wave(wildcards.wave),
        chain=lambda wildcards: study.chain(wildcards.wave),
        controllers=lambda wildcards: study.wave(wildcards.wave)["controllers"],
        seeds=lambda wildcards: study.seeds(wildcards.wave),
        statistics=config["statistics"],
        code=code("statistics/summarise_wave.py"),
    shell:
        "python -m workflow_scripts.statistics.summarise_wave --wave {wildcards.wave} --chain {params.chain:q}"
        " --controllers {params.controllers:q} --seeds {params.seeds:q} --campaigns {params.wave[campaigns]:q}"
        " --traces {input.traces} --confidence {params.statistics[confidence]:q}"
        " --collapse-ratio {params.statistics[collapse_ratio]:q}"
        " --gap-thresholds {params.statistics[gap_thresholds]:q}"
        " --early-stop-declines {params.statistics[early_stop_declines]:q}"
        " --early-stop-size {params.statistics[early_stop_size]:q} --max-atoms {params.statistics[max_atoms]:q}"
        " --resamples {params.statistics[resamples]:q} --output {output} 2> {log}"


# `snakemake W4` is a wave's statistics, and `--list-target-rules` says in a line what each is.
for wave_name, declared in config["waves"].items():

    rule:
        name:
            wave_name
        input:
            f"{study.results}/statistics/{wave_name}.json",
        localrule: True

    workflow.get_rule(wave_name).docstring = declared["about"]


rule declare_waves:
    output:
        f"{study.results}/statistics/waves.json",
    log:
        f"{study.results}/logs/statistics/waves.log",
    benchmark:
        f"{study.results}/benchmarks/statistics/waves.tsv"
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        waves=json.dumps(study.declarations()),
        code=code("statistics/declare_waves.py"),
    shell:
        "python -m workflow_scripts.statistics.declare_waves --waves {params.waves:q} --output {output} 2> {log}"


rule summarise_timing:
    input:
        waves=f"{study.results}/statistics/waves.json",
        timings=study.timings_of_all(reports.timed_waves()),
    output:
        f"{study.results}/statistics/timing.json",
    log:
        f"{study.results}/logs/statistics/timing.log",
    benchmark:
        f"{study.results}/benchmarks/statistics/timing.tsv"
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        testbed=study.testbed,
        only=reports.timed_waves(),
        device=(study.bed["training"]["sharding"] or {"device": "cpu"})["device"],
        processes=(study.bed["training"]["sharding"] or {"processes": 1})["processes"],
        code=code("statistics/summarise_timing.py"),
    shell:
        "python -m workflow_scripts.statistics.summarise_timing --waves {input.waves} --only {params.only:q}"
        " --results results/{params.testbed:q} --testbed {params.testbed:q} --device {params.device:q}"
        " --processes {params.processes:q} --output {output} 2> {log}"


rule aggregate_waves:
    input:
        waves=f"{study.results}/statistics/waves.json",
        traces=study.traces_of_all(reports.paper_waves()),
    output:
        f"{study.results}/wave_aggregate.json",
    log:
        f"{study.results}/logs/wave_aggregate.log",
    benchmark:
        f"{study.results}/benchmarks/wave_aggregate.tsv"
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        testbed=study.testbed,
        only=reports.paper_waves(),
        code=code("statistics/aggregate_waves.py"),
    shell:
        "python -m workflow_scripts.statistics.aggregate_waves --waves {input.waves} --only {params.only:q}"
        " --testbed {params.testbed:q} --results results/{params.testbed:q} --output {output} 2> {log}"


# Not in the paper: rise, fall and mechanism of campaigns under the graded reward and under controls.
if reports.ladder:

    rule summarise_ladder:
        input:
            traces=study.traces_of_all(reports.ladder),
        output:
            f"{study.results}/statistics/ladder.json",
        log:
            f"{study.results}/logs/statistics/ladder.log",
        benchmark:
            f"{study.results}/benchmarks/statistics/ladder.tsv"
        localrule: True
        conda:
            "../envs/analysis.yaml"
        params:
            statistics=config["statistics"],
            code=code("statistics/experiments/summarise_ladder.py"),
        shell:
            "python -m workflow_scripts.statistics.experiments.summarise_ladder --traces {input.traces}"
            " --confidence {params.statistics[confidence]:q} --max-atoms {params.statistics[max_atoms]:q}"
            " --resamples {params.statistics[resamples]:q} --output {output} 2> {log}"


# Not in the paper: what a wave's controllers deliver, and by how many updates.
rule summarise_carried:
    input:
        traces=lambda wildcards: study.traces(wildcards.wave),
    output:
        "results/{testbed}/statistics/carried/{wave}.json",
    log:
        "results/{testbed}/logs/statistics/carried/{wave}.log",
    benchmark:
        "results/{testbed}/benchmarks/statistics/carried/{wave}.tsv"
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        wave=lambda wildcards: study.wave(wildcards.wave),
        seeds=lambda wildcards: study.seeds(wildcards.wave),
        pairs=lambda wildcards: reports.carried_pairs(wildcards.wave),
        statistics=config["statistics"],
        code=code("statistics/experiments/summarise_carried.py"),
    shell:
        "python -m workflow_scripts.statistics.experiments.summarise_carried --wave {wildcards.wave}"
        " --controllers {params.wave[controllers]:q} --seeds {params.seeds:q} --campaigns {params.wave[campaigns]:q}"
        " --traces {input.traces} {params.pairs:q} --confidence {params.statistics[confidence]:q}"
        " --max-atoms {params.statistics[max_atoms]:q} --resamples {params.statistics[resamples]:q}"
        " --output {output} 2> {log}"


# Not in the paper: what of a wave's rise and fall could be its grader, drift, or the choice of a maximum.
if reports.measured_wave:

    rule summarise_measurement:
        input:
            traces=[*reports.measured("trace.json"), *reports.still("trace.json")],
            regraded=f"{study.results}/grading/regraded/{reports.measured_wave}.json",
            rollouts=reports.still("rollouts.parquet"),
            grades=evaluations.last_peaks_and_ends(reports.measured_wave),
        output:
            f"{study.results}/statistics/measurement.json",
        log:
            f"{study.results}/logs/statistics/measurement.log",
        benchmark:
            f"{study.results}/benchmarks/statistics/measurement.tsv"
        localrule: True
        conda:
            "../envs/analysis.yaml"
        params:
            name=reports.measured_wave,
            wave=study.wave(reports.measured_wave),
            still=reports.still_controller,
            seeds=study.seeds(reports.measured_wave),
            statistics=config["statistics"],
            code=code("statistics/measurement/summarise_measurement.py"),
        shell:
            "python -m workflow_scripts.statistics.measurement.summarise_measurement --wave {params.name:q}"
            " --controllers {params.wave[controllers]:q} --still {params.still:q} --seeds {params.seeds:q}"
            " --campaigns {params.wave[campaigns]:q} --traces {input.traces} --regraded {input.regraded}"
            " --rollouts {input.rollouts} --grades {input.grades} --confidence {params.statistics[confidence]:q}"
            " --max-atoms {params.statistics[max_atoms]:q} --resamples {params.statistics[resamples]:q}"
            " --output {output} 2> {log}"


rule summarise_evaluations:
    input:
        grades=evaluations.all_grades(),
    output:
        f"{study.results}/statistics/evaluations.json",
    log:
        f"{study.results}/logs/statistics/evaluations.log",
    benchmark:
        f"{study.results}/benchmarks/statistics/evaluations.tsv"
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        testbed=study.testbed,
        models=json.dumps(evaluations.model_names()),
        groups=json.dumps(evaluations.groups()),
        statistics=config["statistics"],
        code=code("evaluation/summarise_evaluations.py"),
    shell:
        "python -m workflow_scripts.evaluation.summarise_evaluations --testbed {params.testbed:q}"
        " --models {params.models:q} --groups {params.groups:q} --grades {input.grades}"
        " --confidence {params.statistics[confidence]:q} --max-atoms {params.statistics[max_atoms]:q}"
        " --resamples {params.statistics[resamples]:q} --output {output} 2> {log}"


rule build_capability_vectors:
    input:
        f"{study.results}/statistics/evaluations.json",
    output:
        "results/{testbed}/cap_vectors/{chain}.json",
    log:
        "results/{testbed}/logs/cap_vectors/{chain}.log",
    benchmark:
        "results/{testbed}/benchmarks/cap_vectors/{chain}.tsv"
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        code=code("evaluation/capability_vectors.py"),
    shell:
        "python -m workflow_scripts.evaluation.capability_vectors --evaluations {input} --chain {wildcards.chain}"
        " --output {output} 2> {log}"


rule simulate_coverage:
    output:
        reports.coverage,
    log:
        "results/statistics_checks/logs/coverage.log",
    benchmark:
        "results/statistics_checks/benchmarks/coverage.tsv"
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        sizes=[2, 3, 4, 5, 10, 20],
        samples=10000,
        seed=1,
        statistics=config["statistics"],
        code=code("statistics/simulate_coverage.py"),
    shell:
        "python -m workflow_scripts.statistics.simulate_coverage --sizes {params.sizes:q} --samples {params.samples:q}"
        " --seed {params.seed:q} --confidence {params.statistics[confidence]:q}"
        " --max-atoms {params.statistics[max_atoms]:q} --resamples {params.statistics[resamples]:q}"
        " --output {output} 2> {log}"
