"""The deployed transfer gate of CARE v2: reuse, pilot or reject by the last campaign's end / peak (paper, section 5.4).

The paper gives the threshold's range but not where a moderate collapse becomes a severe one: that is the setting
``severe_collapse_ratio``.
"""


def gate(ratio: float | None, threshold: float, severe_collapse_ratio: float) -> str:
    """``reuse``, ``pilot`` or ``reject`` for end / peak in [0, 1]; a ratio of None (the peak was 0) is no collapse."""
    if ratio is None or ratio >= threshold:
        return "reuse"
    return "reject" if ratio < severe_collapse_ratio else "pilot"
