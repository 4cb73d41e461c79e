"""paper/headline.yaml: the paper's claims that two conditions of ours can speak to, each with the test of it."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, TypeAdapter, ValidationError

from workflow_scripts.core.sections import Section, Text, explain, optional, setting
from workflow_scripts.core.yaml_files import read_yaml


class SeedTest(Section):
    """Two controllers of waves, over their seeds."""

    kind: Literal["seeds"]
    ours: list[Text] = setting("wave and controller", min_length=2, max_length=2)
    against: list[Text] = setting("the same", min_length=2, max_length=2)
    metric: Text = setting("of a wave's statistics")
    paired: bool = setting("whether the two share their first campaigns, seed by seed")
    expected: Literal["above", "equal"]
    printed: float = optional("the paper's difference, in the unit")
    unit: Literal["points", "campaigns"] = "points"


class LadderTest(Section):
    """The graded reward at the testbed's rate."""

    kind: Literal["ladder"]
    expected: Literal["rises and falls"]


Test = Annotated[SeedTest | LadderTest, Field(discriminator="kind")]


class _Claim(Section):
    contribution: Text
    claim: Text
    published: Text = setting("what the paper has")
    source: Text = setting("where")


class CheckedClaim(_Claim):
    """A claim that two conditions of ours speak to."""

    test: Test


class UncheckedClaim(_Claim):
    """A claim that nothing here speaks to, and why."""

    not_testable: Text


def _form(given: object) -> str:
    return "tested" if isinstance(given, dict) and "test" in given else "untested"


Claim = Annotated[
    Annotated[CheckedClaim, Tag("tested")] | Annotated[UncheckedClaim, Tag("untested")], Discriminator(_form)
]


def read_claims(path: Path) -> list[CheckedClaim | UncheckedClaim]:
    """Raises ``UserError`` that names the file, key and value."""
    try:
        return TypeAdapter(list[Claim]).validate_python(read_yaml(path))
    except ValidationError as error:
        raise explain(error, str(path)) from None


def waves_of(claims: list[CheckedClaim | UncheckedClaim]) -> list[str]:
    """The waves whose statistics the tests read, each once."""
    tests = [claim.test for claim in claims if isinstance(claim, CheckedClaim)]
    named = [side[0] for test in tests if isinstance(test, SeedTest) for side in (test.ours, test.against)]
    return list(dict.fromkeys(named))
