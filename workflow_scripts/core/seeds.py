"""Seeds by hashing, never from global state."""

import hashlib


def derive_seed(*parts: str | int) -> int:
    """A 63-bit seed from its parts, e.g. (chain, controller, seed, campaign, step, problem).

    Parts are separated, so that ("a", "bc") and ("ab", "c") differ; equal parts give equal seeds on any machine.
    """
    text = "\x1f".join(f"{type(part).__name__}:{part}" for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1
