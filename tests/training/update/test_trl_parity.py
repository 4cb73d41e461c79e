"""Loss, gradient, advantages and step metrics are those of TRL's trainers on the same batch.

What runs on the other side is TRL's own code, on trainers that it built itself around the same weights; only generation
and optimisation are left out where a batch is given.
"""

import copy
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
import trl
from torch import Tensor

from tests.makers.settings import changed
from tests.models.tiny_models import make_model, make_tokenizer
from tests.training.declared_rules import REINFORCE, RULES
from tests.training.synthetic_rollouts import FAILED, PASSED, make_problem, make_rollouts
from workflow_scripts.models.qwen2 import Qwen2LM
from workflow_scripts.training.rollouts import Rollouts, describe
from workflow_scripts.training.samplers.sampling import Sampled
from workflow_scripts.training.settings import UpdateRule
from workflow_scripts.training.update.distinct_rows import merge_equal_rows
from workflow_scripts.training.update.policy_update import CLIP_RATIOS, clip_ratios, rows_loss, score_rows, update
from workflow_scripts.training.update.update_rules import advantages

torch.set_num_threads(1)

TEMPERATURE, LONGEST, GROUP = 0.7, 8, 4
TOKENIZER = make_tokenizer()
PROMPTS = [[5, 6, 7], [8, 9], [30, 31, 32, 33]]
# Rows that are equal, that were cut (no 0 at the end), of every length; rewards of every kind within a group.
COMPLETIONS = [
    [1, 2, 0], [1, 2, 0], [3, 0], [4, 4, 4, 4, 4, 4, 4, 4],
    [1, 2, 0], [1, 2, 9, 12, 7], [6, 0], [6, 0],
    [11, 0], [17, 16, 15, 14, 13, 12, 0], [21, 0], [2, 0],
]  # fmt: skip
REWARDS = [1, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 0]
MODES = {
    "grpo": "seq-mean-token-mean",
    "dr_grpo": "seq-mean-token-sum-norm",
    "luspo": "seq-mean-token-sum",
}
GRID = list(itertools.product(MODES, (0.0, 0.04), ((0.2, 0.2), (0.2, 0.28), (0.05, 0.4))))
# A centred batch's terms cancel: in single precision the loss is compared on the scale of its terms, which is one.
TOLERANCES = {torch.float32: 5e-6, torch.float64: 1e-12}


