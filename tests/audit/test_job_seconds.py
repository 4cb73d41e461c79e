"""How long a job takes and how that is known: from records of its class, of another, from the formula, or assumed."""

import json
from pathlib import Path

import pytest

from tests.audit.made_up_jobs import CHAIN, TEMPLATE, campaign, gpu_campaign, job
from workflow_scripts.audit.job_classes import JobClass, class_of
from workflow_scripts.audit.job_seconds import ASSUMED, duration
from workflow_scripts.audit.recorded_seconds import recorded_seconds
from workflow_scripts.cost.cost_estimate import PAPER, Assumptions, Placement, seconds
from workflow_scripts.cost.hardware import accelerator
from workflow_scripts.cost.model_shapes import SHAPES

H100 = accelerator("H100")
OWN = class_of("train_campaign", {"chain": CHAIN})


def write_benchmark(path: Path, *rows: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["s\th:m:s", *(f"{row}\t0:00:01" for row in rows)]) + "\n")


def test_what_a_class_is() -> None:
    assert JobClass("train", ("7B", "py", "reinforce"), 20) == OWN
    assert class_of("train_final_campaign", {"chain": f"{CHAIN}-ewc", "seed": "7"}) == OWN
    sampled = {"checkpoint": f"{CHAIN}/A0/s7/c10-end", "split": "cpp", "testbed": "tiny"}
    assert class_of("sample_checkpoint", sampled) == JobClass("sample_checkpoint", ("7B", "cpp"))
    base = {"checkpoint": "base/32B", "split": "main"}
    assert class_of("grade_samples", base) == JobClass("grade_samples", ("32B", "main"))
    assert str(OWN) == "train 7B py reinforce 20 steps"


def test_the_mean_of_its_own_class() -> None:
    found = duration(campaign(1), {OWN: (10.0, 14.0)}, H100)
    assert (found.seconds, found.kind, found.source) == (12.0, "measured", "measured (n=2)")


def test_another_length_is_scaled_by_steps() -> None:
    long = campaign(1, chain="7B-reinforce-py-200")
    found = duration(long, {OWN: (10.0,), JobClass("train", ("7B", "py", "reinforce"), 100): (60.0,)}, H100)
    assert (found.seconds, found.kind) == (120.0, "scaled")
    assert found.source == "scaled from train 7B py reinforce 100 steps (n=1) x 2"


def test_another_update_rule_of_the_model_is_closer_than_another_domain() -> None:
    records = {
        JobClass("train", ("7B", "py", "grpo"), 20): (10.0,),
        JobClass("train", ("7B", "cpp", "grpo"), 20): (90.0,),
    }
    assert duration(campaign(1), records, H100).seconds == 10.0


def test_another_model_says_nothing_of_a_campaign() -> None:
    found = duration(campaign(1), {JobClass("train", ("3B", "py", "reinforce"), 20): (10.0,)}, H100)
    assert (found.kind, found.seconds) == ("assumed", 20 * ASSUMED["train"])


def test_a_published_model_on_gpus_takes_what_the_formula_says() -> None:
    place = Placement(H100, 8, 1)
    expected = seconds(SHAPES["Qwen2.5-7B"], PAPER, place, Assumptions()).campaign(20)
    found = duration(gpu_campaign(1), {}, H100)
    assert (found.kind, found.seconds) == ("formula", pytest.approx(expected))
    assert duration(gpu_campaign(1), {OWN: (300.0,)}, H100).kind == "measured"


def test_records_are_found_by_their_rules_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of this chain and of others, targets or not; plans are not campaigns; what could not be measured is left out."""
    monkeypatch.chdir(tmp_path)
    folder = Path("results/tiny/benchmarks/chains")
    write_benchmark(folder / CHAIN / "A0/s7/c02.tsv", "10.0")
    write_benchmark(folder / CHAIN / "A3/s11/c03.tsv", "11.0", "13.0")
    write_benchmark(folder / "7B-grpo-py-20/A0/s7/c02.tsv", "99.0")
    write_benchmark(folder / CHAIN / "A0/s7/c02.plan.tsv", "0.1")
    write_benchmark(folder / CHAIN / "A0/s7/c04.tsv", "NA")
    found = recorded_seconds([campaign(1, template=TEMPLATE)], Path("results/tiny"))
    assert {own: sorted(values) for own, values in found.items()} == {
        OWN: [10.0, 12.0],
        class_of("train_campaign", {"chain": "7B-grpo-py-20"}): [99.0],
    }


def test_a_campaigns_own_timing_stands_in_for_a_benchmark(tmp_path: Path) -> None:
    for seed in (7, 11):
        timing = tmp_path / "chains" / CHAIN / f"A0/s{seed}/c02/timing.json"
        timing.parent.mkdir(parents=True)
        timing.write_text(json.dumps({"start": 1.0, "campaign": 5.0}))
    write_benchmark(tmp_path / "benchmarks/chains" / CHAIN / "A0/s11/c02.tsv", "9.0")
    assert recorded_seconds([campaign(1)], tmp_path) == {OWN: (6.0,)}
    assert recorded_seconds([job(1)], tmp_path) == {}
