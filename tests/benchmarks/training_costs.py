"""Processor seconds per step of a tiny campaign beside TRL's GRPOTrainer: same model, prompts and lengths, in one run.

Either side draws 4 x 16 completions of up to 64 tokens on one thread, judges them by the same trivial rule and makes
one Adam step; the two take turns, a step each. Weights are random, so that hardly any two completions are equal and few
end early: what our trainer saves on equal and on ended rows is not counted on. Our step is a whole campaign of one
step, with its copies of the weights. Processor time, since others may use the machine.

- ``reinforce``: our tiny campaigns as they are (waves W4 and W7), beside GRPO without a KL term. About half of the rows
  have reward 0, whose gradient is 0 and is not computed; the KL against the first policy is measured, in TRL it is not.
- ``grpo``: the same rule on both sides, with a KL term, so that both need the first policy's log-probabilities.

Both for the tiny Qwen2 model and for a wider Llama (the family of SmolLM2), whose time is in the matrix products and no
longer in calls.

    python -m tests.benchmarks.training_costs
"""

import statistics
import tempfile
import time
from itertools import product
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from tokenizers import Tokenizer
from transformers import LlamaConfig, PretrainedConfig, PreTrainedTokenizerFast, PrinterCallback, TrainerCallback
from trl import GRPOConfig, GRPOTrainer

from tests.benchmarks.comparisons import Comparison
from tests.makers.campaigns import SETTINGS
from tests.makers.corpus import corpus_part
from tests.makers.settings import changed
from tests.models.tiny_models import plain_prompts
from tests.models.tiny_policies import qwen2_config
from tests.training.declared_rules import RULES
from tests.training.synthetic_rollouts import RuleGrader, make_problem
from workflow_scripts.models.hugging_face import build_policy, load_policy, save_policy
from workflow_scripts.models.qwen2 import Qwen2LM, load_model
from workflow_scripts.models.tokenization import END_OF_TEXT, train_tokenizer
from workflow_scripts.problems.build_corpus import build_part
from workflow_scripts.training.campaign import Outcome, Problems, run_campaign
from workflow_scripts.training.policies import sampler_for
from workflow_scripts.training.settings import TrainingSettings
from workflow_scripts.training.update.learner import LocalLearner

torch.set_num_threads(1)

STEPS, WARM = 11, 3
PROMPTS, GROUP, LONGEST, TEMPERATURE = 4, 16, 64, 0.7
SIZES = {"hidden_size": 96, "intermediate_size": 256, "num_hidden_layers": 3, "vocab_size": 512}
CONFIGURATIONS: dict[str, PretrainedConfig] = {
    "qwen2": qwen2_config(**SIZES),
    "llama": LlamaConfig(
        **SIZES | {"hidden_size": 384, "intermediate_size": 1024},
        num_attention_heads=6,
        num_key_value_heads=2,
        tie_word_embeddings=True,
        bos_token_id=0,
        eos_token_id=0,
        pad_token_id=0,
    ),
}
KL_COEFFICIENTS = {"reinforce": 0.0, "grpo": 0.04}


def make_settings(rule: str) -> TrainingSettings:
    return changed(
        SETTINGS,
        update_rule=RULES[rule],
        group_size=GROUP,
        prompts_per_step=PROMPTS,
        temperature=TEMPERATURE,
        max_completion_tokens=LONGEST,
        warmup_steps=0,
        probe_steps=[],
        probe_samples=1,
    )


def passes(completion: str) -> bool:
    return len(completion) % 2 == 0


