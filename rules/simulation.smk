# Plays controllers before they are trained. Reads the traces of the wave that config.yaml's `simulation` names; writes
# results/{testbed}/simulation/process.json (a rise-and-collapse process fitted to them) and controllers.json (the
# controllers in that process, and along the recorded chains), and figures/controller_simulation.{pdf,png}.


SIMULATION = config["simulation"]


rule fit_collapse_process:
    input:
        traces=study.traces(SIMULATION["wave"]),
    output:
        f"{study.results}/simulation/process.json",
    log:
        f"{study.results}/logs/simulation/process.log",
    benchmark:
        f"{study.results}/benchmarks/simulation/process.tsv"
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        assumed=json.dumps(SIMULATION["assumed"]),
        replicates=SIMULATION["replicates"],
        seed=SIMULATION["seed"],
        collapse_ratio=config["statistics"]["collapse_ratio"],
        code=code("simulation/fit_collapse_process.py"),
    shell:
        "python -m workflow_scripts.simulation.fit_collapse_process --traces {input.traces}"
        " --assumed {params.assumed:q} --replicates {params.replicates:q}"
        " --collapse-ratio {params.collapse_ratio:q} --seed {params.seed:q} --output {output} 2> {log}"


rule simulate_controllers:
    input:
        process=f"{study.results}/simulation/process.json",
        traces=study.traces(SIMULATION["wave"]),
    output:
        f"{study.results}/simulation/controllers.json",
    log:
        f"{study.results}/logs/simulation/controllers.log",
    benchmark:
        f"{study.results}/benchmarks/simulation/controllers.tsv"
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        controllers=lambda wildcards: options.simulated_controllers(),
        simulation=SIMULATION,
        statistics=config["statistics"],
        code=options.simulated_code(),
    shell:
        "python -m workflow_scripts.simulation.simulate --process {input.process} --traces {input.traces}"
        " --controllers {params.controllers:q} --campaigns {params.simulation[campaigns]:q}"
        " --chains {params.simulation[chains]:q} --seed {params.simulation[seed]:q}"
        " --collapse-ratio {params.statistics[collapse_ratio]:q}"
        " --alarm-threshold {params.simulation[alarm_threshold]:q} --confidence {params.statistics[confidence]:q}"
        " --output {output} 2> {log}"


rule controller_simulation:
    input:
        f"{study.results}/simulation/controllers.json",
    output:
        pdf="figures/controller_simulation.pdf",
        png="figures/controller_simulation.png",
    log:
        f"{study.results}/logs/figures/controller_simulation.log",
    benchmark:
        f"{study.results}/benchmarks/figures/controller_simulation.tsv"
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        code=code("figures/controller_simulation.py"),
    shell:
        "python -m workflow_scripts.figures.controller_simulation --simulation {input} --output-pdf {output.pdf}"
        " --output-png {output.png} 2> {log}"
