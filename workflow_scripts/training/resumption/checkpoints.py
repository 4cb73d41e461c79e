"""Checkpoints as Hugging Face folders: weights of a campaign beside the configuration and tokenizer of its start."""

import shutil
from pathlib import Path

from torch import Tensor

from workflow_scripts.core.digests import seal
from workflow_scripts.core.files import atomic_directory
from workflow_scripts.training.resumption.tensor_files import write_tensors


def write_checkpoint(folder: Path, weights: dict[str, Tensor], source: Path) -> None:
    """A Hugging Face folder with ``weights``, and configuration, tokenizer and chat template as in ``source``."""
    with atomic_directory(folder) as partial:
        for file in source.iterdir():
            if file.suffix in (".json", ".jinja") and not file.name.endswith(".index.json"):
                shutil.copyfile(file, partial / file.name)
        write_tensors(partial / "model.safetensors", weights, {"format": "pt"})
        seal(partial)
