"""What can happen to a file on a disk."""

from pathlib import Path


def flip_a_bit(path: Path) -> None:
    """Of the byte in the middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def zero_the_second_half(path: Path) -> None:
    content = path.read_bytes()
    half = len(content) // 2
    path.write_bytes(content[:half] + bytes(len(content) - half))


def cut_in_half(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


DAMAGES = {"bit": flip_a_bit, "zeros": zero_the_second_half, "cut": cut_in_half}
