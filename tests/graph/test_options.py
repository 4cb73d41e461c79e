"""What scripts are told of config.yaml."""

import json

import pytest
from snakemake.exceptions import WorkflowError

from tests.graph.conftest import declared, wildcards
from workflow_scripts.graph.options import Options, option, words
from workflow_scripts.graph.study import Study

CHAIN = "7B-reinforce-py-20"


def test_values_become_options_and_none_is_left_out() -> None:
    assert words({"max_cases": 3, "levels": ["a", "b"], "count": None}) == ["--max-cases", 3, "--levels", "a", "b"]
    assert option("--state", ["s.json"]) == ["--state", "s.json"]
    assert option("--state", []) == []


def test_a_long_campaign_is_probed_to_its_end() -> None:
    config = declared()
    wave = config["waves"]["W4"] | {"steps": 47}
    study = Study(config | {"waves": {"W4": wave}})
    chain, training = study.chain("W4"), study.bed["training"]
    settings = json.loads(Options(study).training_settings(wildcards(chain=chain)))
    steps, every = settings["probe_steps"], training["probe_every"]
    assert steps[: len(training["probe_steps"])] == training["probe_steps"]
    assert steps[-1] <= 47 < steps[-1] + every
    assert settings["update_rule"]["name"] == "reinforce"
    assert not {"learning_rate", "probe_split", "probe_every"} & settings.keys()


def test_a_wave_may_train_with_settings_of_its_own() -> None:
    config = declared()
    own = {"learning_rate": 0.0, "probe_split": "tuning", "probe_samples": 5}
    study = Study(config | {"waves": {"W4": config["waves"]["W4"], "W5": config["waves"]["W4"] | {"training": own}}})
    options, other, chain = Options(study), study.chain("W4"), study.chain("W5")
    assert options.base_strategy(chain)["learning_rate"] == 0.0
    assert options.base_strategy(other)["learning_rate"] == study.bed["training"]["learning_rate"]
    assert json.loads(options.training_settings(wildcards(chain=chain)))["probe_samples"] == 5
    assert json.loads(options.training_settings(wildcards(chain=other)))["probe_samples"] != 5
    assert study.training_probe(wildcards(chain=chain)) == "results/tiny/problems/py/tuning.jsonl"
    assert study.training_probe(wildcards(chain=other)) == "results/tiny/problems/py/probe.jsonl"


def test_a_controller_is_told_its_settings_and_the_strategy_that_all_start_from(study: Study) -> None:
    options = Options(study)
    first = json.loads(options.controller_settings(wildcards(chain=CHAIN, owner="first")))
    assert first == options.base_strategy(CHAIN)
    own = json.loads(options.controller_settings(wildcards(chain=CHAIN, owner="A3")))
    assert own == first | study.config["controllers"]["A3"]["settings"]


def test_a_plan_depends_on_its_own_controllers_code(study: Study) -> None:
    options = Options(study)
    digests = {owner: options.controller_code(wildcards(owner=owner)) for owner in ("first", "A0", "A3", "B3")}
    assert len(set(digests.values())) == len(digests)


def test_one_process_or_all_that_share_a_policy(study: Study) -> None:
    assert Options(study).train_command()[:2] == ["python", "-S"]
    sharded = Options(Study(declared("qwen"))).train_command()
    assert sharded[sharded.index("--processes") + 1] > 1


def test_cpp_is_graded_with_a_folder_for_compiled_programs(study: Study) -> None:
    assert Options(study).compiled_programs(wildcards(chain=CHAIN)) == []
    cpp = next(name for name, own in study.chains.items() if own["domain"] == "cpp")
    assert Options(study).compiled_programs(wildcards(chain=cpp)) == ["--cache", "results/compiled"]


def test_the_simulation_names_controllers_that_are_declared() -> None:
    config = declared()
    config["simulation"] = config["simulation"] | {"controllers": ["A0", "A33"]}
    with pytest.raises(WorkflowError, match=r"^error: config.yaml: simulation.controllers: 'A33' is not declared"):
        Options(Study(config)).simulated_controllers()


def test_a_base_model_is_another_one_where_it_or_what_it_learns_from_is_made_otherwise(study: Study) -> None:
    own = Options(study).made_by("7B")
    assert Options(study).made_by("7B-cpp") == own != Options(study).made_by("3B")
    for place, key, value in (
        ("pretraining", "seed", 99),
        ("problems", "seed", 99),
        ("training", "learning_rate", 1.0),
    ):
        config = declared()
        config["testbeds"]["tiny"][place][key] = value
        assert (Options(Study(config)).made_by("7B") == own) == (place == "training")
    config = declared("qwen")
    published = Options(Study(config)).made_by("7B")
    config["testbeds"]["qwen"]["models"]["7B"]["revision"] = "another"
    assert Options(Study(config)).made_by("7B") != published


def test_where_a_published_model_comes_from_is_told_in_full_and_makes_another_model() -> None:
    config = declared("qwen")
    published, own = Options(Study(config)), config["testbeds"]["qwen"]["models"]["7B"]
    role, made_before = wildcards(role="7B"), published.made_by("7B")
    assert published.origin(role) == ["--source", own["name"], "--revision", own["revision"]]
    own["package"] = {"requirement": "weights==1.0", "file": "weights/model.gguf", "sha256": "0" * 64}
    packaged = Options(Study(config))
    told = ["--package", "weights==1.0", "--package-file", "weights/model.gguf", "--package-sha256", "0" * 64]
    assert packaged.origin(role)[4:] == told
    assert packaged.made_by("7B") != made_before


def test_splits_with_candidates_are_selected_by_the_untrained_models_grades() -> None:
    study = Study(declared("small"))
    options, splits = Options(study), study.bed["problems"]["splits"]
    assert {"py/train", "py/probe", "py/main", "py/ood"} == set(study.selected)
    assert {"py/candidates/train", "py/hard", "cpp/train"} <= set(study.generated)
    assert not set(study.generated) & set(study.selected)
    told = options.generated(wildcards(file="py/candidates/train"))
    assert told[told.index("--count") + 1] == splits["train"]["candidates"]
    told = options.selection_by_pass_rate(wildcards(file="py/train"))
    assert told[told.index("--count") + 1] == splits["train"]["count"]
    # In other words: chosen by the same grades.
    folder = "results/small/problems/py/candidates"
    assert study.candidates_grades(wildcards(file="py/ood")) == f"{folder}/main.grades.json"
    assert study.candidates_of(wildcards(file="py/ood")) == f"{folder}/ood.jsonl"


def test_published_problems_are_verified_in_the_sandbox() -> None:
    study = Study(declared("qwen"))
    options, problems = Options(study), study.bed["problems"]
    told = options.selection(wildcards(domain="py", split="train"))
    assert ("--verify" in told) == problems["selection"]["verify"]
    files = options.split_files(wildcards(domain="py", split="train"), "sources")
    assert files == [f"results/qwen/problems/sources/{name}.jsonl" for name in problems["splits"]["train"]["sources"]]
    for source, own in problems["sources"].items():
        assert ("--limits" in options.source(wildcards(source=source))) == (own["format"] == "apps")