class OursInTurn(TrainerCallback):
    """Times each of TRL's steps and makes one of ours after it, from the same base model."""

    def __init__(self, rule: str, folder: Path, tokenizer: Tokenizer, problems: Problems) -> None:
        self.settings, self.kl_coefficient = make_settings(rule), KL_COEFFICIENTS[rule]
        self.folder, self.tokenizer, self.problems = folder, tokenizer, problems
        self.ours: list[float] = []
        self.theirs: list[float] = []
        self.our_tokens: list[float] = []
        self.their_tokens: list[float] = []
        self.began = 0.0

    def reward(self, completions: list[str], completion_ids: list[list[int]], **_columns: Any) -> list[float]:
        """What TRL asks for the rewards of a step's completions."""
        self.their_tokens.append(statistics.mean(map(len, completion_ids)))
        return [float(passes(completion)) for completion in completions]

    def on_step_begin(self, *_arguments: Any, **_values: Any) -> None:
        self.began = time.process_time()

    def on_step_end(self, *_arguments: Any, **_values: Any) -> None:
        self.theirs.append(time.process_time() - self.began)
        model = load_model(self.folder)
        began = time.process_time()
        outcome = self.campaign(model, len(self.ours))
        self.ours.append(time.process_time() - began)
        assert outcome.status == "completed"
        assert outcome.steps[0]["grad_norm"] > 0
        self.our_tokens.append(outcome.steps[0]["completions/mean_length"])

    def campaign(self, model: Qwen2LM, seed: int) -> Outcome:
        plan = {"chain": "benchmark", "controller": "A0", "seed": seed, "campaign": 1, "max_steps": 1}
        rates = {"learning_rate": 1e-5, "kl_coefficient": self.kl_coefficient}
        learner, prompts = LocalLearner(model, self.settings), plain_prompts(self.tokenizer)
        sampler, grader = sampler_for(model), RuleGrader(passes)
        return run_campaign(plan | rates, self.settings, learner, sampler, prompts, self.problems, grader)


def make_trainer(tokenizer: Tokenizer, problems: Problems, turns: OursInTurn, folder: Path) -> GRPOTrainer:
    """TRL as it is set up for speed here: no checkpointing, no logging, no half precision."""
    config = GRPOConfig(
        output_dir=str(folder),
        per_device_train_batch_size=PROMPTS * GROUP,
        num_generations=GROUP,
        max_completion_length=LONGEST,
        temperature=TEMPERATURE,
        beta=turns.kl_coefficient,
        loss_type="grpo",
        learning_rate=1e-5,
        lr_scheduler_type="constant",
        max_grad_norm=1.0,
        max_steps=STEPS,
        gradient_checkpointing=False,
        bf16=False,
        use_cpu=True,
        optim="adamw_torch_fused",
        logging_strategy="no",
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=False,
    )
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token=END_OF_TEXT, pad_token=END_OF_TEXT, padding_side="left"
    )
    prompts = Dataset.from_list([{"prompt": problem["prompt"]} for problem in problems.pool])
    trainer = GRPOTrainer(
        load_policy(turns.folder).network, turns.reward, config, prompts, processing_class=wrapped, callbacks=[turns]
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def take_turns(rule: str, configuration: PretrainedConfig, folder: Path) -> OursInTurn:
    """Both sides' seconds per step and completion lengths."""
    pairs = build_part(corpus_part("python", 520, 0.0, "1:2,2:30,3:20"), seed=1)
    tokenizer = train_tokenizer((pair["prompt"] + pair["completion"] for pair in pairs), SIZES["vocab_size"])
    pool = [make_problem(number) | {"prompt": pair["prompt"]} for number, pair in enumerate(pairs[:100])]
    torch.manual_seed(0)
    save_policy(folder / "model", build_policy(configuration))
    problems = Problems(pool, [], "probe")
    turns = OursInTurn(rule, folder / "model", tokenizer, problems)
    make_trainer(tokenizer, problems, turns, folder / "trl").train()
    assert len(turns.ours) == len(turns.theirs) == len(turns.their_tokens) == STEPS
    return turns


def main() -> None:
    """Measure and print."""
    for family, rule in product(CONFIGURATIONS, KL_COEFFICIENTS):
        with tempfile.TemporaryDirectory() as folder:
            turns = take_turns(rule, CONFIGURATIONS[family], Path(folder))
        costs = turns.ours[WARM:], turns.theirs[WARM:]
        print(Comparison(f"a step of {rule}, {family}, processor", "TRL", *costs, "s", 0.75).line())
        ours, theirs = statistics.mean(turns.our_tokens), statistics.mean(turns.their_tokens)
        print(f"  tokens per completion: {ours:.1f} here, {theirs:.1f} in TRL", flush=True)


if __name__ == "__main__":
    main()
