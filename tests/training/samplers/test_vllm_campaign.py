"""A campaign whose rollouts come from vLLM learns as one whose rollouts come from the decode loop."""

import random
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean

import pytest
import torch
from torch import Tensor

pytest.importorskip("vllm", reason="vLLM has an environment of its own: make test-vllm")

from tests.grading.conftest import LIMITS
from tests.makers import campaigns
from tests.makers.settings import changed
from tests.training.samplers.vllm_policies import sampler_over
from tests.training.synthetic_rollouts import make_problem
from workflow_scripts.core.files import write_jsonl
from workflow_scripts.grading.code_grader import CodeGrader
from workflow_scripts.models.prompts import prompt_format
from workflow_scripts.models.qwen2 import Qwen2LM, load_model
from workflow_scripts.training.campaign import Outcome, Problems, run_campaign
from workflow_scripts.training.policies import sampler_for
from workflow_scripts.training.samplers.greedy_probe import score_by
from workflow_scripts.training.samplers.protocol import Sampler
from workflow_scripts.training.update.learner import LocalLearner

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = changed(
    campaigns.SETTINGS,
    group_size=16,
    prompts_per_step=4,
    max_completion_tokens=24,
    probe_steps=[0, 12],
    probe_samples=32,
)
SEEDS = (7, 11, 13)
WORDINGS = (
    "add three",
    "three more",
    "plus three",
    "count on three",
    "three up",
    "rise by three",
    "x and three",
    "three beyond",
)
POOL = [
    make_problem(3) | {"task_id": f"py/test/{words}", "prompt": f"def f(x):\n    # {words}\n"} for words in WORDINGS
]
PROBLEMS = Problems(POOL, POOL, "probe")


@pytest.fixture(scope="module")
def base_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pre-trained here for seconds on additions of which most are wrong."""
    folder = tmp_path_factory.mktemp("base")
    draw = random.Random(3)
    rows = []
    for _ in range(600):
        said = 3 if draw.random() < 0.2 else draw.randrange(8)
        prompt, body = draw.choice(POOL)["prompt"], f"    return x + {said}\n"
        rows.append({"prompt": prompt, "completion": body, "composition": ["add"], "corrupted": said != 3})
    write_jsonl(folder / "corpus.jsonl", rows, schema="corpus_row")
    sizes = {"family": "qwen2", "vocabulary-size": 290, "hidden-size": 64, "intermediate-size": 128, "layers": 2}
    heads = {"attention-heads": 2, "key-value-heads": 1}  # of 32 dimensions, the fewest that vLLM takes on a CPU
    schedule = {"steps": 120, "batch-size": 32, "learning-rate": 0.005, "warmup-steps": 20, "weight-decay": 0}
    options = [f"--{name}={value}" for name, value in (sizes | heads | schedule | {"seed": 1}).items()]
    options += [f"--corpus={folder / 'corpus.jsonl'}", f"--output={folder / 'model'}"]
    subprocess.run(
        [sys.executable, "-m", "workflow_scripts.models.pretrain_model", *options],
        cwd=ROOT,
        check=True,
        timeout=240,
    )
    return folder / "model"


def train(base_model: Path, model: Qwen2LM, seed: int, sampler: Sampler | None = None) -> Outcome:
    model.load_state_dict(load_model(base_model).state_dict())
    plan = {"chain": "7B-reinforce-py-20", "controller": "A0", "seed": seed, "campaign": 1}
    plan |= {"max_steps": 12, "learning_rate": 0.001, "kl_coefficient": 0.0}
    with CodeGrader(replace(LIMITS, wall_seconds=5.0), ("rlimits", "landlock", "seccomp")) as grader:
        learner, prompts = LocalLearner(model, SETTINGS), prompt_format("plain", base_model)
        return run_campaign(plan, SETTINGS, learner, sampler or sampler_for(model), prompts, PROBLEMS, grader)


@pytest.fixture(scope="module")
def by_decode_loop(base_model: Path) -> list[Outcome]:
    return [train(base_model, load_model(base_model), seed) for seed in SEEDS]


@pytest.fixture(scope="module")
def by_vllm(base_model: Path) -> list[Outcome]:
    """The same campaigns with an engine in the decode loop's place."""
    model = load_model(base_model)
    with sampler_over(base_model, score_by(model)) as sampler:
        outcomes = [train(base_model, model, seed, sampler) for seed in SEEDS]
        again = train(base_model, model, SEEDS[0], sampler)
        # Equal seeds, equal draws, equal updates: to the bit, within an engine that has sampled other policies since.
        assert (again.steps, again.probe, again.rollouts) == (
            outcomes[0].steps,
            outcomes[0].probe,
            outcomes[0].rollouts,
        )
        return outcomes


def step_means(outcomes: Sequence[Outcome], key: str) -> Tensor:
    """Mean over campaigns of a value of each step [steps]."""
    return torch.tensor([[step[key] for step in outcome.steps] for outcome in outcomes]).mean(dim=0)


def test_both_complete_and_record_the_same_things(by_decode_loop: list[Outcome], by_vllm: list[Outcome]) -> None:
    for ours, theirs in zip(by_decode_loop, by_vllm, strict=True):
        assert ours.status == theirs.status == "completed"
        assert len(theirs.steps) == 12
        assert [set(step) for step in ours.steps] == [set(step) for step in theirs.steps]
        # The problems of a step do not depend on the sampler, the draws do.
        assert [step["problem_ids"] for step in ours.steps] == [step["problem_ids"] for step in theirs.steps]
        assert ours.rollouts != theirs.rollouts


def test_they_start_from_the_same_policy(by_decode_loop: list[Outcome], by_vllm: list[Outcome]) -> None:
    def start(outcomes: list[Outcome]) -> float:
        return mean(outcome.probe[0]["pass@1"] for outcome in outcomes)

    draws = 2 * 3 * 8 * 32  # of either sampler's probe: the difference has a standard error of at most 0.026
    assert 0.05 < start(by_decode_loop) < 0.9
    assert abs(start(by_vllm) - start(by_decode_loop)) < 4 * (0.25 * 4 / draws) ** 0.5


def test_they_learn_alike(by_decode_loop: list[Outcome], by_vllm: list[Outcome]) -> None:
    for outcome in (*by_decode_loop, *by_vllm):
        assert outcome.probe[-1]["pass@1"] > outcome.probe[0]["pass@1"] + 0.3
    # A step's mean has a standard error of 0.05 from 3 x 64 binary rewards on either side; a policy that is sampled as
    # it was at the start stays where it was, 0.5 below.
    ours, theirs = (step_means(each, "CodeGrader/pass_rate/mean") for each in (by_decode_loop, by_vllm))
    assert (ours - theirs).abs().max() < 0.2
    assert (ours - theirs).mean().abs() < 0.07
    ours, theirs = (step_means(each, "entropy") for each in (by_decode_loop, by_vllm))
    assert (ours[0] - theirs[0]).abs() < 0.01
    assert (ours - theirs).mean().abs() < 0.04
    assert ours[-1] < 0.6 * ours[0]
    assert theirs[-1] < 0.6 * theirs[0]
    for key in ("grad_norm", "completions/mean_length"):
        ours, theirs = (step_means(each, key) for each in (by_decode_loop, by_vllm))
        assert theirs.mean().item() == pytest.approx(ours.mean().item(), rel=0.15)


def test_the_trainer_sees_the_log_probabilities_that_were_sampled_with(by_vllm: list[Outcome]) -> None:
    for outcome in by_vllm:
        assert all(step["sampling/sampling_logp_difference/max"] < 1e-3 for step in outcome.steps)
