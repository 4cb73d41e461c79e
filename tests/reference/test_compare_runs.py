"""An own run beside the reference: equal, within the spread of seeds or outside it."""

import copy
from pathlib import Path
from typing import Any

import pytest

from tests.makers.carried import make_chains
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import write_json
from workflow_scripts.reference.compare_runs import compare, other_machines, report

ENDS = {1: 0.2, 2: 0.3, 3: 0.4}


def traces(ends: dict[int, float | None]) -> list[dict[str, Any]]:
    """One chain of two campaigns per seed, the last of which ends so."""
    first = make_chains()[0]
    found = []
    for seed, end in ends.items():
        for campaign in (1, 2):
            trace = copy.deepcopy(first)
            trace["identity"] |= {"controller": "A0", "seed": seed, "campaign": campaign}
            trace["end"]["pass_rate"] = 0.5 if campaign == 1 else end
            found.append(trace)
    return found


def write(folder: Path, found: list[dict[str, Any]]) -> Path:
    for trace in found:
        own = trace["identity"]
        write_json(folder / f"{own['chain']}/A0/s{own['seed']}/c{own['campaign']:02d}/trace.json", trace)
    return folder


def test_equal_runs_are_one_line(tmp_path: Path) -> None:
    found = compare(write(tmp_path / "a", traces(ENDS)), write(tmp_path / "b", traces(ENDS)))
    (line,) = report(found)
    assert line.endswith("/A0: 6 of 6 campaigns equal")


def test_a_seed_is_within_the_spread_or_outside(tmp_path: Path) -> None:
    ours = write(tmp_path / "a", traces({1: 0.2, 2: 0.45, 3: 0.65}))
    head, *seeds, mean = report(compare(ours, write(tmp_path / "b", traces(ENDS))))
    assert head.endswith("/A0: 4 of 6 campaigns equal")
    spread = "two standard deviations of the reference's seeds (10.0 points each)"
    assert seeds == [
        f"  s1: last end 20.0 %, reference 20.0 %: within {spread}",
        f"  s2: last end 45.0 %, reference 30.0 %: within {spread}",
        f"  s3: last end 65.0 %, reference 40.0 %: OUTSIDE {spread}",
    ]
    assert mean == "  mean of 3 seeds: 43.3 %, reference 30.0 %"


def test_one_seed_has_no_spread_and_what_only_one_run_has_is_left_out(tmp_path: Path) -> None:
    theirs = write(tmp_path / "b", traces(ENDS))
    found = compare(write(tmp_path / "a", traces({2: 0.1})), theirs)
    assert [(one.seed, one.equal, one.campaigns, one.ours, one.theirs) for one in found] == [(2, 1, 2, 0.1, 0.3)]
    assert "one seed: no spread" in report(found)[1]
    assert compare(write(tmp_path / "c", traces({9: 0.1})), theirs) == []
    unmeasured = compare(write(tmp_path / "d", traces({2: None})), theirs)
    assert report(unmeasured)[1] == "  s2: last end not measured in both"


def test_another_machine_is_told(tmp_path: Path) -> None:
    ours = write(tmp_path / "a", traces(ENDS))
    versions = traces(ENDS)[0]["versions"]
    assert other_machines(ours, [{"torch": "another"}, versions]) == []
    assert other_machines(ours, [{"torch": "another"}]) == [f"{key} {value}" for key, value in sorted(versions.items())]
    with pytest.raises(UserError, match="has no traces; train first"):
        other_machines(tmp_path / "none", [versions])
