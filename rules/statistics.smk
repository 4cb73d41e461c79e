# Summarises a wave. Reads its traces; writes results/{testbed}/statistics/{wave}.json, all that tables and figures read.


rule summarise_wave:
    localrule: True
    input:
        traces=lambda wildcards: wave_traces(wildcards.wave),
    output:
        RESULTS + "/statistics/{wave}.json",
    log:
        LOGS + "statistics/{wave}.log",
    benchmark:
        BENCHMARKS + "statistics/{wave}.tsv"
    params:
        chain=lambda wildcards: chain_name(wave_of(wildcards.wave)),
        controllers=lambda wildcards: wave_of(wildcards.wave)["controllers"],
        campaigns=lambda wildcards: wave_of(wildcards.wave)["campaigns"],
        seeds=config["seeds"],
        statistics=config["statistics"],
        provenance=lambda wildcards: statistics_provenance(wildcards.wave),
    shell:
        "python -m workflow_scripts.statistics.summarise_wave --wave {wildcards.wave} --chain {params.chain}"
        " --controllers {params.controllers} --seeds {params.seeds} --campaigns {params.campaigns}"
        " --traces {input.traces} --confidence {params.statistics[confidence]}"
        " --collapse-ratio {params.statistics[collapse_ratio]} --max-atoms {params.statistics[max_atoms]}"
        " --resamples {params.statistics[resamples]} --output {output} 2> {log}"
