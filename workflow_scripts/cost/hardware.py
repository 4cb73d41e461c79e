"""Peak rates of accelerators, for floors under measured times; from the makers' data sheets, dense bfloat16."""

from dataclasses import dataclass

from workflow_scripts.core.errors import UserError


@dataclass(frozen=True)
class Accelerator:
    """One device: operations per second, bytes per second of its memory and of its links in one direction, bytes."""

    name: str
    flops: float
    memory_bandwidth: float
    link_bandwidth: float
    memory: float

    def floor_seconds(self, flops: float, memory_bytes: float) -> float:
        """The least time for this work (Williams et al., 2009, "Roofline"): by arithmetic or by memory."""
        return max(flops / self.flops, memory_bytes / self.memory_bandwidth)


ACCELERATORS = (
    Accelerator("GB200", 2.5e15, 8.0e12, 900e9, 186e9),
    Accelerator("B200", 2.25e15, 8.0e12, 900e9, 180e9),
    Accelerator("H200", 989e12, 4.8e12, 450e9, 141e9),
    Accelerator("H100", 989e12, 3.35e12, 450e9, 80e9),
    Accelerator("A100", 312e12, 2.04e12, 300e9, 80e9),
    Accelerator("L40S", 362e12, 0.864e12, 32e9, 48e9),
)


def accelerator(name: str) -> Accelerator:
    """The device whose name occurs in ``name``, such as "NVIDIA H200"; an unknown one is a ``UserError``."""
    for known in ACCELERATORS:
        if known.name.lower() in name.lower():
            return known
    names = ", ".join(known.name for known in ACCELERATORS)
    raise UserError(f"accelerator {name!r}: no peak rates are known; known: {names}")
