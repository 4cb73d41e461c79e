"""Tensors in safetensors files; what the disk refuses is an ``OSError``, as of every other file."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

_REFUSED = re.compile(r"\(os error (\d+)\)")


def write_tensors(path: Path, tensors: dict[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Write the file; raises OSError with the system's number and ``path`` where it cannot be written."""
    try:
        save_file(tensors, path, metadata=dict(metadata))
    except SafetensorError as error:
        if (refused := _REFUSED.search(str(error))) is None:
            raise
        number = int(refused[1])
        raise OSError(number, os.strerror(number), str(path)) from None
