"""Tensors in safetensors files; what the disk refuses is an ``OSError``, as of every other file."""

import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

_REFUSED = re.compile(r"\(os error (\d+)\)")


def digest_of(tensors: Mapping[str, Tensor], text: str) -> str:
    """The SHA-256 over a text and over the name, type, shape and bytes of each tensor, all on the processor."""
    digest = hashlib.sha256(text.encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"\0{name}\0{tensor.dtype}\0{list(tensor.shape)}\0".encode())
        digest.update(tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def write_tensors(path: Path, tensors: dict[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Write the file; raises OSError with the system's number and ``path`` where it cannot be written."""
    try:
        save_file(tensors, path, metadata=dict(metadata))
    except SafetensorError as error:
        if (refused := _REFUSED.search(str(error))) is None:
            raise
        number = int(refused[1])
        raise OSError(number, os.strerror(number), str(path)) from None
