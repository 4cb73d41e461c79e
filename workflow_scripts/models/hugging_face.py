"""A policy over any causal language model of ``transformers``, with the methods of our own Qwen2 decoder.

The update code asks a policy for final hidden states, for the logits of some of them and for its output projection;
``HuggingFacePolicy`` answers from a ``transformers`` network, so that one trainer serves the tiny models and the
published ones. Weights carry the names that ``save_pretrained`` writes, tied ones once.
"""

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn

from workflow_scripts.core.digests import check_seal, seal
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import atomic_directory
from workflow_scripts.models.descriptions import read_configuration

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedModel

PREFIX = "network."
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
# Published Gemma-3 folders hold a vision tower beside the decoder, and name the decoder's weights in one of two ways.
DECODER_OF_SEVERAL_INPUTS = {r"^(?:model\.)?language_model\.(?:model\.)?": "model."}


class HuggingFacePolicy(nn.Module):
    """A ``transformers`` causal language model as a policy; ``network`` is the model itself."""

    def __init__(self, network: "PreTrainedModel") -> None:
        super().__init__()
        self.network = network
        self.tied = tied_names(network)
        self.register_state_dict_post_hook(_to_published_names)
        self.register_load_state_dict_pre_hook(_from_published_names)

    @property
    def config(self) -> "PretrainedConfig":
        return self.network.config

    @property
    def device(self) -> torch.device:
        return self.output_weight.device

    @property
    def decoder(self) -> nn.Module:
        """The network without its output projection."""
        return self.network.base_model

    @property
    def output_weight(self) -> Tensor:
        """The output projection [V, hidden]; the input embedding itself where the two are tied."""
        return cast(Tensor, self.network.get_output_embeddings().weight)

    def hidden(self, ids: Tensor) -> Tensor:
        """Final hidden states [B, L, hidden] of right-padded ``ids`` [B, L].

        Attention is causal, so the padding behind a row changes nothing of it and no mask is passed: without one the
        fused attention kernels apply.
        """
        return cast(Tensor, self.decoder(input_ids=ids.to(self.device), use_cache=False).last_hidden_state)

    def completion_hidden(self, tokens: Sequence[Sequence[int]], prompt_lengths: Sequence[int]) -> Tensor:
        """Final hidden states [K, hidden] that predict the K completion tokens of these rows, row by row."""
        width = max(map(len, tokens))
        hidden = self.hidden(torch.tensor([[*row, *[0] * (width - len(row))] for row in tokens]))
        rows = enumerate(zip(tokens, prompt_lengths, strict=True))
        # The token at a place of the row is predicted from the place before it.
        places = [index * width + at for index, (row, start) in rows for at in range(start - 1, len(row) - 1)]
        return hidden.flatten(0, 1)[torch.tensor(places, device=hidden.device)]

    def logits(self, hidden: Tensor) -> Tensor:
        """Logits [..., V] in single precision of hidden states [..., hidden], soft-capped where the model caps them."""
        logits = cast(Tensor, self.network.get_output_embeddings()(hidden)).float()
        bound = getattr(self.config, "final_logit_softcapping", None)
        return logits if bound is None else torch.tanh(logits / bound) * bound

    def forward(self, ids: Tensor) -> Tensor:
        """Logits [B, L, V] of right-padded ``ids`` [B, L]."""
        return self.logits(self.hidden(ids))


def tied_names(network: nn.Module) -> dict[str, str]:
    """For each parameter name whose tensor an earlier name holds already, that earlier name."""
    first: dict[int, str] = {}
    names = ((name, first.setdefault(id(parameter), name)) for name, parameter in every_parameter(network))
    return {name: earlier for name, earlier in names if name != earlier}


def every_parameter(network: nn.Module) -> list[tuple[str, nn.Parameter]]:
    return list(network.named_parameters(remove_duplicate=False))


def _to_published_names(module: nn.Module, state: dict[str, Any], prefix: str, _metadata: object) -> None:
    """Leave the names that ``save_pretrained`` writes, and each tensor once."""
    policy = cast(HuggingFacePolicy, module)
    for name in [name for name in state if name.startswith(prefix + PREFIX)]:
        value, published = state.pop(name), name.removeprefix(prefix + PREFIX)
        if published not in policy.tied:
            state[prefix + published] = value


def _from_published_names(module: nn.Module, state: dict[str, Any], prefix: str, *_rest: object) -> None:
    policy = cast(HuggingFacePolicy, module)
    for name in [name for name in state if name.startswith(prefix)]:
        state[prefix + PREFIX + name.removeprefix(prefix)] = state.pop(name)
    for name, earlier in policy.tied.items():
        if prefix + PREFIX + earlier in state:
            state[prefix + PREFIX + name] = state[prefix + PREFIX + earlier]


