"""The state of a campaign at a step boundary, on disk: what a killed campaign goes on from (one safetensors file)."""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor

from workflow_scripts.core.files import atomic_path
from workflow_scripts.training.resumption.tensor_files import digest_of, write_tensors

_PARTS = ("weights", "optimizer", "peak")


@dataclass(frozen=True)
class BoundaryState:
    """All that the steps after ``step`` depend on, or that a campaign hands over at its end.

    ``weights``, ``optimizer`` and ``peak`` are named tensors; ``records`` are JSON values. Random numbers need no
    state: each draw has a seed of its own, derived from the step and the problem.
    """

    step: int
    weights: dict[str, Tensor]
    optimizer: dict[str, Tensor]
    peak: dict[str, Tensor]
    records: dict[str, Any] = field(default_factory=dict)


def write_state(path: Path, state: BoundaryState, fingerprint: str) -> None:
    """Replace the state on disk, whole or not at all; ``fingerprint`` stands for what the campaign is made from."""
    tensors = {f"{part}/{name}": tensor for part in _PARTS for name, tensor in getattr(state, part).items()}
    content = {"step": state.step, "fingerprint": fingerprint, "records": state.records}
    text = json.dumps(content, allow_nan=False)
    with atomic_path(path) as partial:
        write_tensors(partial, tensors, {"state": text, "sha256": digest_of(tensors, text)})


def read_state(path: Path, fingerprint: str) -> BoundaryState | None:
    """The state on disk; None where there is none that is whole and of this campaign as it is now.

    Why one that is there is not used is said on standard error. From the first step the campaign comes to the same end.
    """
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata()
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if digest_of(tensors, metadata["state"]) != metadata["sha256"]:
            raise ValueError("its SHA-256 is not that of what was written")
        content = json.loads(metadata["state"])
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        print(f"{path}: not readable ({error}); the campaign starts at its first step", file=sys.stderr)
        return None
    if content["fingerprint"] != fingerprint:
        print(f"{path}: of other code, settings or inputs; the campaign starts at its first step", file=sys.stderr)
        return None
    parts: dict[str, dict[str, Tensor]] = {part: {} for part in _PARTS}
    for name, tensor in tensors.items():
        part, _, rest = name.partition("/")
        parts[part][rest] = tensor
    return BoundaryState(content["step"], **parts, records=content["records"])
