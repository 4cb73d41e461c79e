"""Which jobs are alike, so that what was recorded of some is an estimate for the others."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from workflow_scripts.audit.snakemake_jobs import Job

TRAINING = "train"
# Wildcards that decide how much work a job is; seeds, controllers and campaigns do not.
_DECISIVE = ("model", "role", "source", "domain", "split", "file", "wave")


@dataclass(frozen=True)
class JobClass:
    """``family``: the rule, or ``train`` for all that train; ``parts``: by what else jobs differ, the weightiest first.

    ``steps``: of one campaign, of which its time is made up; 0 where there are none.
    """

    family: str
    parts: tuple[str, ...] = ()
    steps: int = 0

    def __str__(self) -> str:
        steps = (f"{self.steps} steps",) if self.steps else ()
        return " ".join((self.family, *self.parts, *steps))

    def likeness(self, other: "JobClass") -> int:
        """Of two classes of one family: how many parts they share before the first in which they differ."""
        alike = [one == another for one, another in zip(self.parts, other.parts, strict=False)]
        return alike.index(False) if False in alike else len(alike)


def class_of(rule: str, wildcards: Mapping[str, str]) -> JobClass:
    """A campaign's model role, domain, update rule and steps are in its chain's name; a checkpoint's role too."""
    if rule.startswith("train_"):
        role, update_rule, domain, steps = wildcards["chain"].split("-")[:4]
        return JobClass(TRAINING, (role, domain, update_rule), int(steps))
    parts = tuple(wildcards[name] for name in _DECISIVE if name in wildcards)
    if "checkpoint" in wildcards:
        owner, _, rest = wildcards["checkpoint"].partition("/")
        parts = ((rest if owner == "base" else owner).partition("-")[0], *parts)
    return JobClass(rule, parts)


def classes_by_path(jobs: Iterable[Job], benchmarks: Path) -> dict[str, JobClass]:
    """The class of every benchmark file below ``benchmarks`` that one of these jobs' rules wrote, for any target."""
    patterns = {job.template: (_expression(job.template), job.rule) for job in jobs if job.template}
    found = {}
    for path in map(str, benchmarks.rglob("*.tsv")):
        for expression, rule in patterns.values():
            if match := expression.fullmatch(path):
                found[path] = class_of(rule, match.groupdict())
                break
    return found


def _expression(template: str) -> re.Pattern[str]:
    """A rule's file with wildcards, ``{name}`` or ``{name,constraint}``, as a regular expression with named groups."""
    expression, end, known = "", 0, set()
    for wildcard in re.finditer(r"\{(\w+)(?:,((?:[^{}]|\{\d+(?:,\d*)?\})+))?\}", template):
        name, constraint = wildcard[1], wildcard[2] or "[^/.]+"
        expression += re.escape(template[end : wildcard.start()])
        expression += f"(?P={name})" if name in known else f"(?P<{name}>{constraint})"
        known.add(name)
        end = wildcard.end()
    return re.compile(expression + re.escape(template[end:]))
