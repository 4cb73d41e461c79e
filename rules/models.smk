# Makes the base models. Reads a domain's corpus; writes results/{testbed}/models/{model}/ in Hugging Face format, where
# {model} is a role in the first domain (7B), else role and domain (7B-cpp).


rule pretrain_model:
    input:
        corpus=lambda wildcards: f"results/{TESTBED}/problems/{role_and_domain(wildcards.model)[1]}/corpus.jsonl",
    output:
        directory("results/{testbed}/models/{model}"),
    log:
        "results/{testbed}/logs/models/{model}.log",
    benchmark:
        "results/{testbed}/benchmarks/models/{model}.tsv"
    wildcard_constraints:
        model="|".join(
            qualified(role, domain) for role in TINY_MODELS for domain in BEDS
        ),
    # Otherwise a long one could be left for the end, when nothing runs beside it.
    priority: 1
    conda:
        "../envs/training.yaml"
    threads: 1
    params:
        model=model_declared,
        local_layers=lambda wildcards: [
            word
            for name in ("sliding_window", "layers_per_global")
            if name in model_declared(wildcards)
            for word in (
                f"--{name.replace('_', '-')}",
                model_declared(wildcards)[name],
            )
        ],
        pretraining=BED["pretraining"],
        provenance=lambda wildcards: model_provenance(wildcards.model),
    shell:
        "python -m workflow_scripts.models.pretrain_model --corpus {input.corpus} --family {params.model[family]:q}"
        " {params.local_layers:q} --vocabulary-size {params.pretraining[vocabulary_size]:q} --hidden-size {params.model[hidden_size]:q}"
        " --intermediate-size {params.model[intermediate_size]:q} --layers {params.model[layers]:q}"
        " --attention-heads {params.model[attention_heads]:q} --key-value-heads {params.model[key_value_heads]:q}"
        " --steps {params.model[steps]:q} --batch-size {params.model[batch_size]:q}"
        " --learning-rate {params.pretraining[learning_rate]:q} --warmup-steps {params.pretraining[warmup_steps]:q}"
        " --weight-decay {params.pretraining[weight_decay]:q} --seed {params.pretraining[seed]:q} --threads {threads}"
        " --output {output} 2> {log}"
