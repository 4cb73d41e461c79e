# Summarises a wave. Reads its traces; writes results/{testbed}/statistics/{wave}.json, all that tables and figures read.


rule summarise_wave:
    input:
        traces=wave_traces,
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
        wave=lambda wildcards: wave_of(wildcards.wave),
        chain=lambda wildcards: chain_name(config, wave_of(wildcards.wave)),
        controllers=lambda wildcards: wave_of(wildcards.wave)["controllers"],
        seeds=lambda wildcards: seeds_of(config, wildcards.wave),
        statistics=config["statistics"],
        provenance=lambda wildcards: statistics_provenance(wildcards.wave),
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
            f"results/{TESTBED}/statistics/{wave_name}.json",
        localrule: True

    workflow.get_rule(wave_name).docstring = declared["about"]
