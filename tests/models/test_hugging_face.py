"""A policy over transformers computes what our own decoder computes, for every family that has a role here."""

import copy
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import (
    AutoModelForCausalLM,
    Gemma3ForConditionalGeneration,
    GraniteConfig,
    PretrainedConfig,
)

from tests.models.tiny_models import make_model
from tests.models.tiny_policies import (
    CONFIGURATIONS,
    ENDS,
    HEADS,
    SIZES,
    gemma3_config,
    qwen2_config,
    random_ids,
    save_with_images,
    spread,
)
from tests.training.synthetic_rollouts import make_rollouts
from workflow_scripts.core.errors import UserError
from workflow_scripts.models.hugging_face import HuggingFacePolicy, build_policy, load_policy, save_policy, text_config
from workflow_scripts.models.qwen2 import Qwen2LM, load_model
from workflow_scripts.training.update.distinct_rows import completion_log_probabilities, merge_equal_rows

torch.set_num_threads(1)

PROMPTS = [[5, 6, 7], [8, 9]]
COMPLETIONS = [[1, 2, 0], [1, 2, 0], [3, 0], [4, 4, 4, 4, 4], [1, 2, 0], [1, 2], [6, 0], [6, 0]]


@pytest.fixture
def qwen2_pair(tmp_path: Path) -> tuple[Qwen2LM, HuggingFacePolicy]:
    """The same weights as our own decoder and as a policy over transformers."""
    save_policy(tmp_path / "model", spread(build_policy(qwen2_config())))
    return load_model(tmp_path / "model"), load_policy(tmp_path / "model")


def weighted_loss(model: torch.nn.Module) -> torch.Tensor:
    """A loss over all completions' tokens, through the code that an update runs."""
    rollouts = make_rollouts(make_model(), PROMPTS, COMPLETIONS, [1, 0, 1, 1, 0, 0, 1, 1], 0.7)
    rows = merge_equal_rows(rollouts, rollouts.rewards)
    log_probabilities, mask = completion_log_probabilities(model, rows, 0.7)
    weights = torch.randn(mask.shape, generator=torch.Generator().manual_seed(2))
    return (log_probabilities * mask * weights).sum()


def test_log_probabilities_and_gradients_equal_our_own_decoders(qwen2_pair: tuple) -> None:
    ours, theirs = qwen2_pair
    losses = [weighted_loss(model) for model in (ours, theirs)]
    torch.testing.assert_close(losses[1], losses[0], atol=1e-5, rtol=1e-5)
    for loss in losses:
        loss.backward()
    gradients = {name.removeprefix("network."): p.grad for name, p in theirs.named_parameters()}
    assert gradients.keys() == dict(ours.named_parameters()).keys()
    for name, parameter in ours.named_parameters():
        torch.testing.assert_close(gradients[name], parameter.grad, atol=1e-5, rtol=1e-5, msg=name)
        assert parameter.grad.abs().sum() > 0, name


