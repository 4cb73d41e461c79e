"""Pre-train a tiny Qwen2 or Gemma-3 base model from scratch on problem/solution pairs, most of them corrupted.

The corrupted share leaves the base model at a middling pass@1, as an instruct model is on competitive programming, so
that reinforcement learning has something to raise (paper section 5.1, base models). The number of steps is fixed; a
time limit would make the model depend on the machine.
"""

import argparse
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor

from workflow_scripts.core.cli import run
from workflow_scripts.core.digests import seal
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import atomic_directory, read_jsonl
from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.models.hugging_face import HuggingFacePolicy, build_policy, write_policy
from workflow_scripts.models.qwen2 import Qwen2LM, load_model
from workflow_scripts.models.tokenization import END_OF_TEXT, end_of_text, train_tokenizer

if TYPE_CHECKING:
    from transformers import PretrainedConfig

FAMILIES = ("qwen2", "gemma3")


@dataclass(frozen=True)
class Example:
    """One pair as tokens: prompt, completion and end of text; the loss covers the tokens after the prompt."""

    tokens: list[int]
    prompt_length: int


@dataclass(frozen=True)
class Schedule:
    """Fixed number of AdamW steps with linear warm-up and cosine decay to a tenth."""

    steps: int
    batch_size: int
    learning_rate: float
    warmup_steps: int
    weight_decay: float

    def rate(self, step: int) -> float:
        """Learning rate of ``step`` (0-based)."""
        if step < self.warmup_steps:
            return self.learning_rate * (step + 1) / self.warmup_steps
        progress = (step - self.warmup_steps) / max(1, self.steps - self.warmup_steps)
        return self.learning_rate * (0.1 + 0.45 * (1 + math.cos(math.pi * progress)))


def encode(tokenizer: Tokenizer, rows: Sequence[dict[str, str]]) -> list[Example]:
    """Prompt and completion are encoded apart, as they are when the model is sampled."""
    end = end_of_text(tokenizer)
    prompts = tokenizer.encode_batch([row["prompt"] for row in rows])
    completions = tokenizer.encode_batch([row["completion"] for row in rows])
    return [
        Example([*prompt.ids, *completion.ids, end], len(prompt.ids))
        for prompt, completion in zip(prompts, completions, strict=True)
    ]


def batches(examples: Sequence[Example], schedule: Schedule, seed: int) -> list[list[Example]]:
    """Batches of similar length from shuffled epochs, ``schedule.steps`` in all, in shuffled order."""
    generator = torch.Generator().manual_seed(seed)
    wanted = schedule.steps * schedule.batch_size
    chosen: list[int] = []
    while len(chosen) < wanted:
        chosen += torch.randperm(len(examples), generator=generator).tolist()
    chosen = chosen[:wanted]
    window = schedule.batch_size * 32  # sorting within a window keeps padding small and batches mixed
    groups = []
    for start in range(0, wanted, window):
        part = sorted(chosen[start : start + window], key=lambda index: len(examples[index].tokens))
        split = [part[i : i + schedule.batch_size] for i in range(0, len(part), schedule.batch_size)]
        groups += [split[i] for i in torch.randperm(len(split), generator=generator).tolist()]
    return [[examples[index] for index in group] for group in groups]


def completion_loss(model: Qwen2LM | HuggingFacePolicy, batch: Sequence[Example]) -> Tensor:
    """Mean cross-entropy over the completion tokens of a batch (end of text included)."""
    width = max(len(example.tokens) for example in batch)
    ids = torch.zeros(len(batch), width, dtype=torch.long)
    predicts = torch.zeros(len(batch), width, dtype=torch.bool)
    for row, example in enumerate(batch):
        length = len(example.tokens)
        ids[row, :length] = torch.tensor(example.tokens)
        predicts[row, example.prompt_length - 1 : length - 1] = True
    hidden = model.hidden(ids[:, :-1])[predicts[:, :-1]]
    return F.cross_entropy(model.logits(hidden), ids[:, 1:][predicts[:, :-1]])


