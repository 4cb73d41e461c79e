"""A model in one GGUF file, llama.cpp's format, as a folder in Hugging Face format.

Its weights are usually quantised. They are dequantised here, which brings nothing back that rounding to a few bits took
away: the folder holds another model than the one that was quantised, a little worse.
"""

from pathlib import Path
from typing import Any

from workflow_scripts.core.errors import UserError

MAGIC = b"GGUF"
# Ways of splitting a text, by the file's names for them, in which each digit stands alone; transformers reads none.
_SPLITS_DIGITS = ("smollm",)
_NOT_QUANTISED = ("F64", "F32", "F16", "BF16")


def is_gguf(file: Path) -> bool:
    """Whether a file begins as a GGUF file does."""
    if not file.is_file():
        return False
    with file.open("rb") as handle:
        return handle.read(len(MAGIC)) == MAGIC


def write_dequantised(file: Path, folder: Path) -> list[str]:
    """Write the model's configuration, tokenizer and weights (bfloat16); the types of the tensors that were quantised.

    Raises ``UserError`` for a file that is damaged or of an architecture that transformers does not read.
    """
    # Late, since it takes two seconds, and other models do without.
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        from gguf import GGUFReader
    except ModuleNotFoundError:
        raise UserError(f"{file}: the Python package gguf, which reads it, is missing: install envs/cpu.lock") from None
    if not is_gguf(file):
        raise UserError(f"{file}: is no GGUF file: it does not begin with {MAGIC.decode()}")
    here = {"gguf_file": file.name, "local_files_only": True}
    try:
        reader = GGUFReader(file)
        quantised = sorted({tensor.tensor_type.name for tensor in reader.tensors}.difference(_NOT_QUANTISED))
        tokenizer = AutoTokenizer.from_pretrained(file.parent, **here)
        network: Any = AutoModelForCausalLM.from_pretrained(file.parent, dtype=torch.float32, **here)
    except Exception as error:  # of every kind, depending on what is wrong with which part
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UserError(f"{file}: no model that can be loaded from this GGUF file: {reason}") from None
    _split_as_named(tokenizer, reader)
    tokenizer.save_pretrained(folder)

    described = network.config.to_dict()
    # With it nothing could be saved: transformers takes the network for a quantised one still.
    described.pop("quantization_config", None)
    weights = network.state_dict()
    embedding, projection = network.get_input_embeddings().weight, network.get_output_embeddings().weight
    described["tie_word_embeddings"] = torch.equal(embedding, projection)
    plain = AutoModelForCausalLM.from_config(type(network.config).from_dict(described), dtype=torch.bfloat16)
    plain.load_state_dict(weights)
    plain.save_pretrained(folder)
    return quantised


def _split_as_named(tokenizer: Any, reader: Any) -> None:
    from tokenizers import pre_tokenizers

    field = reader.get_field("tokenizer.ggml.pre")
    if field is not None and field.contents() in _SPLITS_DIGITS:
        steps = [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
        tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(steps)
