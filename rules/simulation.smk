# Plays controllers before they are trained. Reads the traces of the wave that config.yaml's `simulation` names; writes
# results/{testbed}/simulation/process.json (a rise-and-collapse process fitted to them) and controllers.json (the
# controllers in that process, and along the recorded chains), and figures/controller_simulation.{pdf,png}.


include: "simulation_inputs.smk"


rule fit_collapse_process:
    input:
        traces=traces_of(SIMULATION["wave"]),
    output:
        f"results/{TESTBED}/simulation/process.json",
    log:
        f"results/{TESTBED}/logs/simulation/process.log",
    benchmark:
        f"results/{TESTBED}/benchmarks/simulation/process.tsv"
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        assumed=json.dumps(SIMULATION["assumed"]),
        replicates=SIMULATION["replicates"],
        seed=SIMULATION["seed"],
        collapse_ratio=config["statistics"]["collapse_ratio"],
        provenance=process_provenance(),
    shell:
        "python -m workflow_scripts.control.fit_collapse_process --traces {input.traces}"
        " --assumed {params.assumed:q} --replicates {params.replicates:q}"
        " --collapse-ratio {params.collapse_ratio:q} --seed {params.seed:q} --output {output} 2> {log}"


rule simulate_controllers:
    input:
        process=f"results/{TESTBED}/simulation/process.json",
        traces=traces_of(SIMULATION["wave"]),
    output:
        f"results/{TESTBED}/simulation/controllers.json",
    log:
        f"results/{TESTBED}/logs/simulation/controllers.log",
    benchmark:
        f"results/{TESTBED}/benchmarks/simulation/controllers.tsv"
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        controllers=lambda wildcards: simulated_controllers(),
        simulation=SIMULATION,
        statistics=config["statistics"],
        provenance=simulation_provenance(),
    shell:
        "python -m workflow_scripts.control.simulate --process {input.process} --traces {input.traces}"
        " --controllers {params.controllers:q} --campaigns {params.simulation[campaigns]:q}"
        " --chains {params.simulation[chains]:q} --seed {params.simulation[seed]:q}"
        " --collapse-ratio {params.statistics[collapse_ratio]:q}"
        " --alarm-threshold {params.simulation[alarm_threshold]:q} --confidence {params.statistics[confidence]:q}"
        " --output {output} 2> {log}"


rule controller_simulation:
    input:
        f"results/{TESTBED}/simulation/controllers.json",
    output:
        pdf="figures/controller_simulation.pdf",
        png="figures/controller_simulation.png",
    log:
        f"results/{TESTBED}/logs/figures/controller_simulation.log",
    benchmark:
        f"results/{TESTBED}/benchmarks/figures/controller_simulation.tsv"
    localrule: True
    conda:
        "../envs/analysis.yaml"
    params:
        provenance=provenance(
            code("figures/controller_simulation.py"), simulation_provenance()
        ),
    shell:
        "python -m workflow_scripts.figures.controller_simulation --simulation {input} --output-pdf {output.pdf}"
        " --output-png {output.png} 2> {log}"
