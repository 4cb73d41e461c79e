"""The audit of the paper's printed numbers: each finding turns with the value that it rests on."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.makers.scripts import ROOT, run_script
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json
from workflow_scripts.published.audit_published import CHECKS, VERDICTS, audit
from workflow_scripts.published.findings import held_against
from workflow_scripts.published.printed import Printed, read_printed
from workflow_scripts.tables.experiments.audit_table import build

PUBLISHED, CLAIMS = ROOT / "paper/published", ROOT / "paper/claims.yaml"


def read(folder: Path = PUBLISHED, claims: Path = CLAIMS) -> Printed:
    return read_printed(sorted(folder.glob("*.yaml")), claims)


@pytest.fixture(scope="module")
def verdicts() -> dict[str, str]:
    return {found["check"]: found["verdict"] for found in audit(read())}


def test_every_check_finds_something_and_says_it_once() -> None:
    printed = read()
    for check in CHECKS:
        assert list(check(printed)), check.__name__
    names = [found["check"] for found in audit(printed)]
    assert len(names) == len(set(names))


def test_what_the_paper_s_numbers_say_of_one_another(verdicts: dict[str, str]) -> None:
    """Read in the paper by hand, once: what contradicts, what rounding explains, what agrees."""
    assert verdicts["steps of an ES chain against its rule"] == "inconsistent"  # 51 against 20 + 9 x 8
    assert verdicts["three seeds' advantage at 7B"] == "inconsistent"  # +14.1, where three seeds give 11.0 at most
    assert verdicts["last position: REINFORCE (W4)"] == "inconsistent"  # 0.15 and 11.8 %
    assert verdicts["n of GRPO at 3B"] == "inconsistent"
    assert verdicts["interval of tab06: A3-A0 (3B), end_pass_rate"] == "rounding"
    assert verdicts["REINFORCE drifts down"] == "cannot be checked"
    assert verdicts["mean of tab12: GRPO, ES (7B), end_pass_rate"] == "consistent"
    assert verdicts["relative steps of CARE"] == "consistent"


# A value of the files, what it becomes, and the finding that turns with it.
EDITS: dict[str, tuple[str, str, str, str, str]] = {
    "a mean": (
        "tab12.yaml",
        "value: 18.6",
        "value: 19.6",
        "mean of tab12: GRPO, A0, same seeds (7B), end_pass_rate",
        "inconsistent",
    ),
    "a bound": (
        "tab12.yaml",
        "interval: [0.0, 28.1]",
        "interval: [0.0, 29.1]",
        "interval of tab12: GRPO, ES (7B), end_pass_rate",
        "inconsistent",
    ),
    "a bound by a tenth": (
        "tab12.yaml",
        "interval: [0.0, 28.1]",
        "interval: [0.0, 28.2]",
        "interval of tab12: GRPO, ES (7B), end_pass_rate",
        "rounding",
    ),
    "a seed": ("tab06.yaml", "value: -1.6", "value: 1.6", "seeds that gain at 3B", "inconsistent"),
    "an impossible seed": (
        "tab06.yaml",
        "value: 37.2",
        "value: 97.2",
        "seed 42 of tab06: A3 CARE v2 (7B)",
        "inconsistent",
    ),
    "an advantage that was possible": (
        "claims.yaml",
        'value: "14.1"',
        'value: "11.0"',
        "three seeds' advantage at 7B",
        "consistent",
    ),
    "ES's steps": (
        "tab09.yaml",
        "oracle_steps: {value: 51",
        "oracle_steps: {value: 110",
        "steps of an ES chain against its rule",
        "consistent",
    ),
    "ES's steps, said twice": (
        "tab09.yaml",
        "oracle_steps: {value: 51",
        "oracle_steps: {value: 110",
        "steps of an ES chain, said twice",
        "consistent",
    ),
    "the whole budget": ("tab07.yaml", "total_steps: 165", "total_steps: 200", "steps of a naive chain", "consistent"),
    "an efficiency": (
        "tab07.yaml",
        "pass_rate_per_100_steps: 9.80",
        "pass_rate_per_100_steps: 8.00",
        "relative efficiency of CARE",
        "inconsistent",
    ),
    "the last position": (
        "tab11.yaml",
        "end_10: {value: 0.15",
        "end_10: {value: 0.12",
        "last position: REINFORCE (W4)",
        "consistent",
    ),
    "a gap": ("tab11.yaml", "gap: 0.165", "gap: 0.265", "peak less end: GRPO (W17)", "inconsistent"),
    "an onset": (
        "tab16.yaml",
        "onset: {value: 16.7",
        "onset: {value: 20.0",
        "onset and latency: A0 naive",
        "consistent",
    ),
    "a latency": (
        "tab16.yaml",
        "latency: {value: 0.0, interval: [0.0, 0.0], n: 47}",
        "latency: {value: 3.3, n: 47}",
        "onset and latency: A0 naive",
        "consistent",
    ),
    "collapses": (
        "tab08.yaml",
        "collapses: {value: 2.6",
        "collapses: {value: 9.4",
        "campaigns that end collapsed: A0 naive",
        "consistent",
    ),
    "the figure's onset": (
        "claims.yaml",
        'value: "15.6"',
        'value: "15.2"',
        "mean onset over both methods",
        "consistent",
    ),
    "a cost": ("tab18.yaml", "hours: {value: 42", "hours: {value: 34", "CARE's cost against its steps", "consistent"),
    "an n": ("tab10.yaml", "value: 6.8\n        n: 5", "value: 6.8\n        n: 4", "n of GRPO at 3B", "consistent"),
    "a second place": (
        "tab09.yaml",
        "end_pass_rate: {value: 22.2",
        "end_pass_rate: {value: 22.3",
        "end of ES, W8 (7B), at several places",
        "inconsistent",
    ),
    "a factor": (
        "claims.yaml",
        "doubles: {value: 2,",
        "doubles: {value: 3,",
        '"nearly doubles" at 3B',
        "inconsistent",
    ),
}


@pytest.mark.parametrize("edit", EDITS)
def test_one_edited_value_turns_its_finding(tmp_path: Path, edit: str, verdicts: dict[str, str]) -> None:
    file, old, new, check, expected = EDITS[edit]
    folder = shutil.copytree(PUBLISHED, tmp_path / "published")
    claims = Path(shutil.copy(CLAIMS, tmp_path))
    path = claims if file == "claims.yaml" else folder / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    found = {one["check"]: one["verdict"] for one in audit(read(folder, claims))}
    assert verdicts[check] != expected
    assert found[check] == expected


@pytest.mark.parametrize(
    ("published", "recomputed", "slack", "verdict"),
    [
        (17.0, 16.97, 0.0, "consistent"),
        (8.9, 9.04, 0.1, "rounding"),
        (8.9, 9.06, 0.1, "inconsistent"),
        (0.15, 0.118, 0.0, "inconsistent"),
        (-14.5, -14.545, 0.0, "consistent"),
    ],
)
def test_a_number_is_held_to_the_digits_that_it_has(
    published: float, recomputed: float, slack: float, verdict: str
) -> None:
    assert held_against(published, recomputed, slack) == verdict


MISTAKES: dict[str, tuple[Callable[[dict[str, dict[str, object]]], object], str]] = {
    "no place": (lambda c: c["budget"].pop("source"), r"claims\.yaml: budget: needs source, says, and either"),
    "both forms": (lambda c: c["budget"].update(values=[1]), r"budget: needs source, says, and either value or values"),
    "an unknown key": (lambda c: c["budget"].update(unit="steps"), r"budget: unit: unknown key"),
    "no number": (lambda c: c["budget"].update(value="many"), r"budget: \['many'\] is no number"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistaken_claim_is_named(tmp_path: Path, mistake: str) -> None:
    change, words = MISTAKES[mistake]
    claims = yaml.safe_load(CLAIMS.read_text())
    change(claims)
    path = tmp_path / "claims.yaml"
    path.write_text(yaml.safe_dump(claims))
    with pytest.raises(UserError, match=words):
        read(claims=path)


def test_a_cell_that_is_not_printed_is_named() -> None:
    printed = read()
    with pytest.raises(UserError, match=r"tab09\.yaml: rows: ES deployed \(7B\) has no oracle_end"):
        printed.value("tab09", "ES deployed", "oracle_end")
    with pytest.raises(UserError, match=r"tab10\.yaml: rows: GRPO, A3-A0 \(7B\): end_pass_rate has no value"):
        printed.value("tab10", "GRPO, A3-A0", "end_pass_rate")


def test_the_script_counts_and_names_what_it_did_not_check(tmp_path: Path) -> None:
    output = tmp_path / "published.json"
    files = sorted(PUBLISHED.glob("*.yaml"))
    done = run_script(
        "workflow_scripts.published.audit_published",
        *("--published", *files, "--claims", CLAIMS, "--output", output),
    )
    assert done.returncode == 0, done.stderr
    written = read_json(output, "published_audit")
    assert list(written["counts"]) == sorted(VERDICTS)
    assert sum(written["counts"].values()) == len(written["findings"]) > 35
    assert len(written["inputs"]) == len(files) + 1
    assert all(re.match(r"(tab\d\d|appendix_b): ", row) for row in written["unchecked"])
    assert "tab17: A0 naive (7B)" in written["unchecked"]
    assert "tab12: GRPO, ES (7B)" not in written["unchecked"]
    _, table = build(written)
    assert sum(len(panel.frame) for panel in table.panels) == len(written["findings"])
    assert table.panels[0].title.startswith("Inconsistent: ")
