"""Two printed results from the shipped traces, by other code: json, fractions and itertools, none of the project's."""

import csv
import itertools
import json
import statistics
import tarfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2] / "paper/reference"
Traces = dict[tuple[str, int, int], dict[str, Any]]  # by owner, seed and campaign


@pytest.fixture(scope="module")
def archive() -> dict[str, Traces]:
    """The traces of the chains that are needed, by the chain's name."""
    found: dict[str, Traces] = {}
    with tarfile.open(ROOT / "archive.tar.xz") as opened:
        for member in opened:
            parts = Path(member.name).parts
            if parts[-1] != "trace.json" or not parts[3].startswith("7B-reinforce-py-20"):
                continue
            file = opened.extractfile(member)
            assert file is not None
            _, _, _, chain, owner, seed, campaign, _ = parts
            found.setdefault(chain, {})[owner, int(seed[1:]), int(campaign[1:])] = json.load(file)
    return found


def printed(table: str, **conditions: str) -> dict[str, str]:
    with (ROOT / f"tables/{table}.csv").open(newline="") as file:
        found = [row for row in csv.DictReader(file) if all(row[key] == value for key, value in conditions.items())]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("other", ["A0", "YOKED", "MATCHED"])
def test_what_care_delivers_beside_naive_chaining_and_its_dose(archive: dict[str, Traces], other: str) -> None:
    """The carried checkpoint is what campaign 10 measures before it trains; every sign of every difference is tried."""
    (traces,) = (traces for traces in archive.values() if ("YOKED", 101, 10) in traces)
    carried = {
        owner: [traces[owner, seed, 10]["probe"][0]["pass@1"] for seed in range(101, 111)] for owner in ("A3", other)
    }
    differences = [care - against for care, against in zip(carried["A3"], carried[other], strict=True)]
    row = printed("carried", of=f"A3-{other}", measure="carried")
    assert float(row["mean"]) == pytest.approx(statistics.mean(differences))
    sums = [abs(sum(s * d for s, d in zip(signs, differences, strict=True))) for signs in _signs(len(differences))]
    at_least = sum(total >= abs(sum(differences)) - 1e-9 for total in sums)
    assert float(row["sign_flip_p"]) == pytest.approx(at_least / len(sums))


def _signs(n: int) -> list[tuple[int, ...]]:
    return list(itertools.product((1, -1), repeat=n))


@pytest.mark.parametrize("owner", ["A0", "A3", "NULL"])
def test_how_much_of_the_gap_steps_in_any_order_have(archive: dict[str, Traces], owner: str) -> None:
    """In any order a campaign's last step is any of its steps, so that the mean gap is the maximum less the mean."""
    traces = archive["7B-reinforce-py-20"]
    by_seed: dict[str, list[float]] = {"observed": [], "permuted": [], "excess": []}
    for seed in sorted({seed for _, seed, _ in traces}):
        gaps, permuted = [], []
        for campaign in range(2, 11):
            rates = [step["CodeGrader/pass_rate/mean"] for step in traces[owner, seed, campaign]["steps"]]
            gaps.append(max(rates) - rates[-1])
            permuted.append(max(rates) - statistics.mean(rates))
        by_seed["observed"].append(statistics.mean(gaps))
        by_seed["permuted"].append(statistics.mean(permuted))
        by_seed["excess"].append(statistics.mean(gaps) - statistics.mean(permuted))
    for measure, values in by_seed.items():
        row = printed("measurement", part="gaps of steps", controller=owner, measure=measure)
        assert float(row["mean"]) == pytest.approx(statistics.mean(values))
        assert int(row["n"]) == len(values) == 5
    share = printed("measurement", part="gaps of steps", controller=owner, measure="share_of_permuted")
    expected = statistics.mean(by_seed["permuted"]) / statistics.mean(by_seed["observed"])
    assert float(share["mean"]) == pytest.approx(expected)
