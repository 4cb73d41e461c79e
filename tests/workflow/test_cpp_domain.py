"""A domain of its own in the graph: its problems, its base model, its campaigns; and the first one is as it was."""

import json
from pathlib import Path

import pytest
import yaml

from tests.workflow.project import edit_config, make_miniature, planned_jobs, read_config, snakemake
from workflow_scripts.core.files import read_json, read_jsonl

CHAIN = "7B-reinforce-cpp-2"
CAMPAIGN = Path("results/tiny/chains", CHAIN, "first/s7/c01")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The miniature with one wave in C++: two campaigns of two steps, few problems, a model that saw a little C++."""
    project = make_miniature(tmp_path_factory.mktemp("cpp"))
    config = read_config(project)
    wave = {"about": "C++", "model": "7B", "update_rule": "reinforce", "domain": "cpp", "kl_schedule": "none"}
    config["waves"]["W2cpp"] = {**wave, "steps": 2, "campaigns": 2, "controllers": ["A0"], "seeds": [7]}
    own = config["testbeds"]["tiny"]["domains"]["cpp"]
    for split in own["splits"]:
        own["splits"][split] = {"count": 4, "depths": "1:1"}
    in_cpp = {"language": "cpp", "stated_in": "en", "pairs": 300, "corrupted_fraction": 0.0, "depths": "1:1"}
    config["testbeds"]["tiny"]["problems"]["corpus"].append(in_cpp)
    own["training"] = {"prompts_per_step": 1, "probe_steps": [0], "max_completion_tokens": 48}
    edit_config(project, waves=config["waves"], testbeds=config["testbeds"])
    return project


def test_a_wave_in_another_domain_plans_its_own_problems_for_the_same_model(project: Path) -> None:
    planned = planned_jobs(project, "W2cpp")
    assert planned == {
        "build_corpus": 1, "generate_problems": 2, "pretrain_model": 1,
        "train_first_campaign": 1, "plan_campaign": 2, "train_final_campaign": 1,
        "summarise_wave": 1, "W2cpp": 1,
    }  # fmt: skip
    shown = snakemake(project, "-n", "--printshellcmds", "W4", "W2cpp").stdout.splitlines()
    commands = [line for line in shown if "training.train_campaign" in line]
    assert len(commands) == 8
    for command in commands:
        assert "--model-role 7B --model-name tiny-qwen2-404k --base-model results/tiny/models/7B " in command
        cpp = "/cpp/train.jsonl" in command
        assert cpp == ("--cache results/compiled" in command)
        assert json.loads(command.split("--settings '")[1].split("'")[0])["prompts_per_step"] == (1 if cpp else 4)


def test_a_base_model_is_evaluated_in_its_domain(project: Path) -> None:
    target = "results/tiny/evaluations/base/7B-cpp/main.grades.json"
    shown = snakemake(project, "-n", "--printshellcmds", target).stdout
    assert "--checkpoint results/tiny/models/7B --problems results/tiny/problems/cpp/main.jsonl" in shown
    assert "--max-completion-tokens 48" in shown


def test_a_domains_settings_make_its_own_results_anew_and_no_others(project: Path) -> None:
    before = snakemake(project, "-n", "--printshellcmds", "W4").stdout
    config = read_config(project)
    config["testbeds"]["tiny"]["domains"]["cpp"]["training"]["learning_rate"] = 0.5
    changed = project.parent / "changed.yaml"
    changed.write_text(yaml.safe_dump({"testbeds": config["testbeds"]}))
    changes = ["--configfile", str(changed)]
    after = snakemake(project, "-n", "--printshellcmds", "W4", *changes).stdout
    trained = [sorted(line for line in text.splitlines() if "train_campaign" in line) for text in (before, after)]
    assert trained[0] == trained[1] != []
    in_cpp = [snakemake(project, "-n", "--printshellcmds", "W2cpp", *more).stdout for more in ([], changes)]
    assert ['"learning_rate": 0.5' in text for text in in_cpp] == [False, True]


@pytest.mark.whole
def test_a_campaign_is_graded_by_the_compiler(project: Path) -> None:
    result = snakemake(project, str(CAMPAIGN / "trace.json"))
    assert result.returncode == 0, result.stdout + result.stderr
    trace = read_json(project / CAMPAIGN / "trace.json", "trace")
    assert [sum(step["verdicts"].values()) for step in trace["steps"]] == [8, 8]
    assert trace["identity"]["chain"] == CHAIN
    assert all(name.startswith("cpp/train/") for step in trace["steps"] for name in step["problem_ids"])
    rows = read_jsonl(project / "results/tiny/problems/cpp/train.jsonl", "problem")
    assert {row["language"] for row in rows} == {"cpp"}
    assert list((project / "results/compiled/headers").rglob("*.gch"))
