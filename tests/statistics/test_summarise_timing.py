"""What chains cost, from files whose sums can be done by hand, and Table 18 on top of it."""

import csv
import itertools
import sys
from pathlib import Path

import pytest

from tests.tables.built_tables import assert_sound_latex
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, write_json, write_text
from workflow_scripts.statistics import summarise_timing
from workflow_scripts.statistics.chain_costs import Measured, wave_costs
from workflow_scripts.tables import tab18

CHAIN = "7B-reinforce-py-20"
PUBLISHED = Path("paper/published/tab18.yaml")


def declare(controllers, seeds=(7, 11), campaigns=3):
    return {
        "about": "made up", "model": "7B", "model_name": "tiny-7B", "chain": CHAIN, "update_rule": "reinforce",
        "domain": "py", "steps": 20, "kl_schedule": "none", "campaigns": campaigns, "controllers": list(controllers),
        "seeds": list(seeds),
    }  # fmt: skip


WAVES = {"W4": declare(("A0", "A3")), "W8": declare(("ES",), (7,)), "W2b3": declare(("B3",), (7,))}


def exchange(response, failures):
    failed = [{"problem": "HTTP 503", "status": 503, "body": ""}] * failures
    return {
        "request": {
            "model": "m",
            "messages": [{"role": "user", "content": "?"}],
            "temperature": 0.0,
            "max_tokens": 9,
            "answer_schema": "{}",
        },
        "sent_as": "prompt",
        "response": response,
        "varying": {"answered_by": None, "failed_attempts": failed},
    }


@pytest.fixture
def files(tmp_path):
    """Campaigns of 3600 s (shared), 1800 s (A0), 900 s (A3), 360 s (ES), 720 s (B3); decisions of c / 10 s."""
    root = tmp_path / "results/tiny"
    seconds = {"A0": 1800, "A3": 900, "ES": 360, "B3": 720}
    for seed in (7, 11):
        write_json(root / f"chains/{CHAIN}/first/s{seed}/c01/timing.json", {"start": 600, "campaign": 3000})
    owners = [("A0", 7), ("A0", 11), ("A3", 7), ("A3", 11), ("ES", 7), ("B3", 7)]
    for (controller, seed), number in itertools.product(owners, (2, 3)):
        place = f"chains/{CHAIN}/{controller}/s{seed}/c{number:02d}"
        write_json(root / place / "timing.json", {"start": 0.0, "campaign": seconds[controller], "grading": 5.0})
        write_text(root / "benchmarks" / f"{place}.plan.tsv", f"s\th:m:s\tmax_rss\n{number / 10}\t0:00:00\t1.0\n")
    asked = [exchange("{}", 1), exchange(None, 2)]
    write_json(root / f"chains/{CHAIN}/B3/s7/c02/chat.json", {"schema_version": 1, "exchanges": asked}, "chat")
    write_json(
        root / f"chains/{CHAIN}/B3/s7/c03/chat.json", {"schema_version": 1, "exchanges": [exchange("{}", 0)]}, "chat"
    )
    write_json(tmp_path / "waves.json", WAVES, "wave_declarations")
    return root


def summarise(files, monkeypatch, *options):
    output = files / "statistics/timing.json"
    arguments = ["summarise_timing", "--waves", str(files.parent.parent / "waves.json"), "--results", str(files)]
    arguments += ["--testbed", "tiny", "--device", "cpu", "--processes", "2", "--output", str(output), *options]
    monkeypatch.setattr(sys, "argv", arguments)
    summarise_timing.main()
    return read_json(output, "timing_summary")


def test_hours_calls_and_decisions_by_chain(files, monkeypatch):
    found = summarise(files, monkeypatch)
    naive = found["waves"]["W4"]["controllers"]["A0"]
    # 3600 + 2 x 1800 seconds are 2 hours, of two processes 4.
    assert (naive["wall_hours"]["mean"], naive["process_hours"]["mean"]) == (2.0, 4.0)
    assert naive["process_hours"]["values"] == [{"seed": 7, "value": 4.0}, {"seed": 11, "value": 4.0}]
    assert found["waves"]["W4"]["controllers"]["A3"]["wall_hours"]["mean"] == 1.5
    # Campaigns 2 and 3, of 0.2 and 0.3 seconds; nobody decided the first.
    assert naive["decision_seconds"]["mean"] == pytest.approx(0.25)
    asked = found["waves"]["W2b3"]["controllers"]["B3"]
    assert (asked["chat_calls"]["mean"], asked["failed_chat_attempts"]["mean"]) == (2, 3)
    assert naive["chat_calls"]["mean"] == 0
    assert found["missing"] == []
    assert len(found["inputs"]) == 1 + 14 + 12 + 2


