"""What the repository's reference results say of themselves."""

from typing import TypedDict


class Manifest(TypedDict):
    """``commit``: of the code that made it; ``built``: the SHA-256 of each table and figure."""

    schema_version: int
    testbed: str
    commit: str
    targets: list[str]
    campaigns: int
    machines: list[dict[str, str]]
    built: dict[str, str]