@contextmanager
def computing_in(dtype: torch.dtype) -> Iterator[None]:
    """New tensors of floats have this type."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def as_transformers(model: Qwen2LM) -> Any:
    """The same weights in the reference implementation, at the same precision."""
    from transformers import Qwen2Config, Qwen2ForCausalLM

    config = Qwen2Config(**vars(model.shape), tie_word_embeddings=True, max_position_embeddings=128)
    reference = Qwen2ForCausalLM(config).to(model.output_weight.dtype)
    reference.load_state_dict(model.state_dict() | {"lm_head.weight": model.output_weight})
    return reference


def build_trainer(kind: str, model: Qwen2LM, folder: Path, reward: Callable[..., list[float]], **options: Any) -> Any:
    """TRL's trainer around the model's weights; ``kind``: GRPO or RLOO."""
    from datasets import Dataset
    from transformers import PreTrainedTokenizerFast

    end = "<|endoftext|>"
    arguments = getattr(trl, f"{kind}Config")(
        output_dir=str(folder), per_device_train_batch_size=len(COMPLETIONS), num_generations=GROUP,
        max_completion_length=LONGEST, temperature=TEMPERATURE, beta=0.0, report_to=[], use_cpu=True, bf16=False,
        seed=11, **options,
    )  # fmt: skip
    trainer = getattr(trl, f"{kind}Trainer")(
        model=as_transformers(model),
        reward_funcs=reward,
        args=arguments,
        train_dataset=Dataset.from_dict({"prompt": ["def"] * len(COMPLETIONS)}),
        processing_class=PreTrainedTokenizerFast(tokenizer_object=TOKENIZER, eos_token=end, pad_token=end),
    )
    trainer.current_gradient_accumulation_steps = 1
    return trainer


def score_with(model: Qwen2LM) -> Callable[..., tuple[Tensor, Tensor, None]]:
    """What TRL's own scoring returns, by our model: TRL's computes partly in single precision, whatever it is given."""

    def score(_model: Any, ids: Tensor, mask: Tensor, count: int, **_options: Any) -> tuple[Tensor, Tensor, None]:
        rows = []
        for tokens, present in zip(ids, mask.bool(), strict=True):
            logits = (model(tokens[present].unsqueeze(0))[0] / TEMPERATURE).log_softmax(-1)
            scored = logits[int(present[:-count].sum()) - 1 : -1]
            rows.append(torch.nn.functional.pad(scored, (0, 0, 0, count - len(scored))))
        logits = torch.stack(rows)
        chosen = logits.gather(-1, ids[:, -count:].unsqueeze(-1)).squeeze(-1)
        return chosen, -(logits.exp() * logits).sum(-1), None

    return score


class Pair:
    """The same batch in both: rollouts from a sampler that was another policy, and the tensors that TRL takes."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.dtype = torch.get_default_dtype()
        self.model, self.reference = make_model(seed=1, vocabulary=280), make_model(seed=2, vocabulary=280)
        options = {"use_bias_correction_kl": False} if kind == "GRPO" else {}
        self.trainer = build_trainer(kind, self.model, folder, lambda **_columns: [0.0], **options)
        self.scored = self.trainer.model
        if self.dtype == torch.float64:
            self.trainer._get_per_token_logps_and_entropies = score_with(self.model)
            self.scored = self.model
        self.rollouts = make_rollouts(self.model, PROMPTS, COMPLETIONS, REWARDS, TEMPERATURE, LONGEST)
        sampler = self.rollouts.sampled.log_probabilities
        noise = 0.3 * torch.randn(sampler.shape, generator=torch.Generator().manual_seed(5), dtype=torch.float32)
        noise[1] = noise[0]
        sampler += noise * (sampler != 0)
        self.mask = (torch.arange(LONGEST) < self.rollouts.sampled.lengths.unsqueeze(1)).long()

    def batch(self, rule: UpdateRule) -> dict[str, Tensor]:
        """TRL's inputs: prompts padded on the left, completions on the right."""
        width = max(map(len, PROMPTS))
        rows = [prompt for prompt in PROMPTS for _ in range(GROUP)]
        sampled = self.rollouts.sampled
        reference = make_rollouts(self.reference, PROMPTS, COMPLETIONS, REWARDS, TEMPERATURE, LONGEST)
        return {
            "prompt_ids": torch.tensor([[0] * (width - len(row)) + row for row in rows]),
            "prompt_mask": torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows]),
            "completion_ids": sampled.tokens,
            "completion_mask": self.mask,
            "advantages": advantages(rule, self.rollouts.rewards).flatten(),
            "num_items_in_batch": self.mask.sum(),
            "old_per_token_logps": sampled.log_probabilities,
            "old_logps": sampled.log_probabilities.sum(dim=1),
            "ref_per_token_logps": reference.sampled.log_probabilities,
        }

    def theirs(self, rule: UpdateRule, **changes: Tensor | None) -> tuple[float, list[Tensor]]:
        """TRL's loss and gradient; ``changes`` to its inputs, where None takes one away."""
        self.trainer._metrics["train"].clear()
        self.trainer.model.train()
        inputs = {name: value for name, value in (self.batch(rule) | changes).items() if value is not None}
        loss = self.trainer._compute_loss(self.trainer.model, inputs)
        names, parameters = zip(*self.scored.named_parameters(), strict=True)
        gradients = dict(zip(names, torch.autograd.grad(loss, parameters), strict=True))
        return loss.item(), [gradients[name] for name, _ in self.model.named_parameters()]

    def ours(self, rule: UpdateRule, kl_coefficient: float) -> tuple[float, list[Tensor], dict[str, float]]:
        every = merge_equal_rows(self.rollouts, advantages(rule, self.rollouts.rewards), with_ratio=True)
        assert len(every.tokens) < len(COMPLETIONS)
        reference = score_rows(self.reference, every, TEMPERATURE, tokens=1000)
        arguments = (self.rollouts, every, reference, rule, TEMPERATURE, kl_coefficient)
        loss, computed = rows_loss(self.model, every, *arguments)
        gradients = torch.autograd.grad(loss, list(self.model.parameters()))
        return loss.item(), list(gradients), clip_ratios(computed, every, every, rule)


