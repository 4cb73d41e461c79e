"""A small ``coverage.json`` for tables: made-up shares of two populations at three numbers of seeds."""

from typing import Any

from workflow_scripts.statistics.intervals import EXACT, EXACT_BCA, STUDENT

SHARES = {EXACT: (0.70, 0.80), STUDENT: (0.90, 0.96), EXACT_BCA: (0.72, 0.82)}


def make_coverage(sizes: tuple[int, ...] = (2, 3, 5)) -> dict[str, Any]:
    populations = {name: {"about": name, "mean": 0.0, "standard_deviation": 1.0} for name in ("normal", "skewed")}
    return {
        "schema_version": 1,
        "level": 0.95,
        "samples": 1000,
        "seed": 1,
        "max_atoms": 10**6,
        "resamples": 10_000,
        "unit": "seed",
        "populations": populations,
        "methods": [
            {"population": population, "n": n, "method": method, "coverage": share + n / 1000}
            | {"standard_error": 0.0126, "undefined": 0.0, "mean_width": 1.5}
            for n in sizes
            for method, shares in SHARES.items()
            for population, share in zip(populations, shares, strict=True)
        ],
    }
