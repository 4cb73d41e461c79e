# Makes problems. Of the tiny testbed: generates them, and the pre-training pairs corpus.jsonl. Where splits have
# `candidates`: samples an untrained model on these, grades it, and selects by its pass rate. Where the testbed's
# `problems` names `sources`: imports data sets of the Hugging Face hub, or local folders in their place, into
# results/{testbed}/problems/sources/{source}.jsonl, and selects from these.
# Writes results/{testbed}/problems/{domain}/{split}.jsonl.


if "sources" not in study.bed["problems"]:

    rule generate_problems:
        output:
            "results/{testbed}/problems/{file}.jsonl",
        log:
            "results/{testbed}/logs/problems/{file}.log",
        benchmark:
            "results/{testbed}/benchmarks/problems/{file}.tsv"
        wildcard_constraints:
            file="|".join(study.generated),
        conda:
            "../envs/analysis.yaml"
        params:
            options=options.generated,
            code=code("problems/generate_problems.py"),
        shell:
            "python -m workflow_scripts.problems.generate_problems {params.options:q} --output {output} 2> {log}"

    if study.selected:

        # By an untrained model's pass rate (`problems.pass_rate`): its samples and their grades stay beside the candidates.
        rule sample_candidates:
            input:
                model=ancient(
                    lambda wildcards: study.model_folder(
                        study.selector(wildcards.domain)
                    )
                ),
                candidates="results/{testbed}/problems/{domain}/candidates/{split}.jsonl",
            output:
                "results/{testbed}/problems/{domain}/candidates/{split}.samples.parquet",
            log:
                "results/{testbed}/logs/problems/{domain}/candidates/{split}.samples.log",
            benchmark:
                "results/{testbed}/benchmarks/problems/{domain}/candidates/{split}.samples.tsv"
            conda:
                f"../envs/{requests.training_environment}.yaml"
            resources:
                mem_mb=requests.asked("sampling")["memory_mb"],
                runtime=requests.asked("sampling")["minutes"],
            params:
                options=options.candidate_sampling,
                model=lambda wildcards: options.made_by(
                    study.selector(wildcards.domain)
                ),
                code=code("evaluation/sample_checkpoint.py"),
            shell:
                "python -m workflow_scripts.evaluation.sample_checkpoint --checkpoint {input.model} --problems {input.candidates}"
                " {params.options:q} --output {output} 2> {log}"

        rule grade_candidates:
            input:
                samples="results/{testbed}/problems/{domain}/candidates/{split}.samples.parquet",
                candidates="results/{testbed}/problems/{domain}/candidates/{split}.jsonl",
            output:
                "results/{testbed}/problems/{domain}/candidates/{split}.grades.json",
            log:
                "results/{testbed}/logs/problems/{domain}/candidates/{split}.grades.log",
            benchmark:
                "results/{testbed}/benchmarks/problems/{domain}/candidates/{split}.grades.tsv"
            conda:
                "../envs/grading.yaml"
            # Programs that are judged at a time; their number changes no result.
            threads: study.bed["grading"]["workers"]
            resources:
                mem_mb=requests.asked("grading")["memory_mb"],
                runtime=requests.asked("grading")["minutes"],
            params:
                prompt_format=study.bed["training"]["prompt_format"],
                cache=COMPILED_PROGRAMS,
                limits=options.limits,
                layers=options.layers,
                code=code("grading/grade_samples.py", SANDBOX),
            shell:
                "python -m workflow_scripts.grading.grade_samples --problems {input.candidates} --samples {input.samples}"
                " --prompt-format {params.prompt_format:q} --limits {params.limits:q} --require {params.layers:q}"
                " --workers {threads} --cache {params.cache:q} --output {output} 2> {log}"

        rule select_by_pass_rate:
            input:
                candidates=study.candidates_of,
                grades=study.candidates_grades,
            output:
                "results/{testbed}/problems/{file}.jsonl",
            log:
                "results/{testbed}/logs/problems/{file}.log",
            benchmark:
                "results/{testbed}/benchmarks/problems/{file}.tsv"
            wildcard_constraints:
                file="|".join(study.selected),
            localrule: True
            conda:
                "../envs/analysis.yaml"
            params:
                options=options.selection_by_pass_rate,
                code=code("problems/select_by_pass_rate.py"),
            shell:
                "python -m workflow_scripts.problems.select_by_pass_rate --candidates {input.candidates} --grades {input.grades}"
                " {params.options:q} --output {output} 2> {log}"

    rule build_corpus:
        output:
            "results/{testbed}/problems/corpus.jsonl",
        log:
            "results/{testbed}/logs/problems/corpus.log",
        benchmark:
            "results/{testbed}/benchmarks/problems/corpus.tsv"
        conda:
            "../envs/analysis.yaml"
        params:
            parts=options.corpus(),
            seed=study.bed["problems"]["seed"],
            code=code("problems/build_corpus.py"),
        shell:
            "python -m workflow_scripts.problems.build_corpus {params.parts:q} --seed {params.seed:q} --output {output} 2> {log}"

else:

    rule import_source:
        output:
            "results/{testbed}/problems/sources/{source}.jsonl",
        log:
            "results/{testbed}/logs/problems/sources/{source}.log",
        benchmark:
            "results/{testbed}/benchmarks/problems/sources/{source}.tsv"
        wildcard_constraints:
            source="|".join(study.bed["problems"]["sources"]),
        # The network is where Snakemake runs; compute nodes often have none.
        localrule: True
        conda:
            "../envs/problems.yaml"
        params:
            options=options.source,
            code=code("problems/import_problems.py", SANDBOX),
        shell:
            "python -m workflow_scripts.problems.import_problems {params.options:q} --output {output} 2> {log}"

    rule select_problems:
        input:
            sources=lambda wildcards: options.split_files(wildcards, "sources"),
            exclude=lambda wildcards: options.split_files(wildcards, "exclude"),
        output:
            "results/{testbed}/problems/{domain}/{split}.jsonl",
        log:
            "results/{testbed}/logs/problems/{domain}/{split}.log",
        benchmark:
            "results/{testbed}/benchmarks/problems/{domain}/{split}.tsv"
        wildcard_constraints:
            split="|".join(study.bed["problems"]["splits"]),
        conda:
            "../envs/problems.yaml"
        # References are judged side by side; how many at a time changes no result.
        threads: 8
        params:
            options=options.selection,
            code=code("problems/select_problems.py", SANDBOX),
        shell:
            "python -m workflow_scripts.problems.select_problems --sources {input.sources} --exclude {input.exclude}"
            " {params.options:q} --workers {threads} --output {output} 2> {log}"
