"""A testbed in one of its domains: the languages that chains train in (section 5.5)."""

from collections.abc import Mapping
from typing import Any

# What a testbed declares is in this domain; its key ``domains`` says what others have in its place.
FIRST = "py"


def in_domain(testbed: Mapping[str, Any], domain: str) -> dict[str, Any]:
    """A declared testbed as ``domain`` has it.

    Each split that the domain declares takes the place of the testbed's, and each key of training. Models are the same.
    """
    if domain == FIRST:
        return dict(testbed)
    own, problems = testbed["domains"][domain], dict(testbed["problems"])
    problems["splits"] = {**problems["splits"], **own.get("splits", {})}
    training = {**testbed["training"], **own.get("training", {})}
    return {**testbed, "problems": problems, "training": training}


def qualified(role: str, domain: str) -> str:
    """The name of a role in a domain: ``7B``, ``7B-cpp``."""
    return role if domain == FIRST else f"{role}-{domain}"


def role_and_domain(name: str) -> tuple[str, str]:
    """The inverse of ``qualified``."""
    role, _, domain = name.partition("-")
    return role, domain or FIRST
