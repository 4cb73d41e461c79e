"""Pre-training: the loss of a batch, the order of batches, and a folder that transformers loads."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from tests.makers.scripts import run_script
from tests.models.tiny_models import make_model, make_tokenizer
from workflow_scripts.core import cli
from workflow_scripts.core.digests import DIGESTS, sealed_digests
from workflow_scripts.core.files import write_jsonl
from workflow_scripts.models.hugging_face import load_policy
from workflow_scripts.models.pretrain_model import Example, Schedule, batches, completion_loss, encode, main
from workflow_scripts.models.qwen2 import load_model
from workflow_scripts.models.tokenization import load_tokenizer

torch.set_num_threads(1)

ROWS = [
    {
        "prompt": f"def f{number}(x):\n",
        "completion": f"    return x * {number}{' + x' * (number % 7)}\n",
        "composition": ["scale"],
        "corrupted": number % 5 != 0,
    }
    for number in range(60)
]


def naive_loss(model, batch: list[Example]) -> torch.Tensor:
    losses = []
    for example in batch:
        logits = model(torch.tensor([example.tokens]))[0]
        for place in range(example.prompt_length, len(example.tokens)):
            losses.append(F.cross_entropy(logits[place - 1], torch.tensor(example.tokens[place])))
    return torch.stack(losses).mean()


def test_the_loss_of_a_batch_is_the_mean_over_its_completions_tokens() -> None:
    batch = [Example([3, 4, 5, 6, 7, 0], 2), Example([8, 0], 1), Example([1, 2, 3, 0], 3)]
    model = make_model()
    loss = completion_loss(model, batch)
    loss.backward()
    gradients = [parameter.grad.clone() for parameter in model.parameters()]
    model.zero_grad()
    expected = naive_loss(model, batch)
    expected.backward()
    torch.testing.assert_close(loss, expected)
    for gradient, parameter in zip(gradients, model.parameters(), strict=True):
        torch.testing.assert_close(gradient, parameter.grad, atol=1e-6, rtol=1e-4)


def test_every_pair_ends_in_the_end_of_text() -> None:
    tokenizer = make_tokenizer()
    for example, row in zip(encode(tokenizer, ROWS), ROWS, strict=True):
        assert example.tokens[-1] == 0
        assert tokenizer.decode(example.tokens[: example.prompt_length]) == row["prompt"]
        assert tokenizer.decode(example.tokens[example.prompt_length : -1]) == row["completion"]


def test_batches_cover_every_pair_equally_often() -> None:
    examples = [Example([1] * (5 + number), 1) for number in range(30)]
    schedule = Schedule(steps=12, batch_size=5, learning_rate=1.0, warmup_steps=0, weight_decay=0.0)
    made = batches(examples, schedule, seed=3)
    assert [len(batch) for batch in made] == [5] * 12
    counts = [sum(example in batch for batch in made for _ in range(batch.count(example))) for example in examples]
    assert counts == [2] * 30
    assert made == batches(examples, schedule, seed=3)
    assert made != batches(examples, schedule, seed=4)


def test_the_learning_rate_warms_up_and_decays_to_a_tenth() -> None:
    schedule = Schedule(steps=110, batch_size=1, learning_rate=2.0, warmup_steps=10, weight_decay=0.0)
    rates = [schedule.rate(step) for step in range(110)]
    assert rates[0] == pytest.approx(0.2)
    assert rates[9] == rates[10] == pytest.approx(2.0)
    assert rates[60] == pytest.approx(1.1)
    assert schedule.rate(110) == pytest.approx(0.2)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    constant = Schedule(steps=1, batch_size=1, learning_rate=2.0, warmup_steps=0, weight_decay=0.0)
    assert constant.rate(0) == 2.0


MODULE = "workflow_scripts.models.pretrain_model"


def options_of(corpus: Path, output: Path, *more: str) -> list[str]:
    sizes = "--family qwen2 --vocabulary-size 290 --hidden-size 16 --intermediate-size 24 --layers 2"
    heads = "--attention-heads 4 --key-value-heads 2 --seed 1"
    training = "--steps 3 --batch-size 8 --learning-rate 1e-2 --warmup-steps 1 --weight-decay 0.01"
    files = ["--corpus", str(corpus), "--output", str(output)]
    return [*files, *sizes.split(), *heads.split(), *training.split(), *more]


def pretrain(corpus: Path, output: Path, *more: str) -> subprocess.CompletedProcess[str]:
    environment = {"OMP_NUM_THREADS": "1", "PYTHONHASHSEED": output.name[-1]}
    return run_script(MODULE, *options_of(corpus, output, *more), **environment)


def test_a_model_is_made_twice_to_the_byte_and_loads_in_transformers(tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast

    write_jsonl(tmp_path / "corpus.jsonl", ROWS, schema="corpus_row")
    for name, threads in (("run1", "1"), ("run2", "2")):
        done = pretrain(tmp_path / "corpus.jsonl", tmp_path / name, "--threads", threads)
        assert done.returncode == 0, done.stderr
        assert "step 3/3: loss" in done.stderr
    files = {path.name: path.read_bytes() for path in (tmp_path / "run1").iterdir()}
    assert files == {path.name: path.read_bytes() for path in (tmp_path / "run2").iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= files.keys()
    assert (sealed_digests(tmp_path / "run1") or {}).keys() == files.keys() - {DIGESTS}

    theirs, ours = AutoModelForCausalLM.from_pretrained(tmp_path / "run1"), load_model(tmp_path / "run1")
    text = "def f7(x):\n    return [v*2 for v in x]  # it's 42\r\n\n"
    ids = load_tokenizer(tmp_path / "run1").encode(text).ids
    # AutoTokenizer builds Qwen2's split for model_type qwen2, whatever tokenizer.json says: both must give our tokens.
    for published in (PreTrainedTokenizerFast, AutoTokenizer):
        tokenizer = published.from_pretrained(tmp_path / "run1")
        assert tokenizer(text).input_ids == ids
        assert tokenizer.eos_token_id == 0
    torch.testing.assert_close(ours(torch.tensor([ids])), theirs(torch.tensor([ids])).logits, atol=1e-5, rtol=1e-5)
    assert theirs.config.eos_token_id == 0
    assert not list(tmp_path.glob(".*"))


GEMMA3 = ["--family", "gemma3", "--sliding-window", "6", "--layers-per-global", "2"]


def test_a_gemma3_model_is_made_to_its_shape_and_loads_with_its_tokenizer(tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    write_jsonl(tmp_path / "corpus.jsonl", ROWS, schema="corpus_row")
    done = pretrain(tmp_path / "corpus.jsonl", tmp_path / "run1", *GEMMA3)
    assert done.returncode == 0, done.stderr
    losses = [float(line.split("loss ")[1].split(",")[0]) for line in done.stderr.splitlines() if "loss" in line]
    assert losses[0] < 5.6, "below that of the uniform distribution"
    theirs, ours = AutoModelForCausalLM.from_pretrained(tmp_path / "run1"), load_policy(tmp_path / "run1")
    assert type(theirs).__name__ == "Gemma3ForCausalLM"
    assert theirs.config.layer_types == ["sliding_attention", "full_attention"]
    assert (theirs.config.sliding_window, theirs.config.head_dim, theirs.config.eos_token_id) == (6, 4, 0)
    text = "def f7(x):\n    return [v*2 for v in x]  # it's 42\r\n\n"
    ids = load_tokenizer(tmp_path / "run1").encode(text).ids
    assert AutoTokenizer.from_pretrained(tmp_path / "run1")(text).input_ids == ids
    assert torch.equal(ours(torch.tensor([ids])), theirs(torch.tensor([ids])).logits)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([*GEMMA3, "--sliding-window", "0"], "--sliding-window: 0 is not at least 1"),
        (["--family", "gemma3", "--sliding-window", "6"], "--layers-per-global: is for --family gemma3"),
        (["--sliding-window", "6"], "--sliding-window: is for --family gemma3, which needs it, and for no other"),
        (["--attention-heads", "3"], "--attention-heads: 3 "),
        (["--key-value-heads", "3"], "--key-value-heads: 3 "),
        (["--steps", "0"], "--steps: 0 "),
    ],
)
def test_sizes_that_do_not_fit_end_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], words: str
) -> None:
    write_jsonl(tmp_path / "corpus.jsonl", ROWS, schema="corpus_row")
    monkeypatch.setattr(sys, "argv", [MODULE, *options_of(tmp_path / "corpus.jsonl", tmp_path / "run1", *options)])
    with pytest.raises(SystemExit) as caught:
        cli.run(main)
    assert str(caught.value.code).startswith(f"error: {words}")
    assert "\n" not in str(caught.value.code)
    assert [path.name for path in tmp_path.iterdir()] == ["corpus.jsonl"]


def test_an_empty_corpus_ends_in_one_line(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "corpus.jsonl", [])
    done = pretrain(tmp_path / "corpus.jsonl", tmp_path / "run1")
    assert (done.returncode, done.stderr) == (1, f"error: {tmp_path}/corpus.jsonl: no rows\n")
