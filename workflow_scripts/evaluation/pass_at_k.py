"""Unbiased pass@k from n samples of a problem of which c passed (Chen et al. 2021, arXiv:2107.03374)."""

from collections.abc import Sequence


def pass_at_k(n: int, c: int, k: int) -> float:
    """The chance that of k of the n samples, drawn without replacement, at least one is among the c that passed.

    1 - C(n-c, k) / C(n, k), as a product of c factors, each in [0, 1], so that nothing overflows or cancels. Raises
    ``ValueError`` unless 0 <= c <= n and 1 <= k <= n.
    """
    if not 0 <= c <= n:
        raise ValueError(f"c: {c} is not between 0 and n = {n}")
    if not 1 <= k <= n:
        raise ValueError(f"k: {k} is not between 1 and n = {n}")
    none_passed = 1.0
    for drawn_from in range(n - c + 1, n + 1):
        none_passed *= max(drawn_from - k, 0) / drawn_from
    return 1.0 - none_passed


def mean_pass_at_k(counts: Sequence[tuple[int, int]], k: int) -> float:
    """Mean over problems, given as (n, c) each; every problem weighs the same. Raises ``ValueError`` for no problem."""
    if not counts:
        raise ValueError("pass@k of no problem")
    return sum(pass_at_k(n, c, k) for n, c in counts) / len(counts)
