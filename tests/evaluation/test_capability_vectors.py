"""The vectors of a chain's final checkpoints, from evaluations with chosen counts."""

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.evaluation.graded_files import CHAIN, end_of, write_grades
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, sha256_file, write_json
from workflow_scripts.evaluation import capability_vectors
from workflow_scripts.evaluation.capability_vectors import build_vectors
from workflow_scripts.evaluation.graded_checkpoints import read_graded
from workflow_scripts.evaluation.summarise_evaluations import summarise
from workflow_scripts.statistics.intervals import Bootstrap


def make_evaluations(folder: Path) -> dict[str, Any]:
    """Seed 7: 0.5 on main, 0.25 on hard, 0.125 on ood. Seed 11: main alone. The base model: main alone."""
    paths = [
        write_grades(folder, end_of("A0", 7), "main", [(8, 8), (8, 0)]),
        write_grades(folder, end_of("A0", 7), "hard", [(8, 2)]),
        write_grades(folder, end_of("A0", 7), "ood", [(8, 1)]),
        write_grades(folder, end_of("A0", 11), "main", [(8, 8), (8, 8)]),
        write_grades(folder, end_of("A0", 7, 4), "main", [(8, 1), (8, 1)]),
        write_grades(folder, "base/7B", "main", [(8, 2), (8, 2)]),
    ]
    groups = {
        "W4 A0": [end_of("A0", seed) for seed in (7, 11, 17)],
        "W104 A0": [end_of("A0", 7)],
        "W7 A0": [f"3B-reinforce-py-20/A0/s{seed}/c10-end" for seed in (7,)],
    }
    graded = [read_graded(path) for path in paths]
    return summarise("tiny", {"7B": "tiny-355k"}, graded, groups, Bootstrap(0.95, 10**6, 100))


def test_every_final_checkpoint_has_a_vector(tmp_path: Path) -> None:
    found = build_vectors(make_evaluations(tmp_path), CHAIN)
    first, second, third = found["checkpoints"]
    assert first["capabilities"] == {
        "pass@1": 0.5,
        "hard_case_acc": 0.25,
        "cpp_acc": None,
        "ood_acc": 0.125,
        "gen_gap": 0.375,
    }
    assert (first["controller"], first["seed"], first["campaign"]) == ("A0", 7, 10)
    assert first["groups"] == ["W104 A0", "W4 A0"]
    assert first["evaluations"]["hard"]["n"] == 1
    assert (second["seed"], second["capabilities"]["pass@1"], second["capabilities"]["gen_gap"]) == (11, 1.0, None)
    assert set(third["capabilities"].values()) == {None}
    assert third["evaluations"] == {}
    assert found["base"]["capabilities"]["pass@1"] == 0.25
    assert found["model"] == {"role": "7B", "name": "tiny-355k"}
    assert found["splits"]["gen_gap"] == ["main", "ood"]


def test_a_chain_without_an_evaluation_keeps_its_checkpoints(tmp_path: Path) -> None:
    found = build_vectors(make_evaluations(tmp_path), "3B-reinforce-py-20")
    assert (found["base"], len(found["checkpoints"])) == (None, 1)
    assert found["model"] == {"role": "3B", "name": None}


def test_an_unknown_chain_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"'7B-grpo-py-20' has no final checkpoint.*3B-reinforce-py-20, 7B-reinforce"):
        build_vectors(make_evaluations(tmp_path), "7B-grpo-py-20")


def test_file_in_and_file_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given, output = tmp_path / "evaluations.json", tmp_path / "cap_vectors" / f"{CHAIN}.json"
    write_json(given, make_evaluations(tmp_path), "evaluations")
    words = [f"--evaluations={given}", f"--chain={CHAIN}", f"--output={output}"]
    monkeypatch.setattr(sys, "argv", ["capability_vectors", *words])
    capability_vectors.main()
    assert read_json(output, "capability_vectors")["inputs"] == {str(given): sha256_file(given)}
