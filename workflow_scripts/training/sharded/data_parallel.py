"""How the work of a step is divided between processes, and how its parts come together again.

Every process knows all rollouts of the step and computes the loss of its own share of the distinct rows. The loss is a
sum over rows with weights that are known beforehand, so the sum over processes is the loss of one process.
"""

import os
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh

from workflow_scripts.core.errors import UserError

T = TypeVar("T")


@dataclass(frozen=True)
class DataParallel:
    """The processes of one training job on a mesh of one dimension; each of its methods is called by all of them."""

    mesh: DeviceMesh

    @classmethod
    def join(cls, device: str) -> "DataParallel":
        """The processes that a launcher started (RANK, WORLD_SIZE, ...), on ``cuda`` (NCCL) or ``cpu`` (Gloo)."""
        if "RANK" not in os.environ:
            raise UserError(
                "RANK: is not in the environment: several processes are started by a launcher; "
                "see python -m workflow_scripts.training.launch --help"
            )
        if device == "cuda":
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        # Gloo beside NCCL: texts and decisions are exchanged on the processor.
        dist.init_process_group("cpu:gloo,cuda:nccl" if device == "cuda" else "gloo")
        return cls(init_device_mesh(device, (dist.get_world_size(),), mesh_dim_names=("data",)))

    @staticmethod
    def leave() -> None:
        dist.destroy_process_group()

    @property
    def rank(self) -> int:
        return self.mesh.get_local_rank()

    @property
    def size(self) -> int:
        return self.mesh.size()

    @property
    def is_first(self) -> bool:
        return self.rank == 0

    @property
    def device(self) -> torch.device:
        """This process's own device."""
        kind = self.mesh.device_type
        return torch.device(kind, torch.cuda.current_device()) if kind == "cuda" else torch.device(kind)

    def share(self, items: Sequence[T], team: int = 1) -> Sequence[T]:
        """This process's part of the items, every so-many-th; ``team`` neighbouring processes work on one part."""
        return items[self.rank // team :: self.size // team]

    def unite(self, mine: Sequence[T], team: int = 1) -> list[T]:
        """The parts of all processes in the order that ``share`` took them from; elements can be pickled."""
        parts = self.exchange(mine)[::team]
        # One of each process in turn; the parts' lengths differ by one at most.
        rounds = range(max(map(len, parts)))
        return [part[place] for place in rounds for part in parts if place < len(part)]

    def exchange(self, mine: T) -> list[T]:
        """What each process holds, in the order of their ranks; it can be pickled."""
        held: list[T] = [mine] * self.size
        dist.all_gather_object(held, mine, group=self.mesh.get_group())
        return held

    def total(self, value: Tensor) -> Tensor:
        """The sum of a tensor over all processes; ``value`` itself is left alone."""
        summed = value.detach().clone().to(self.device)
        dist.all_reduce(summed, group=self.mesh.get_group())
        return summed

    def from_first(self, value: Any) -> Any:
        """What the first process holds, in every process."""
        box = [value]
        dist.broadcast_object_list(box, group=self.mesh.get_group(), group_src=0)
        return box[0]


def split_rows(lengths: Sequence[int], processes: int, tokens_per_batch: int) -> list[list[list[int]]]:
    """For each process its batches of row indices; ``lengths``: tokens of each row.

    A batch is padded to its longest row and holds at most ``tokens_per_batch`` tokens with its padding, or one row.
    Every process gets the same number of batches, since each is a collective operation; some may be empty. Depends on
    its arguments alone, so that all processes compute the same split.
    """
    order = sorted(range(len(lengths)), key=lambda row: (-lengths[row], row))
    ordered = [lengths[row] for row in order]
    rounds = -(-len(fill(ordered, tokens_per_batch)) // processes)
    # The least size that needs no more rounds: batches of about equal work instead of full ones and a rest.
    sizes = range(1, tokens_per_batch + 1)
    size = sizes[bisect_left(sizes, True, key=lambda size: len(fill(ordered, size)) <= rounds * processes)]
    batches = fill(ordered, size)
    while len(batches) < min(rounds * processes, len(lengths)):
        divisible = max(batches, key=lambda batch: (len(batch) > 1, ordered[batch[0]] * len(batch)))
        batches.remove(divisible)
        batches += [divisible[: len(divisible) // 2], divisible[len(divisible) // 2 :]]
    batches.sort(key=lambda batch: (-ordered[batch[0]] * len(batch), batch[0]))
    batches += [[] for _ in range(rounds * processes - len(batches))]
    # In turns, forwards and backwards, so that nobody gets the longest batch of every round.
    turns = [batches[start : start + processes] for start in range(0, len(batches), processes)]
    turns = [turn if index % 2 == 0 else turn[::-1] for index, turn in enumerate(turns)]
    return [[[order[place] for place in turn[process]] for turn in turns] for process in range(processes)]


def fill(lengths: Sequence[int], tokens_per_batch: int) -> list[list[int]]:
    """Batches of neighbours in ``lengths``, which descend: each up to ``tokens_per_batch`` with its padding, or one."""
    batches: list[list[int]] = []
    for place in range(len(lengths)):
        if not batches or lengths[batches[-1][0]] * (len(batches[-1]) + 1) > tokens_per_batch:
            batches.append([])
        batches[-1].append(place)
    return batches
