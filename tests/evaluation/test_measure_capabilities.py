"""From grades to a checkpoint's capability vector: each capability by hand, and what is refused."""

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.evaluation.graded_files import make_grades
from workflow_scripts.control.capabilities import SPLITS_OF
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, sha256_file, write_json
from workflow_scripts.evaluation import measure_capabilities
from workflow_scripts.evaluation.measure_capabilities import accuracy, measure

CHECKPOINT = "7B-reinforce-py-20/A5/s7/c02-peak"


def call(monkeypatch: pytest.MonkeyPatch, folder: Path, grades: dict[str, Path], checkpoint: str = CHECKPOINT) -> Any:
    given = [f"{split}={path}" for split, path in grades.items()]
    output = folder / "capabilities.json"
    command = ["measure_capabilities", "--checkpoint", checkpoint, "--grades", *given, "--output", str(output)]
    monkeypatch.setattr(sys, "argv", command)
    measure_capabilities.main()
    return read_json(output, "capabilities")


def test_every_capability_from_its_splits() -> None:
    found = measure({"main": 0.5, "hard": 0.25, "cpp": 0.125, "ood": 0.75})
    assert found == {"pass@1": 0.5, "hard_case_acc": 0.25, "cpp_acc": 0.125, "ood_acc": 0.75, "gen_gap": -0.25}
    assert set(found) == set(SPLITS_OF)


def test_what_was_not_evaluated_is_null() -> None:
    nothing = dict.fromkeys(SPLITS_OF)
    assert measure({}) == nothing
    assert measure({"cpp": 0.5}) == nothing | {"cpp_acc": 0.5}
    assert measure({"main": 0.5, "hard": 0.0}) == nothing | {"pass@1": 0.5, "hard_case_acc": 0.0}


def test_accuracy_is_the_mean_over_problems() -> None:
    assert accuracy(make_grades([(16, 4), (16, 0), (16, 16), (16, 8)])) == pytest.approx((0.25 + 0 + 1 + 0.5) / 4)


def test_files_in_and_file_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {split: tmp_path / f"{split}.grades.json" for split in ("main", "ood")}
    write_json(files["main"], make_grades([(4, 2), (4, 4)]), "grades")
    write_json(files["ood"], make_grades([(4, 0), (4, 1)]), "grades")
    found = call(monkeypatch, tmp_path, files)
    assert found["checkpoint"] == CHECKPOINT
    assert found["inputs"] == {split: sha256_file(path) for split, path in files.items()}
    assert found["capabilities"] == {
        "pass@1": 0.75,
        "hard_case_acc": None,
        "cpp_acc": None,
        "ood_acc": 0.125,
        "gen_gap": 0.625,
    }
    assert call(monkeypatch, tmp_path, files, "base/32B")["checkpoint"] == "base/32B"
    assert call(monkeypatch, tmp_path, files, "base/7B-cpp")["checkpoint"] == "base/7B-cpp"


def test_a_problem_without_judged_samples_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_json(tmp_path / "main.grades.json", make_grades([(4, 2), (0, 0)]), "grades")
    with pytest.raises(UserError, match=r"main\.grades\.json: a problem without a judged sample has no pass@1"):
        call(monkeypatch, tmp_path, {"main": tmp_path / "main.grades.json"})


@pytest.mark.parametrize(
    ("checkpoint", "grades", "message"),
    [
        (CHECKPOINT, ["probe=x.json"], "is not SPLIT=FILE with a split of main, hard, cpp, ood"),
        (CHECKPOINT, ["main.json"], "is not SPLIT=FILE"),
        (CHECKPOINT, ["main=x.json", "main=y.json"], "--grades: split main is given twice"),
        ("7B-reinforce-py-20/A5/s7/c02", ["main=x.json"], "is neither base/MODEL nor"),
    ],
)
def test_wrong_options(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    checkpoint: str,
    grades: list[str],
    message: str,
) -> None:
    command = ["measure_capabilities", "--checkpoint", checkpoint, "--grades", *grades, "--output", f"{tmp_path}/out"]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit):
        measure_capabilities.main()
    assert message in capsys.readouterr().err