def test_weights_carry_the_names_of_our_own_decoder(qwen2_pair: tuple) -> None:
    ours, theirs = qwen2_pair
    assert list(theirs.state_dict()) == list(ours.state_dict())
    assert theirs.output_weight is theirs.network.get_input_embeddings().weight
    with torch.no_grad():
        for weight in ours.state_dict().values():
            weight.mul_(0.5)
    theirs.load_state_dict(ours.state_dict())
    torch.testing.assert_close(theirs(random_ids(2, 6)), ours(random_ids(2, 6)), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_logits_are_those_of_transformers(name: str) -> None:
    policy = spread(build_policy(CONFIGURATIONS[name]))
    ids = random_ids(3, 11)
    torch.testing.assert_close(policy(ids), policy.network(input_ids=ids).logits, atol=1e-6, rtol=1e-6)
    bound = getattr(CONFIGURATIONS[name], "final_logit_softcapping", None)
    assert bound is None or policy(ids).abs().max() <= bound


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_padding_on_the_right_changes_nothing(name: str) -> None:
    policy = spread(build_policy(CONFIGURATIONS[name]))
    ids = random_ids(2, 7)
    # Zeros are what an update pads with, and some configurations call token 0 their padding.
    for padding in (random_ids(2, 9, seed=3), torch.zeros(2, 9, dtype=torch.long)):
        padded = torch.cat((ids, padding), dim=1)
        torch.testing.assert_close(policy(padded)[:, :7], policy(ids), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_saved_policy_is_one_that_transformers_loads(name: str, tmp_path: Path) -> None:
    policy = spread(build_policy(CONFIGURATIONS[name]))
    ids = random_ids(3, 11)
    save_policy(tmp_path / "model", policy)
    theirs = AutoModelForCausalLM.from_pretrained(tmp_path / "model")
    assert torch.equal(theirs(input_ids=ids).logits, policy(ids))
    assert torch.equal(load_policy(tmp_path / "model")(ids), policy(ids))
    copied = {key: 2 * value for key, value in policy.state_dict().items()}
    save_policy(tmp_path / "other", policy, copied)
    other = load_policy(tmp_path / "other").state_dict()
    assert other.keys() == copied.keys()
    assert all(torch.equal(value, copied[key]) for key, value in other.items())
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_gradient_checkpointing_changes_no_gradient(name: str) -> None:
    plain = spread(build_policy(CONFIGURATIONS[name]))
    checkpointed = build_policy(CONFIGURATIONS[name], gradient_checkpointing=True)
    checkpointed.load_state_dict(plain.state_dict())
    calls = []
    layer = checkpointed.decoder.layers[0].mlp
    layer.register_forward_pre_hook(lambda *_: calls.append(1))
    for policy in (plain, checkpointed):
        weighted_loss(policy).backward()
    assert len(calls) == 2, "a checkpointed layer runs again in the backward pass"
    for ours, theirs in zip(plain.parameters(), checkpointed.parameters(), strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad, atol=1e-6, rtol=1e-6)


def test_a_copy_is_independent() -> None:
    policy = spread(build_policy(gemma3_config()))
    reference = copy.deepcopy(policy)
    before = policy(random_ids(1, 5))
    with torch.no_grad():
        policy.output_weight.mul_(2)
    assert torch.equal(reference(random_ids(1, 5)), before)
    assert reference.state_dict().keys() == policy.state_dict().keys()


@pytest.mark.parametrize("layout", ["as published", "as in memory"])
def test_of_a_model_with_images_the_decoder_is_loaded(tmp_path: Path, layout: str) -> None:
    whole = Gemma3ForConditionalGeneration.from_pretrained(save_with_images(tmp_path))
    path = tmp_path / "model.safetensors"
    assert "language_model.model.layers.0.mlp.up_proj.weight" in load_file(path), "as in google/gemma-3-4b-it"
    if layout == "as in memory":
        save_file({name: value.clone() for name, value in whole.state_dict().items() if name != "lm_head.weight"}, path)
        assert "model.language_model.layers.0.mlp.up_proj.weight" in load_file(path)
    policy = load_policy(tmp_path)
    ids = random_ids(2, 9)
    assert type(policy.network).__name__ == "Gemma3ForCausalLM"
    assert not any("vision" in name for name in policy.state_dict())
    torch.testing.assert_close(policy(ids), whole(input_ids=ids).logits, atol=1e-5, rtol=1e-5)
    save_policy(tmp_path / "text", policy)
    assert torch.equal(load_policy(tmp_path / "text")(ids), policy(ids))


def test_logits_that_are_scaled_otherwise_are_refused(tmp_path: Path) -> None:
    config = GraniteConfig(**SIZES, **HEADS, **ENDS, logits_scaling=4.0)
    spread(build_policy(config)).network.save_pretrained(tmp_path)
    with pytest.raises(UserError, match="GraniteForCausalLM: its logits differ by up to"):
        load_policy(tmp_path)


def test_what_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=f"^{tmp_path}/nothing: no model that can be loaded"):
        load_policy(tmp_path / "nothing")
    save_policy(tmp_path / "model", build_policy(qwen2_config()))
    with pytest.raises(UserError, match="dtype: 'float8' is unknown; known: float32, bfloat16"):
        load_policy(tmp_path / "model", dtype="float8")
    missing = dict(build_policy(qwen2_config()).state_dict())
    del missing["model.norm.weight"]
    save_policy(tmp_path / "part", build_policy(qwen2_config()), missing)
    with pytest.raises(UserError, match=r"part: 1 weights are missing or of another shape, the first: model\.norm"):
        load_policy(tmp_path / "part")
    qwen2_config(attention_dropout=0.1).save_pretrained(tmp_path / "dropout")
    with pytest.raises(UserError, match=r"attention_dropout: 0\.1 is not 0"):
        text_config(tmp_path / "dropout")


def test_half_precision_weights_give_logits_in_single_precision(tmp_path: Path) -> None:
    save_policy(tmp_path / "model", spread(build_policy(qwen2_config())))
    policy = load_policy(tmp_path / "model", dtype="bfloat16")
    assert policy.output_weight.dtype is torch.bfloat16
    assert policy(random_ids(1, 4)).dtype is torch.float32
    assert isinstance(policy.config, PretrainedConfig)
