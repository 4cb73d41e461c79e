"""A finding of the audit, and how a recomputed number is held against the printed one."""

import math
from typing import Literal

from workflow_scripts.core.contracts.experiments import Finding

Verdict = Literal["consistent", "rounding", "inconsistent", "cannot be checked"]


def finding(check: str, source: str, published: str, recomputed: str, verdict: Verdict, how: str) -> Finding:
    """One row of the audit; ``how`` says in a sentence how the second number follows from what is printed."""
    return {
        "check": check,
        "source": source,
        "published": published,
        "recomputed": recomputed,
        "verdict": verdict,
        "how": how,
    }


def decimals(value: float) -> int:
    """Decimals that a number was printed with; a trailing zero is not known any more."""
    return len(f"{value:.10g}".partition(".")[2])


def half_unit(value: float) -> float:
    """Half a unit of the last printed decimal: how far the number behind a printed one can be from it."""
    return 0.5 * 10.0 ** -decimals(value)


def held_against(published: float, recomputed: float, slack: float = 0.0) -> Verdict:
    """``consistent``: equal as printed; ``rounding``: within ``slack`` and the printing's own half unit."""
    if math.isclose(round(recomputed, decimals(published)), published, abs_tol=1e-9):
        return "consistent"
    if abs(published - recomputed) <= slack + half_unit(published) + 1e-9:
        return "rounding"
    return "inconsistent"


def number(value: float, digits: int = 2) -> str:
    """E.g. "11.0"."""
    return f"{value:.{digits}f}"
