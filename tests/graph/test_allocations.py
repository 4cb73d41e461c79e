"""Which jobs of a chain share an allocation, and what one that starts again leaves out."""

from pathlib import Path

import pytest

from tests.graph.conftest import declared, wildcards
from workflow_scripts.graph.allocations import Allocations
from workflow_scripts.graph.evaluations import Evaluations
from workflow_scripts.graph.study import Study

CHAIN = "7B-reinforce-py-20"
FOLDERS = [f"chains/{CHAIN}/A3/s7/c{campaign:02d}" for campaign in (2, 3)]


def allocations_of(campaigns_per_job: int) -> Allocations:
    config = declared()
    config["cluster"] = config["cluster"] | {"campaigns_per_job": campaigns_per_job}
    study = Study(config)
    return Allocations(study, Evaluations(study))


def groups(allocations: Allocations, owner: str) -> list[str]:
    campaigns = ["01"] if owner == "first" else [f"{campaign:02d}" for campaign in range(2, 7)]
    return [
        allocations.group(wildcards(chain=CHAIN, owner=owner, seed="7", campaign=campaign)) for campaign in campaigns
    ]


def test_campaigns_of_a_chain_share_an_allocation() -> None:
    assert groups(allocations_of(3), "first") == [f"{CHAIN}-first-s7"]
    assert groups(allocations_of(3), "A3") == [f"{CHAIN}-A3-s7-part{part}" for part in (1, 1, 2, 2, 2)]
    assert set(groups(allocations_of(0), "A3")) == {f"{CHAIN}-A3-s7-part1"}
    assert len(set(groups(allocations_of(3), "A5"))) == 5


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Snakemake's arguments in a job for two campaigns, of which the first one is done."""
    monkeypatch.chdir(tmp_path)
    for folder in FOLDERS[:1]:
        (tmp_path / "results/tiny" / folder).mkdir(parents=True)
        (tmp_path / "results/tiny" / folder / "trace.json").touch()
        (tmp_path / "results/tiny/benchmarks" / folder).parent.mkdir(parents=True)
        (tmp_path / f"results/tiny/benchmarks/{folder}.tsv").touch()
    own = f"testbed=tiny,chain={CHAIN},owner=A3,seed=7"
    targets = [
        f"{rule}:{own},campaign={campaign:02d}" for campaign in (2, 3) for rule in ("plan_campaign", "train_campaign")
    ]
    return ["--target-jobs", *targets, "--attempt", "1", "--cores", "1"]


def test_a_first_start_makes_all_and_removes_the_records(words: list[str], tmp_path: Path) -> None:
    assert allocations_of(0).remaining(words, {}) == words
    assert not list(tmp_path.rglob("trace.json"))
    assert not list(tmp_path.rglob("*.tsv"))


def test_another_start_leaves_out_what_is_done(words: list[str], tmp_path: Path) -> None:
    for again, environment in ((words, {"SLURM_RESTART_COUNT": "1"}), (with_attempt(words, "2"), {})):
        left = allocations_of(0).remaining(again, environment)
        assert left == [again[0], *again[3:]]
    assert list(tmp_path.rglob("trace.json"))


def test_with_nothing_left_it_makes_one_plan(words: list[str]) -> None:
    done = [*words[:3], *words[5:]]
    left = allocations_of(0).remaining(with_attempt(done, "2"), {})
    assert left == [*with_attempt(done, "2")[:2], *with_attempt(done, "2")[3:]]


def with_attempt(words: list[str], attempt: str) -> list[str]:
    at = words.index("--attempt") + 1
    return [*words[:at], attempt, *words[at + 1 :]]