def worst_difference(ours: list[Tensor], theirs: list[Tensor]) -> float:
    """The distance of two gradients over the length of the second."""
    distance = torch.cat([(a - b).flatten() for a, b in zip(ours, theirs, strict=True)]).norm()
    return float(distance / torch.cat([b.flatten() for b in theirs]).norm())


@pytest.fixture(scope="module", params=TOLERANCES, ids=str)
def grpo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with computing_in(request.param):
        yield Pair("GRPO", tmp_path_factory.mktemp("grpo"))


@pytest.fixture(scope="module", params=TOLERANCES, ids=str)
def rloo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with computing_in(request.param):
        yield Pair("RLOO", tmp_path_factory.mktemp("rloo"))


def check(pair: Pair, rule: UpdateRule, kl_coefficient: float, record: Callable[[str, object], None]) -> None:
    their_loss, their_gradients = pair.theirs(rule)
    our_loss, our_gradients, clips = pair.ours(rule, kl_coefficient)
    differences = {
        "loss": abs(our_loss - their_loss) / (abs(their_loss) if pair.dtype == torch.float64 else 1),
        "gradient": worst_difference(our_gradients, their_gradients),
    }
    for name, difference in differences.items():
        record(name, difference)
        assert difference < TOLERANCES[pair.dtype], name
    metrics = pair.trainer._metrics["train"]
    assert [clips[name] for name in CLIP_RATIOS] == pytest.approx([metrics[name][-1] for name in CLIP_RATIOS])
    assert clips["clip_ratio/region_mean"] > 0  # the case is one in which clipping matters


@pytest.mark.parametrize(("loss_type", "beta", "bounds"), GRID)
def test_loss_and_gradient_are_those_of_trls_grpo(
    grpo: Pair, loss_type: str, beta: float, bounds: tuple[float, float], record_property: Any
) -> None:
    trainer, (low, high) = grpo.trainer, bounds
    trainer.loss_type, trainer.beta, trainer.importance_sampling_level = loss_type, beta, "token"
    trainer.epsilon_low, trainer.epsilon_high = low, high
    mode = MODES[loss_type]
    rule = changed(RULES["grpo_clipped"], epsilon=low, epsilon_high=high, loss_agg_mode=mode, kl_agg_mode=mode)
    check(grpo, rule, beta, record_property)


@pytest.mark.parametrize("bounds", [(0.2, 0.2), (0.05, 0.4)])
def test_loss_and_gradient_are_those_of_trls_rloo(
    rloo: Pair, bounds: tuple[float, float], record_property: Any
) -> None:
    rloo.trainer.epsilon_low, rloo.trainer.epsilon_high = bounds
    check(rloo, changed(RULES["rloo"], epsilon=bounds[0], epsilon_high=bounds[1]), 0.0, record_property)


def test_on_policy_the_metrics_of_the_update_are_those_of_trl(grpo: Pair) -> None:
    trainer, rule = grpo.trainer, RULES["grpo_clipped"]
    trainer.loss_type, trainer.beta, trainer.importance_sampling_level = "grpo", 0.04, "token"
    trainer.epsilon_low, trainer.epsilon_high = rule.epsilon, rule.epsilon_high
    own = make_rollouts(grpo.model, PROMPTS, COMPLETIONS, REWARDS, TEMPERATURE, LONGEST)
    # Without old log-probabilities TRL takes its own, as it does where there is one update per sampling.
    loss, _ = grpo.theirs(rule, old_per_token_logps=None)
    model = copy.deepcopy(grpo.model)
    optimizer = torch.optim.SGD(model.parameters())
    record = update(model, grpo.reference, optimizer, own, rule, TEMPERATURE, 0.04, 1.0).record()
    metrics = trainer._metrics["train"]
    assert record["loss"] == pytest.approx(loss, rel=1e-5)
    assert record["kl"] == pytest.approx(metrics["kl"][-1], rel=1e-5)
    assert describe(own)["entropy"] == pytest.approx(metrics["entropy"][-1], rel=1e-5)
    assert [record[name] for name in CLIP_RATIOS] == [metrics[name][-1] for name in CLIP_RATIOS] == [0.0] * 5


