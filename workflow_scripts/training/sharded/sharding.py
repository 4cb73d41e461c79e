"""Fully sharded policies (FSDP2): every process holds a part of each weight, gradient and optimizer moment.

Zhao et al. (2023), arXiv:2304.11277; the second version shards each parameter on its own, as a DTensor. Weights,
gradients and moments are in single precision, a layer computes in bfloat16 on a copy that exists while it runs.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.fsdp import FSDPModule, MixedPrecisionPolicy, fully_shard, register_fsdp_forward_method
from torch.distributed.tensor import DTensor, distribute_tensor

from workflow_scripts.core.errors import UserError
from workflow_scripts.models.hugging_face import (
    HuggingFacePolicy,
    build_policy,
    load_policy,
    text_config,
    torch_dtype,
)
from workflow_scripts.training.sharded.data_parallel import DataParallel


def shard(policy: HuggingFacePolicy, processes: DataParallel, compute_dtype: str) -> None:
    """Shard ``policy`` in place: each decoder layer is one unit, embedding, last norm and output projection another.

    Gradients arrive as the sum over processes. Weights on the meta device stay there until they are loaded.
    """
    compute = torch_dtype(compute_dtype)
    precision = MixedPrecisionPolicy()
    if compute is not torch.float32:
        precision = MixedPrecisionPolicy(param_dtype=compute, reduce_dtype=torch.float32)
    for layer in decoder_layers(policy):
        fully_shard(layer, mesh=processes.mesh, mp_policy=precision)
    fully_shard(policy, mesh=processes.mesh, mp_policy=precision)
    for method in ("hidden", "logits"):
        register_fsdp_forward_method(policy, method)
    for module in policy.modules():
        if isinstance(module, FSDPModule):
            # Each process's loss is a part of a sum; and Gloo has no mean.
            module.set_gradient_divide_factor(1.0)
            module.set_force_sum_reduction_for_comms(True)


def decoder_layers(policy: HuggingFacePolicy) -> Sequence[nn.Module]:
    layers = getattr(policy.decoder, "layers", None)
    if not isinstance(layers, nn.ModuleList):
        name = type(policy.network).__name__
        raise UserError(f"{name}: no list of decoder layers under the name 'layers': this architecture is not sharded")
    return list(layers)


def load_sharded(
    source: Path | str,
    processes: DataParallel,
    revision: str | None = None,
    compute_dtype: str = "bfloat16",
    weight_dtype: str = "float32",
    gradient_checkpointing: bool = True,
) -> HuggingFacePolicy:
    """The policy in a Hugging Face folder (or under a name on the hub), sharded over all processes.

    The first process alone reads the weights, into its host memory, and deals them out tensor by tensor. A policy that
    is never trained, such as the reference of a KL term, may hold its weights in ``bfloat16``.
    """
    full: HuggingFacePolicy | None = None
    failure = None
    if processes.is_first:
        try:
            full = load_policy(source, revision, weight_dtype)
        except UserError as error:
            failure = str(error)
    if (message := processes.from_first(failure)) is not None:
        raise UserError(message)
    with torch.device("meta"):
        policy = build_policy(text_config(source, revision), weight_dtype, gradient_checkpointing)
    shard(policy, processes, compute_dtype)
    policy.to_empty(device=processes.device)
    policy.network.tie_weights()
    deal_out(full, policy, processes)
    return policy


@torch.no_grad()
def deal_out(full: HuggingFacePolicy | None, policy: HuggingFacePolicy, processes: DataParallel) -> None:
    """Give every process its part of the first one's ``full`` weights, and all of the buffers (rotary frequencies)."""
    weights = {} if full is None else full.state_dict()
    for name, part in policy.state_dict().items():
        if not isinstance(part, DTensor):
            continue
        shape, dtype = part.shape, part.dtype
        whole = torch.empty(shape, dtype=dtype) if full is None else weights[name].to(dtype)
        dealt = distribute_tensor(whole.to(processes.device), processes.mesh, part.placements)
        part.to_local().copy_(dealt.to_local())
    buffers = {} if full is None else dict(full.named_buffers())
    for name, buffer in policy.named_buffers():
        if full is not None:
            buffer.copy_(buffers[name])
        dist.broadcast(buffer, group=processes.mesh.get_group(), group_src=0)


def free_between_steps(policy: HuggingFacePolicy) -> None:
    """Give back the whole weights that a forward pass without a backward pass leaves in memory."""
    for module in policy.modules():
        if isinstance(module, FSDPModule):
            module.reshard()


def local_part(tensor: Tensor) -> Tensor:
    return tensor.to_local() if isinstance(tensor, DTensor) else tensor


def host_copy(policy: HuggingFacePolicy) -> dict[str, Tensor]:
    """A copy of this process's part of the weights, in host memory; DTensors still, which ``gather`` puts together."""
    return {name: tensor.detach().to("cpu", copy=True) for name, tensor in policy.state_dict().items()}


class WholeWeights(Mapping[str, Tensor]):
    """The weights of a sharded policy, each put together on the devices when it is asked for, as ``dtype``.

    Asking is collective: every process asks for the same names in the same order.
    """

    def __init__(self, policy: HuggingFacePolicy, dtype: torch.dtype) -> None:
        self._parts, self._dtype = policy.state_dict(), dtype

    def __getitem__(self, name: str) -> Tensor:
        part = self._parts[name].detach().to(self._dtype)
        return part.full_tensor() if isinstance(part, DTensor) else part

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)


def gather(weights: Mapping[str, Tensor], processes: DataParallel) -> dict[str, Tensor]:
    """Full tensors in the first process's host memory, from ``state_dict`` or ``host_copy``; empty elsewhere.

    One tensor at a time is whole on the device. For checkpoints in Hugging Face format and for samplers.
    """
    gathered = {}
    for name, tensor in weights.items():
        whole = tensor.detach()
        if isinstance(whole, DTensor):
            whole = cast(DTensor, whole.to(processes.device)).full_tensor()
        if processes.is_first:
            gathered[name] = whole.to("cpu", copy=True)
    return gathered


def global_norm(tensors: Sequence[Tensor], processes: DataParallel) -> Tensor:
    """The Euclidean norm over all tensors together, sharded ones with the parts that other processes hold."""
    squares = torch.zeros((), dtype=torch.float64, device=processes.device)
    for tensor in tensors:
        part = torch.linalg.vector_norm(local_part(tensor)).double().square()
        squares += part if isinstance(tensor, DTensor) else part / processes.size
    return processes.total(squares).sqrt()


@torch.no_grad()
def clip(gradients: Sequence[Tensor], norm: float, max_norm: float) -> None:
    """Scale the gradients, whose global norm is ``norm``, down to ``max_norm`` where they exceed it."""
    if norm > max_norm:
        torch._foreach_mul_([local_part(gradient) for gradient in gradients], max_norm / norm)
