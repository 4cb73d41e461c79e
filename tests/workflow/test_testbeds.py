"""The graph of every testbed is complete before anything runs, also where nothing of it could run here."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from tests.makers.scripts import run_script
from tests.workflow.project import ROOT, copy_project, edit_config, planned_jobs, read_config, snakemake
from workflow_scripts.core.files import read_json, sha256_file
from workflow_scripts.graph.reports import DIAGNOSIS_WAVES

TRAINED = {"train_first_campaign", "train_snapshot_campaign", "train_campaign", "train_final_campaign"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_project(tmp_path_factory.mktemp("testbeds"))


CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text())
# Every wave but those that ask a language model, and those that the paper has nothing of.
WAVES = {
    name: wave
    for name, wave in CONFIG["waves"].items()
    if "B3" not in wave["controllers"] and name not in DIAGNOSIS_WAVES and "family" not in wave
}


def declared_campaigns() -> int:
    """Campaigns of all these waves, shared ones once, counted from the declarations alone."""
    defining = ("model", "update_rule", "domain", "steps", "kl_schedule")
    return len(
        {
            (*(wave[key] for key in defining), str(wave.get("start")), "first" if number == 1 else name, seed, number)
            for wave in WAVES.values()
            for seed in wave.get("seeds", CONFIG["seeds"])
            for name in wave["controllers"]
            for number in range(1, wave["campaigns"] + 1)
        }
    )


def documented_jobs(testbed: str) -> dict[str, int]:
    """The jobs of `all` by the first of the rules that docs/concepts.md counts together."""
    lines = (ROOT / "docs/concepts.md").read_text().splitlines()
    begin = lines.index("| Rule | tiny | qwen |")
    column = {"tiny": 2, "qwen": 3}[testbed]
    counts = {}
    for line in lines[begin + 2 : lines.index("", begin)]:
        cells = [cell.strip() for cell in line.split("|")]
        if cells[column] != "-":
            counts[cells[1]] = int(cells[column])
    return counts


def counted_together(rules: str, jobs: dict[str, int]) -> int:
    named = [rule.strip("` ") for rule in rules.split(",")]
    if named[0].startswith("tab"):
        return sum(count for rule, count in jobs.items() if rule.startswith("tab") or rule == "appendix_b")
    return sum(jobs.get(rule, 0) for rule in named)


@pytest.mark.parametrize(
    ("testbed", "models", "problems"),
    [
        ("tiny", {"pretrain_model": 4}, {"generate_problems", "build_corpus"}),
        ("rehearsal", {"pretrain_model": 3}, {"generate_problems", "build_corpus"}),
        ("small", {"fetch_model": 4, "sample_candidates": 3, "select_by_pass_rate": 4}, {"generate_problems"}),
        ("qwen", {"fetch_model": 4}, {"import_source", "select_problems"}),
    ],
)
def test_the_whole_graph(project: Path, testbed: str, models: dict[str, int], problems: set[str]) -> None:
    jobs = planned_jobs(project, "--config", f"testbed={testbed}", "--", "all")
    assert sum(jobs[rule] for rule in TRAINED) == declared_campaigns() > 700
    # 7B is pre-trained once for each domain; a published model serves all.
    assert models.items() <= jobs.items()
    if testbed in ("tiny", "qwen"):
        documented = documented_jobs(testbed)
        assert {rules: counted_together(rules, jobs) for rules in documented} == documented
        assert sum(documented.values()) == sum(jobs.values()) - jobs["all"]
    assert {rule for rule in jobs if "problem" in rule or rule in ("build_corpus", "import_source")} == problems


@pytest.mark.parametrize(("testbed", "least_bytes"), [("small", 1), ("qwen", 2 * 3.0e9)])
def test_what_a_published_model_will_take_is_planned(project: Path, testbed: str, least_bytes: float) -> None:
    target = f"results/{testbed}/models/3B"
    done = run_script(
        "workflow_scripts.audit.plan_run", "--json", "--target", target, "--config", f"testbed={testbed}", cwd=project
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["disk"]["stays"] >= least_bytes


def test_a_sharded_campaign_goes_through_the_launcher_and_asks_for_gpus(project: Path) -> None:
    target = "results/qwen/chains/7B-reinforce-py-20/first/s7/c01/trace.json"
    shown = snakemake(project, "-n", "--printshellcmds", "--config", "testbed=qwen", "--", target)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    command = next(line for line in shown.stdout.splitlines() if "train_campaign" in line and "--plan" in line)
    launch = "exec python -m workflow_scripts.training.launch --processes 8 --device cuda"
    assert command.removeprefix("Shell command: ").startswith(
        f"{launch} workflow_scripts.training.train_campaign --plan"
    )
    assert "gpu=8" in shown.stdout


def test_a_source_that_is_not_declared_is_named(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    config = read_config(project)
    config["testbeds"]["qwen"]["problems"]["splits"]["hard"]["sources"] = ["app"]
    edit_config(project, testbeds=config["testbeds"])
    result = snakemake(project, "-n", "--config", "testbed=qwen")
    assert result.returncode == 1
    assert (
        "testbeds/qwen.yaml: problems.splits.hard.sources: 'app' is not declared; did you mean 'apps'?"
        in result.stdout + result.stderr
    )


def test_a_model_to_pretrain_needs_the_settings_for_it(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    config = read_config(project)
    del config["testbeds"]["tiny"]["pretraining"]
    edit_config(project, testbeds=config["testbeds"])
    result = snakemake(project, "-n")
    assert result.returncode == 1
    assert (
        "testbeds/tiny.yaml: pretraining: is missing, and model '32B', which has no revision, is pre-trained"
        in result.stdout + result.stderr
    )


@pytest.mark.whole
def test_a_chain_goes_on_from_a_step_of_another_one(finished: Path, tmp_path: Path) -> None:
    project = shutil.copytree(finished, tmp_path / "copy", symlinks=True)
    config = read_config(project)
    one = config["waves"]["W7"] | {"campaigns": 1, "controllers": ["A0"]}
    waves = {"W0": one | {"steps": 4}, "W02at2": one | {"steps": 2, "start": {"wave": "W0", "step": 2}}}
    edit_config(project, waves=config["waves"] | waves, seeds=[7])
    result = snakemake(project, "W02at2")
    assert result.returncode == 0, result.stdout + result.stderr
    chains = project / "results/tiny/chains"
    origin = chains / "3B-reinforce-py-4/first/s7/c01"
    trace = read_json(chains / "3B-reinforce-py-2-from4at2/first/s7/c01/trace.json", "trace")
    assert trace["inputs"]["initial_checkpoint"] == sha256_file(origin / "step002/model.safetensors")
    assert trace["inputs"]["initial_checkpoint"] != sha256_file(origin / "end/model.safetensors")
    assert sorted(path.name for path in origin.iterdir() if path.is_dir()) == ["end", "peak", "step002"]
    assert planned_jobs(project, "W02at2") == {}