def pretrain(model: Qwen2LM | HuggingFacePolicy, examples: Sequence[Example], schedule: Schedule, seed: int) -> None:
    """Train ``model`` in place; one line of progress every 50 steps on standard error."""
    optimizer = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.98), weight_decay=schedule.weight_decay)
    began, total = time.monotonic(), 0.0
    for step, batch in enumerate(batches(examples, schedule, seed)):
        for group in optimizer.param_groups:
            group["lr"] = schedule.rate(step)
        loss = completion_loss(model, batch)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0, error_if_nonfinite=True)
        optimizer.step()
        total += loss.item()
        if (step + 1) % 50 == 0 or step + 1 == schedule.steps:
            seconds = time.monotonic() - began
            print(
                f"step {step + 1}/{schedule.steps}: loss {total / ((step % 50) + 1):.3f}, {seconds:.0f} s",
                file=sys.stderr,
                flush=True,
            )
            total = 0.0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="JSON Lines of prompt, completion, corrupted")
    parser.add_argument("--family", choices=FAMILIES, required=True, help="architecture")
    parser.add_argument("--vocabulary-size", type=int, required=True)
    parser.add_argument("--hidden-size", type=int, required=True)
    parser.add_argument("--intermediate-size", type=int, required=True)
    parser.add_argument("--layers", type=int, required=True)
    parser.add_argument("--attention-heads", type=int, required=True)
    parser.add_argument("--key-value-heads", type=int, required=True)
    parser.add_argument("--sliding-window", type=int, help="gemma3: how many tokens a local layer attends to")
    parser.add_argument("--layers-per-global", type=int, help="gemma3: every so-many-th layer attends to all tokens")
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--batch-size", type=int, required=True)
    parser.add_argument("--learning-rate", type=float, required=True)
    parser.add_argument("--warmup-steps", type=int, required=True)
    parser.add_argument("--weight-decay", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--threads", type=int, default=1, help="processor threads; they do not change the weights")
    parser.add_argument("--output", type=Path, required=True, help="folder in Hugging Face format")
    return parser.parse_args()


def check_sizes(arguments: argparse.Namespace) -> None:
    """A ``UserError`` where the sizes make no model or no training."""
    hidden, heads, key_heads = arguments.hidden_size, arguments.attention_heads, arguments.key_value_heads
    if hidden % (2 * heads):
        raise UserError(f"--attention-heads: {heads} heads of an even size do not make up --hidden-size {hidden}")
    if heads % key_heads:
        raise UserError(f"--key-value-heads: {key_heads} does not divide --attention-heads {heads}")
    local = ("sliding_window", "layers_per_global")
    for name in local:
        if (getattr(arguments, name) is None) != (arguments.family == "qwen2"):
            raise UserError(f"--{name.replace('_', '-')}: is for --family gemma3, which needs it, and for no other")
    for name in ("steps", "batch_size", *(local if arguments.family == "gemma3" else ())):
        if getattr(arguments, name) < 1:
            raise UserError(f"--{name.replace('_', '-')}: {getattr(arguments, name)} is not at least 1")


def make_configuration(arguments: argparse.Namespace, vocabulary_size: int, end: int) -> "PretrainedConfig":
    """The architecture as transformers describes it; embeddings are tied and ``end`` is the only special token."""
    from transformers import Gemma3TextConfig, Qwen2Config

    shared = {
        "vocab_size": vocabulary_size,
        "hidden_size": arguments.hidden_size,
        "intermediate_size": arguments.intermediate_size,
        "num_hidden_layers": arguments.layers,
        "num_attention_heads": arguments.attention_heads,
        "num_key_value_heads": arguments.key_value_heads,
        "max_position_embeddings": 1024,
        "tie_word_embeddings": True,
        "bos_token_id": end,
        "eos_token_id": end,
        "pad_token_id": end,
    }
    if arguments.family == "qwen2":
        return Qwen2Config(**shared)
    head_dim, period = arguments.hidden_size // arguments.attention_heads, arguments.layers_per_global
    return Gemma3TextConfig(
        **shared,
        head_dim=head_dim,
        query_pre_attn_scalar=head_dim,
        sliding_window=arguments.sliding_window,
        layer_types=[
            "sliding_attention" if (layer + 1) % period else "full_attention" for layer in range(arguments.layers)
        ],
    )


def train_from_scratch(
    folder: Path, config: "PretrainedConfig", examples: Sequence[Example], schedule: Schedule, seed: int
) -> None:
    """Write the trained model to ``folder``; of Qwen2 our own decoder is trained, which takes half the time."""
    torch.manual_seed(derive_seed("initialisation", seed) % 2**32)
    policy = build_policy(config)
    longest = max(len(example.tokens) for example in examples)
    parameters = sum(parameter.numel() for parameter in policy.parameters())
    print(f"{parameters} parameters, {len(examples)} pairs, longest {longest} tokens", file=sys.stderr)
    model: Qwen2LM | HuggingFacePolicy = policy
    if config.model_type == "qwen2":
        write_policy(folder, policy)
        model = load_model(folder)
    pretrain(model, examples, schedule, derive_seed("batches", seed))
    policy.load_state_dict(model.state_dict())
    write_policy(folder, policy)


def main() -> None:
    arguments = parse_arguments()
    check_sizes(arguments)
    torch.set_num_threads(arguments.threads)
    rows = read_jsonl(arguments.corpus, schema="corpus_row")
    if not rows:
        raise UserError(f"{arguments.corpus}: no rows")
    # The architecture and the file format are transformers'; imported late, since --help should not wait for it.
    from transformers import PreTrainedTokenizerFast

    texts = (row["prompt"] + row["completion"] for row in rows)
    tokenizer = train_tokenizer(texts, arguments.vocabulary_size)
    examples = encode(tokenizer, rows)
    config = make_configuration(arguments, tokenizer.get_vocab_size(), end_of_text(tokenizer))
    schedule = Schedule(
        arguments.steps,
        arguments.batch_size,
        arguments.learning_rate,
        arguments.warmup_steps,
        arguments.weight_decay,
    )
    with atomic_directory(arguments.output) as folder:
        train_from_scratch(folder, config, examples, schedule, arguments.seed)
        PreTrainedTokenizerFast(
            tokenizer_object=tokenizer, bos_token=END_OF_TEXT, eos_token=END_OF_TEXT, pad_token=END_OF_TEXT
        ).save_pretrained(folder)
        seal(folder)


if __name__ == "__main__":
    run(main)
