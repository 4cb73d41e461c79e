"""The plain decoder computes what transformers computes, with a cache or without."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from tests.models.tiny_models import make_model, make_shape
from tests.models.tiny_policies import random_ids
from workflow_scripts.core.errors import UserError
from workflow_scripts.models.qwen2 import FAMILIES, KeyValueCache, Qwen2LM, load_model, read_shape

torch.set_num_threads(1)

HEADS = [(4, 4), (4, 2), (4, 1), (6, 3)]


@pytest.fixture(scope="module")
def transformers_folder(tmp_path_factory: pytest.TempPathFactory):
    """A folder saved by transformers, with random weights; biases and norms are random too."""
    from transformers import AutoConfig, AutoModelForCausalLM

    def save(family: str, heads: int, key_heads: int, **changes: object) -> tuple[Path, torch.nn.Module]:
        torch.manual_seed(heads * 10 + key_heads)
        config = AutoConfig.for_model(
            family,
            vocab_size=37,
            hidden_size=8 * heads,
            intermediate_size=24,
            num_hidden_layers=2,
            num_attention_heads=heads,
            num_key_value_heads=key_heads,
            **(
                {"tie_word_embeddings": True, "rope_parameters": {"rope_theta": 5000.0, "rope_type": "default"}}
                | changes
            ),
        )
        model = AutoModelForCausalLM.from_config(config).float().eval()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(0.2 * torch.randn(parameter.shape))
        folder = tmp_path_factory.mktemp(family)
        model.save_pretrained(folder)
        return folder, model

    return save


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(("heads", "key_heads"), HEADS)
def test_logits_and_gradients_equal_those_of_transformers(
    transformers_folder, heads: int, key_heads: int, family: str
) -> None:
    folder, theirs = transformers_folder(family, heads, key_heads)
    ours = load_model(folder)
    ids = random_ids(3, 11)
    for model in (ours, theirs):
        model.zero_grad()
    logits, expected = ours(ids), theirs(input_ids=ids).logits
    torch.testing.assert_close(logits, expected, atol=1e-5, rtol=1e-5)
    weights = torch.randn(logits.shape, generator=torch.Generator().manual_seed(2))
    (logits.log_softmax(-1) * weights).sum().backward()
    (expected.log_softmax(-1) * weights).sum().backward()
    expected_gradients = {name: parameter.grad for name, parameter in theirs.named_parameters()}
    gradients = {name: parameter.grad for name, parameter in ours.named_parameters()}
    assert gradients.keys() == expected_gradients.keys()
    for name, gradient in gradients.items():
        torch.testing.assert_close(gradient, expected_gradients[name], atol=1e-4, rtol=1e-4, msg=name)
        assert gradient.abs().sum() > 0, name


def test_padding_on_the_right_changes_nothing() -> None:
    model, ids = make_model(), random_ids(2, 6)
    padded = torch.cat((ids, random_ids(2, 9, seed=3)), dim=1)
    torch.testing.assert_close(model(padded)[:, :6], model(ids), atol=1e-6, rtol=1e-5)


def test_a_cache_takes_over_rows_and_copies_them() -> None:
    given = KeyValueCache(torch.arange(1, 2 * 3 * 2 * 4 * 5 + 1.0).view(2, 3, 2, 4, 5), torch.ones(2, 3, 2, 4, 5))
    cache = KeyValueCache(torch.zeros(2, 6, 2, 7, 5), torch.zeros(2, 6, 2, 7, 5))
    cache.put([2, 0, 1], given)
    cache.copy([1, 2], [4, 0], 3)
    cache.copy([], [], 3)
    for x, kept in ((cache.keys, given.keys), (cache.values, given.values)):
        assert torch.equal(x[:, [2, 1], :, :4], kept[:, [0, 2]])
        assert torch.equal(x[:, [4, 0], :, :3], kept[:, [2, 0], :, :3])
        assert torch.equal(x[:, 0, :, 3], kept[:, 1, :, 3])
        assert not x[:, [3, 5]].any()
        assert not x[:, :, :, 4:].any()


PROMPT, OTHER, LONGER = [5, 6, 7, 8], [9], [5, 6, 7, 8, 9, 10]


def random_rows(prompt: list[int], count: int, length: int) -> list[list[int]]:
    return [[*prompt, *row] for row in random_ids(count, length).tolist()]


@pytest.mark.parametrize(
    ("rows", "prompt_lengths"),
    [
        ([[*PROMPT, 1, 2, 0], [*OTHER, 3, 0], [*LONGER, 4, 4, 4, 4]], [4, 1, 6]),  # one row per prompt
        ([[*PROMPT, 1, 2, 3], [*PROMPT, 1, 2, 0], [*PROMPT, 0], [*PROMPT, 1, 2, 3, 0]], [4, 4, 4, 4]),  # one prompt
        ([[*PROMPT, 1, 2, 0], [*OTHER, 1, 2], [*PROMPT, 1, 3, 3, 3], [*LONGER, 1], [*OTHER, 0]], [4, 1, 4, 6, 1]),
        ([[*PROMPT, 0]], [4]),
        (random_rows(PROMPT, 9, 60) + random_rows(OTHER, 2, 5), [4] * 9 + [1] * 2),  # more than one tree holds
    ],
)
def test_shared_prefixes_give_the_states_and_gradients_of_whole_rows(rows: list, prompt_lengths: list) -> None:
    model = make_model(num_hidden_layers=3).double()
    shared = model.completion_hidden(rows, prompt_lengths)
    whole = torch.cat(
        [
            model.hidden(torch.tensor([row]))[0, length - 1 : -1]
            for row, length in zip(rows, prompt_lengths, strict=True)
        ]
    )
    # The angles of rotary positions are in single precision on both sides.
    torch.testing.assert_close(shared, whole, atol=1e-12, rtol=1e-10)
    weights = torch.randn(whole.shape, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    losses = [(model.logits(hidden).log_softmax(-1)[:, :16] * weights).sum() for hidden in (shared, whole)]
    gradients, expected = (torch.autograd.grad(loss, list(model.parameters())) for loss in losses)
    for gradient, other in zip(gradients, expected, strict=True):
        torch.testing.assert_close(gradient, other, atol=1e-10, rtol=1e-9)
        assert gradient.abs().sum() > 0


def test_the_output_projection_is_the_embedding() -> None:
    model = make_model()
    assert model.output_weight is model.model.embed_tokens.weight
    assert isinstance(model, Qwen2LM)
    assert "lm_head.weight" not in model.state_dict()


CONFIG = {
    "model_type": "qwen2",
    "tie_word_embeddings": True,
    "rope_theta": 10000.0,
    **{key: value for key, value in vars(make_shape()).items() if key != "rope_theta"},
}


def write_folder(folder: Path, config: dict, weights: dict[str, torch.Tensor]) -> Path:
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    save_file(weights, folder / "model.safetensors")
    return folder


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model_type": "gpt2"}, "model_type: 'gpt2': this loader takes 'qwen2' and 'llama' alone"),
        ({"model_type": "llama", "attention_bias": True}, "attention_bias: True: this loader takes False alone"),
        ({"mlp_bias": True}, "mlp_bias: True"),
        ({"rope_scaling": {"rope_type": "llama3"}}, "rope_scaling: {'rope_type': 'llama3'}"),
        ({"head_dim": 8}, "head_dim x num_attention_heads: 32: this loader takes 16 alone"),
        ({"tie_word_embeddings": False}, "tie_word_embeddings: False"),
        ({"hidden_act": "gelu"}, "hidden_act: 'gelu'"),
        ({"use_sliding_window": True}, "use_sliding_window: True"),
        ({"rope_parameters": {"rope_type": "yarn", "rope_theta": 1e4}}, "rope_type: 'yarn'"),
        ({"hidden_size": None}, "hidden_size: is missing"),
        ({"rope_theta": None}, "rope_theta: is missing"),
    ],
)
def test_another_kind_of_model_is_a_users_mistake(tmp_path: Path, changes: dict, words: str) -> None:
    folder = write_folder(tmp_path, CONFIG | changes, make_model().state_dict())
    with pytest.raises(UserError) as caught:
        load_model(folder)
    assert str(caught.value).startswith(f"{folder}/config.json: {words}")


def test_a_folder_in_either_rope_layout_loads(tmp_path: Path) -> None:
    model = make_model()
    write_folder(tmp_path, CONFIG, model.state_dict())
    assert read_shape(tmp_path) == make_shape()
    assert torch.equal(load_model(tmp_path)(random_ids(1, 4)), model(random_ids(1, 4)))
    nested = {key: value for key, value in CONFIG.items() if key != "rope_theta"}
    nested["rope_parameters"] = {"rope_type": "default", "rope_theta": 10000.0}
    write_folder(tmp_path, nested, model.state_dict())
    assert read_shape(tmp_path) == make_shape()


def test_weights_that_do_not_fit_are_a_users_mistake(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, CONFIG | {"hidden_size": 32}, make_model().state_dict())
    with pytest.raises(
        UserError, match=r"model\.safetensors: not the weights that config\.json describes: .*size mism"
    ):
        load_model(folder)
    (folder / "model.safetensors").write_bytes(b"cut off")
    with pytest.raises(UserError, match=r"model\.safetensors: not the weights") as caught:
        load_model(folder)
    assert "\n" not in str(caught.value)