def generated_rollouts(output: dict[str, Tensor], rewards: list[float]) -> Rollouts:
    """What TRL generated, as rollouts of ours."""
    ids, mask = output["completion_ids"], output["completion_mask"]
    lengths = mask.sum(dim=1)
    finished = ids.gather(1, (lengths - 1).unsqueeze(1)).squeeze(1) == TOKENIZER.token_to_id("<|endoftext|>")
    tokens = torch.zeros(len(ids), LONGEST, dtype=torch.long)
    tokens[:, : ids.shape[1]] = ids * mask
    nothing = torch.zeros(tokens.shape)
    grades = [PASSED if reward else FAILED for reward in rewards]
    problems = [make_problem(number) for number in range(len(ids) // GROUP)]
    completions = [str(row) for row in tokens.tolist()]
    return Rollouts(problems, PROMPTS, Sampled(tokens, lengths, finished, nothing, nothing), completions, grades)


@pytest.mark.parametrize(
    ("kind", "options", "name"),
    [
        ("GRPO", {"scale_rewards": "group"}, "grpo"),
        ("GRPO", {"scale_rewards": "none"}, "dr_grpo"),
        ("RLOO", {}, "rloo"),
    ],
)
def test_advantages_and_metrics_of_what_trl_generates(kind: str, options: Any, name: str, tmp_path: Path) -> None:
    model = make_model(seed=6, vocabulary=280, spread=0.05)
    with torch.no_grad():
        model.output_weight[TOKENIZER.token_to_id("<|endoftext|>")] *= -8  # likely enough to end some, not all
    rewards = [1.0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 1, 0]  # one group without variance
    trainer = build_trainer(kind, model, tmp_path, lambda **_columns: rewards, **options)
    inputs = [{"prompt": prompt} for prompt in ("def f", "return", "x + 1") for _ in range(GROUP)]
    output = trainer._generate_and_score_completions(inputs)
    rollouts, metrics = generated_rollouts(output, rewards), trainer._metrics["train"]
    assert 0 < rollouts.sampled.finished.sum() < len(rewards)
    own = advantages(RULES[name], rollouts.rewards).flatten()
    torch.testing.assert_close(own, output["advantages"], atol=1e-6, rtol=1e-6)
    record = describe(rollouts)
    shared = [metric for metric in metrics if metric.startswith("completions/")] + ["frac_reward_zero_std"]
    assert len(shared) == 8
    for metric in shared:
        assert record[metric] == pytest.approx(metrics[metric][-1], rel=1e-6), metric
    assert record["CodeGrader/pass_rate/mean"] == pytest.approx(metrics["reward"][-1])


def test_reinforce_is_trls_policy_gradient_with_raw_rewards_summed_over_tokens(grpo: Pair) -> None:
    """At ratio one the gradient of ratio x reward is that of log-probability x reward."""
    trainer = grpo.trainer
    trainer.loss_type, trainer.beta, trainer.importance_sampling_level = "luspo", 0.0, "token"
    trainer.epsilon_low = trainer.epsilon_high = 0.2
    _, theirs = grpo.theirs(REINFORCE, old_per_token_logps=None)
    model = copy.deepcopy(grpo.model)
    update(model, grpo.reference, torch.optim.SGD(model.parameters()), grpo.rollouts, REINFORCE, TEMPERATURE, 0.0, 1e9)
    ours = [parameter.grad for parameter in model.parameters()]
    assert worst_difference(ours, theirs) < TOLERANCES[grpo.dtype]
