"""The state of a sharded campaign at a step boundary: a folder that any number of processes can go on from.

Each process writes its own parts (torch.distributed.checkpoint); reading deals them out anew over the processes that
there are. ``resume`` holds the same for one process, in one file.
"""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from errno import EIO
from pathlib import Path
from typing import Any

import torch
import torch.distributed.checkpoint as dcp
from torch import Tensor
from torch.distributed.checkpoint.api import CheckpointException

from workflow_scripts.core.digests import DIGESTS, seal, sealed_digests
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import atomic_directory, sha256_file
from workflow_scripts.training.resumption.resume import BoundaryState
from workflow_scripts.training.sharded.data_parallel import DataParallel

PARTS = ("weights", "optimizer", "peak")
RECORDS = "records.json"


def tensors_of(state: BoundaryState) -> dict[str, Tensor]:
    return {f"{part}/{name}": tensor for part in PARTS for name, tensor in getattr(state, part).items()}


def write_sharded_state(folder: Path, state: BoundaryState, fingerprint: str, processes: DataParallel) -> None:
    """Replace the state on disk, whole or not at all; called by every process with its own parts.

    The processes share the file system. A failure in one of them is an ``OSError`` in all, and leaves what was there.
    """
    failure: OSError | None = None
    if processes.is_first:
        content = {"step": state.step, "fingerprint": fingerprint, "records": state.records}
        failure = write_as_first(folder, json.dumps(content, allow_nan=False), tensors_of(state), processes)
    elif (partial := processes.from_first(None)) is not None and write_parts(partial, tensors_of(state)) is None:
        digests_over(Path(partial), processes)
    # The folder has its name, or never gets it, before anybody goes on.
    if (failure := processes.from_first(failure)) is not None:
        raise failure


def write_as_first(folder: Path, records: str, tensors: dict[str, Tensor], processes: DataParallel) -> OSError | None:
    """Make the folder that all processes write to, and give it its name at the end; what stood in the way, if any."""
    told = False
    try:
        with atomic_directory(folder) as partial:
            (partial / RECORDS).write_text(records, encoding="utf-8")
            processes.from_first(str(partial))
            told = True
            if (failure := write_parts(str(partial), tensors)) is not None:
                raise failure
            seal(partial, digests_over(partial, processes))
    except OSError as error:
        if not told:
            processes.from_first(None)
        return error
    return None


def write_parts(folder: str, tensors: dict[str, Tensor]) -> OSError | None:
    """Write this process's parts; a failure of any process comes back in each."""
    try:
        dcp.save(tensors, checkpoint_id=folder)
    except CheckpointException as error:
        rank, (cause, _) = next(iter(error.failures.items()))
        if isinstance(cause, OSError):
            return cause
        return OSError(EIO, f"process {rank} could not write its part: {cause}", folder)
    return None


def digests_over(folder: Path, processes: DataParallel) -> dict[str, str]:
    """The digest of each file of the folder, in every process; each of them reads its share."""
    names = [name for name in os.listdir(folder) if name != DIGESTS] if processes.is_first else None
    mine = [(name, sha256_file(folder / name)) for name in processes.share(processes.from_first(names))]
    return dict(processes.unite(mine))


def read_sharded_state(
    folder: Path, fingerprint: str, like: BoundaryState, processes: DataParallel
) -> BoundaryState | None:
    """The state on disk in the shape and on the devices of ``like``, this process's own parts of it.

    None where there is none that is whole and of this campaign as it is now, which is said on standard error. The
    number of processes that wrote it does not matter.
    """
    content, digests = processes.from_first(read_records(folder, fingerprint) if processes.is_first else None)
    if content is None:
        return None
    tensors = {name: torch.empty_like(tensor) for name, tensor in tensors_of(like).items()}
    try:
        if digests_over(folder, processes) != digests:
            raise ValueError("the SHA-256 of a file in it is not that of what was written")
        dcp.load(tensors, checkpoint_id=str(folder))
    except (CheckpointException, ValueError) as error:
        if processes.is_first:
            print(f"{folder}: not readable ({error}); the campaign starts at its first step", file=sys.stderr)
        return None
    return replace(like, step=content["step"], records=content["records"], **divided(tensors))


def divided(tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    parts: dict[str, dict[str, Tensor]] = {part: {} for part in PARTS}
    for key, tensor in tensors.items():
        part, _, name = key.partition("/")
        parts[part][name] = tensor
    return parts


def read_records(folder: Path, fingerprint: str) -> tuple[dict[str, Any] | None, dict[str, str]]:
    """The records of a state of this campaign, None where there are none, and the digests of all of its files."""
    path = folder / RECORDS
    if not path.exists():
        return None, {}
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        written_by, digests = content["fingerprint"], sealed_digests(folder)
        if digests is None:
            raise ValueError(f"it has no {DIGESTS}")
    except (ValueError, TypeError, KeyError, RecursionError, UserError) as error:
        print(f"{path}: not readable ({error}); the campaign starts at its first step", file=sys.stderr)
        return None, {}
    if written_by != fingerprint:
        print(f"{path}: of other code, settings or inputs; the campaign starts at its first step", file=sys.stderr)
        return None, {}
    return content, digests
