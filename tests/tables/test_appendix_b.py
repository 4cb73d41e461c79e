"""Appendix B's table from vectors of made-up evaluations."""

import csv
from pathlib import Path

import pytest

from tests.evaluation.graded_files import CHAIN
from tests.evaluation.test_capability_vectors import make_evaluations
from tests.tables.built_tables import published, write_files
from workflow_scripts.core.errors import UserError
from workflow_scripts.evaluation.capability_vectors import build_vectors
from workflow_scripts.tables import appendix_b


def test_one_panel_per_chain_and_one_row_per_checkpoint(tmp_path: Path) -> None:
    evaluations = make_evaluations(tmp_path)
    given = [build_vectors(evaluations, chain) for chain in (CHAIN, "3B-reinforce-py-20")]
    by_chain = appendix_b.index_by_chain(given)
    records = appendix_b.build_records(by_chain)
    table = appendix_b.build_table(by_chain, records, published("appendix_b"))
    small, large = table.panels
    assert (small.title, large.title) == (
        "Chains 3B-reinforce-py-20, no model as 3B (%)",
        f"Chains {CHAIN}, tiny-355k as 7B (%)",
    )
    assert large.frame.to_numpy().tolist() == [
        ["untrained", "-", "0", "-", "25.0", "-", "-", "-", "-"],
        ["A0", "7", "10", "W104, W4", "50.0", "25.0", "+37.5", "-", "12.5"],
        ["A0", "11", "10", "W4", "100.0", "-", "-", "-", "-"],
        ["A0", "17", "10", "W4", "-", "-", "-", "-", "-"],
    ]
    assert records[-1]["status"] == "not run: no evaluation for pass@1, hard_case_acc, gen_gap, cpp_acc, ood_acc"
    notes = " ".join(table.notes)
    for words in (
        "gen_gap on main minus ood",
        "hard: 1 problems x 8 samples; main: 2 problems x 8 samples",
        "5 of 5 rows lack a capability",
        "no value is printed",
    ):
        assert words in notes


def test_a_chain_twice_is_refused(tmp_path: Path) -> None:
    vectors = build_vectors(make_evaluations(tmp_path), CHAIN)
    with pytest.raises(UserError, match=f"chain {CHAIN} is given twice"):
        appendix_b.index_by_chain([vectors, vectors])


def test_command_line_writes_three_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = {**build_vectors(make_evaluations(tmp_path), CHAIN), "inputs": {"evaluations.json": "0" * 64}}
    files = write_files("appendix_b", tmp_path, monkeypatch, vectors=vectors)
    rows = list(csv.DictReader(files["csv"].splitlines()))
    assert [(row["controller"], row["seed"]) for row in rows] == [
        ("untrained", ""), ("A0", "7"), ("A0", "11"), ("A0", "17")
    ]  # fmt: skip
    assert r"\label{tab:B}" in files["tex"]
    assert files["tex"].isascii()
