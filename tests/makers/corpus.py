"""A part of a pre-training corpus, as a testbed declares it."""

from typing import Literal

from workflow_scripts.core.problem_models import CorpusPart


def corpus_part(
    language: Literal["python", "cpp"],
    pairs: int,
    corrupted_fraction: float,
    depths: str,
    stated_in: Literal["en", "de"] = "en",
) -> CorpusPart:
    """A checked one."""
    return CorpusPart(
        language=language, stated_in=stated_in, pairs=pairs, corrupted_fraction=corrupted_fraction, depths=depths
    )