def test_a_chain_without_all_its_times_is_left_out_and_named(files, monkeypatch):
    (files / f"chains/{CHAIN}/A0/s11/c02/timing.json").unlink()
    (files / f"benchmarks/chains/{CHAIN}/ES/s7/c03.plan.tsv").unlink()
    found = summarise(files, monkeypatch)
    assert found["waves"]["W4"]["controllers"]["A0"]["process_hours"]["n"] == 1
    early = found["waves"]["W8"]["controllers"]["ES"]
    assert early["process_hours"]["n"] == 1
    assert (early["decision_seconds"]["n"], early["decision_seconds"]["mean"]) == (0, None)
    assert found["missing"] == [
        {"wave": "W4", "controller": "A0", "seed": 11, "campaign": 2, "what": "timing"},
        {"wave": "W8", "controller": "ES", "seed": 7, "campaign": 3, "what": "decision"},
    ]


def test_a_chain_of_one_campaign_has_no_decision():
    costs = wave_costs(declare(("A0",), (7,), 1), Measured({(CHAIN, "first", 7, 1): 36.0}), 8)["A0"]
    assert (costs["wall_hours"]["mean"], costs["process_hours"]["mean"]) == (0.01, 0.08)
    assert costs["decision_seconds"]["n"] == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [("s\th:m:s\n", "holds no run"), ("a\tb\n1\t2\n", "s: no seconds"), ("s\nsoon\n", "s: no seconds")],
)
def test_a_broken_benchmark_is_named(tmp_path, text, words):
    (tmp_path / "c02.plan.tsv").write_text(text)
    with pytest.raises(UserError, match=words):
        summarise_timing.benchmark_seconds(tmp_path / "c02.plan.tsv")


def test_only_the_chosen_waves_are_summed_up(files, monkeypatch):
    found = summarise(files, monkeypatch, "--only", "W8")
    assert list(found["waves"]) == ["W8"]
    # The waves' file, three times of seed 7 and two benchmarks.
    assert len(found["inputs"]) == 1 + 3 + 2


def test_an_unknown_wave_is_named(files, monkeypatch):
    with pytest.raises(UserError, match=r"--only: .*waves\.json has no wave 'W9'; did you mean"):
        summarise(files, monkeypatch, "--only", "W9")


def test_a_file_without_times_is_named(tmp_path):
    write_json(tmp_path / "timing.json", {"campaign": 3.0})
    with pytest.raises(UserError, match="start, campaign: seconds of both are needed"):
        summarise_timing.training_seconds(tmp_path / "timing.json")


def test_table_18_stands_on_it(files, monkeypatch, tmp_path):
    summarise(files, monkeypatch)
    outputs = {ending: tmp_path / f"tab18.{ending}" for ending in ("csv", "md", "tex")}
    arguments = ["tab18", "--timing", str(files / "statistics/timing.json"), "--published", str(PUBLISHED)]
    for ending, path in outputs.items():
        arguments += [f"--output-{ending}", str(path)]
    monkeypatch.setattr(sys, "argv", arguments)
    tab18.main()
    rows = {(row["row"], row["quantity"]): row for row in csv.DictReader(outputs["csv"].open())}
    # ES: 3600 + 2 x 360 seconds, of two processes; naive has 4 hours.
    assert float(rows["ES", "hours"]["value"]) == pytest.approx(2.4)
    assert float(rows["ES", "relative"]["value"]) == pytest.approx(60)
    assert (rows["ES", "hours"]["unit"], rows["ES", "hours"]["published_printed"]) == ("processor-hours", "≈ 22")
    assert rows["A0", "hours"]["seeds"] == "7:4;11:4"
    assert float(rows["B3", "calls"]["value"]) == 2
    assert rows["M1", "hours"]["status"] == "not run: no statistics of wave W14"
    text = outputs["md"].read_text()
    assert "Processor-hours" in text
    assert "not the paper's GPU-hours: no GPU was used" in text
    assert_sound_latex(outputs["tex"].read_text())
