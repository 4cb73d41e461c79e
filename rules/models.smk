# Makes the base models, or takes published ones from the Hugging Face hub or from folders that the testbed names.
# Reads the corpus; writes results/{testbed}/models/{role}/ in Hugging Face format.


rule pretrain_model:
    input:
        corpus="results/{testbed}/problems/corpus.jsonl",
    output:
        directory("results/{testbed}/models/{role}"),
    log:
        "results/{testbed}/logs/models/{role}.log",
    benchmark:
        "results/{testbed}/benchmarks/models/{role}.tsv"
    wildcard_constraints:
        role="|".join(study.models_made_here) or "(?!)",
    # Otherwise a long one could be left for the end, when nothing runs beside it.
    priority: 1
    conda:
        f"../envs/{requests.training_environment}.yaml"
    threads: 1
    params:
        model=lambda wildcards: study.bed["models"][wildcards.role],
        local_layers=options.local_layers,
        pretraining=study.bed.get("pretraining"),
        code=code("models/pretrain_model.py"),
    shell:
        "python -m workflow_scripts.models.pretrain_model --corpus {input.corpus} --family {params.model[family]:q}"
        " {params.local_layers:q} --vocabulary-size {params.pretraining[vocabulary_size]:q} --hidden-size {params.model[hidden_size]:q}"
        " --intermediate-size {params.model[intermediate_size]:q} --layers {params.model[layers]:q}"
        " --attention-heads {params.model[attention_heads]:q} --key-value-heads {params.model[key_value_heads]:q}"
        " --steps {params.model[steps]:q} --batch-size {params.model[batch_size]:q}"
        " --learning-rate {params.pretraining[learning_rate]:q} --warmup-steps {params.pretraining[warmup_steps]:q}"
        " --weight-decay {params.pretraining[weight_decay]:q} --seed {params.pretraining[seed]:q} --threads {threads}"
        " --output {output} 2> {log}"


rule fetch_model:
    output:
        directory("results/{testbed}/models/{role}"),
    log:
        "results/{testbed}/logs/models/{role}.log",
    benchmark:
        "results/{testbed}/benchmarks/models/{role}.tsv"
    wildcard_constraints:
        role="|".join(study.models_fetched) or "(?!)",
    # Nodes of a cluster often have no network; where Snakemake itself runs, there is one.
    localrule: True
    conda:
        f"../envs/{requests.training_environment}.yaml"
    params:
        origin=options.origin,
        code=code("models/fetch_model.py"),
    shell:
        "python -m workflow_scripts.models.fetch_model {params.origin:q} --output {output} 2> {log}"