def load_policy(
    source: Path | str, revision: str | None = None, dtype: str = "float32", gradient_checkpointing: bool = False
) -> HuggingFacePolicy:
    """The policy in a Hugging Face folder, or under a name and ``revision`` (a commit) on the hub, on the processor.

    Of a model with several kinds of input, such as google/gemma-3-4b-it, the text decoder alone is loaded. Raises
    ``UserError`` for a source that cannot be read, weights that are missing and logits that would come out differently.
    """
    from transformers import AutoModelForCausalLM

    check_seal(Path(source))
    config = text_config(source, revision)
    network, found = _readable(
        source,
        lambda: AutoModelForCausalLM.from_pretrained(
            source,
            revision=revision,
            config=config,
            dtype=torch_dtype(dtype),
            key_mapping=DECODER_OF_SEVERAL_INPUTS,
            output_loading_info=True,
        ),
    )
    if found["missing_keys"] or found["mismatched_keys"]:
        wrong = sorted(map(str, [*found["missing_keys"], *found["mismatched_keys"]]))
        raise UserError(f"{source}: {len(wrong)} weights are missing or of another shape, the first: {wrong[0]}")
    policy = make_policy(network, gradient_checkpointing)
    check_logits(policy, str(source))
    return policy


def build_policy(
    config: "PretrainedConfig", dtype: str = "float32", gradient_checkpointing: bool = False
) -> HuggingFacePolicy:
    """A policy of this architecture with freshly drawn weights, on PyTorch's current default device."""
    from transformers import AutoModelForCausalLM

    network = AutoModelForCausalLM.from_config(copy.deepcopy(config), dtype=torch_dtype(dtype))
    return make_policy(network, gradient_checkpointing)


def make_policy(network: "PreTrainedModel", gradient_checkpointing: bool) -> HuggingFacePolicy:
    if gradient_checkpointing:
        # The older name is that of the transformers release which vLLM asks for.
        enable = getattr(network, "activation_checkpointing_enable", None) or network.gradient_checkpointing_enable
        enable({"use_reentrant": False})
    # Layers are checkpointed in training mode alone; the models here have no dropout that it would switch on.
    return HuggingFacePolicy(network.train())


def text_config(source: Path | str, revision: str | None = None) -> "PretrainedConfig":
    """The configuration of the text decoder in a folder or under a name on the hub."""
    from transformers import AutoConfig

    if Path(source).is_dir():
        read_configuration(Path(source))
    config = _readable(source, lambda: AutoConfig.from_pretrained(source, revision=revision)).get_text_config()
    if getattr(config, "attention_dropout", 0.0):
        raise UserError(f"{source}: config.json: attention_dropout: {config.attention_dropout} is not 0")
    return cast("PretrainedConfig", config)


def torch_dtype(name: str) -> torch.dtype:
    if name not in DTYPES:
        raise UserError(f"dtype: {name!r} is unknown; known: {', '.join(DTYPES)}")
    return DTYPES[name]


def _readable(source: Path | str, read: Any) -> Any:
    try:
        return read()
    except Exception as error:  # of every kind, depending on what is wrong with which of the files
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UserError(f"{source}: no model that can be loaded from this folder or name: {reason}") from None


@torch.no_grad()
def check_logits(policy: HuggingFacePolicy, source: str) -> None:
    """A ``UserError`` where the network does more to its logits than ``HuggingFacePolicy.logits`` knows of."""
    ids = torch.arange(1, 9).unsqueeze(0)
    ours, theirs = policy(ids), policy.network(input_ids=ids, use_cache=False).logits.float()
    if not torch.allclose(ours, theirs, atol=1e-4, rtol=1e-4):
        raise UserError(
            f"{source}: {type(policy.network).__name__}: its logits differ by up to {(ours - theirs).abs().max():.3g} "
            "from output projection and soft-capping; this architecture scales them in a way that is not supported"
        )


def save_policy(folder: Path | str, policy: HuggingFacePolicy, weights: Mapping[str, Tensor] | None = None) -> None:
    """A folder that ``AutoModelForCausalLM.from_pretrained`` loads, whole or not at all, without the tokenizer.

    ``weights``: full tensors under the published names in place of the policy's own, such as a copy of the peak's.
    """
    with atomic_directory(folder) as partial:
        write_policy(partial, policy, weights)
        seal(partial)


def write_policy(folder: Path, policy: HuggingFacePolicy, weights: Mapping[str, Tensor] | None = None) -> None:
    """``save_policy`` into a folder that is being made already."""
    state = policy.state_dict() if weights is None else dict(weights)
    # Names as in memory: those of a decoder that came out of a model with images would go back to that model's.
    policy.network.save_pretrained(folder, state_dict=state, save_original_format=False)
