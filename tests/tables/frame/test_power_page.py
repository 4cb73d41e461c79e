"""power.md: the numbers of its cells, and what it says where there are none."""

import re
from pathlib import Path
from statistics import stdev

import pytest

from tests.makers.scripts import run_script
from tests.makers.synthetic_statistics import make_statistics
from workflow_scripts.core.files import write_json
from workflow_scripts.statistics.power_analysis import Simulation, paired_t_power
from workflow_scripts.tables import power
from workflow_scripts.tables.power import Questions, build_page, detectable, seeds_needed

QUESTIONS = Questions(differences=(10.0, 20.0), powers=(0.8, 0.9), sizes=(3, 10))
SIMULATION = Simulation(0.05, 2000, 1000, seed=1)
OPTIONS = (
    "--contrast A3-A0 --metric end_probe --differences 20 --powers 0.8 --sizes 3 10 --significance 0.05 --samples 500"
    " --patterns 200 --seed 1"
)


def test_the_seeds_needed_have_the_power_and_one_fewer_has_not() -> None:
    found = seeds_needed(15.0, QUESTIONS, SIMULATION)
    assert list(found["Difference (points)"]) == ["10", "20"]
    for difference, cell in zip(QUESTIONS.differences, found["paired t, 90 %"], strict=True):
        assert (
            paired_t_power(int(cell) - 1, difference / 15, 0.05)
            < 0.9
            <= paired_t_power(int(cell), difference / 15, 0.05)
        )
    for name in ("80 %", "90 %"):
        by_t, by_signs = (found[f"{test}, {name}"].astype(int) for test in ("paired t", "sign-flip"))
        assert (by_t - by_signs).abs().max() <= 2
    assert seeds_needed(2000.0, QUESTIONS, SIMULATION).iloc[0, 1:].tolist() == ["> 1000"] * 4


def test_what_few_seeds_detect_grows_with_the_spread() -> None:
    narrow, wide = (detectable(spread, QUESTIONS, SIMULATION) for spread in (10.0, 20.0))
    assert narrow["sign-flip, 80 %"].iloc[0] == "none"
    assert list(narrow["smallest sign-flip p"]) == ["0.25", "0.00195"]
    for name in ("paired t, 80 %", "paired t, 90 %"):
        assert wide[name].astype(float).tolist() == pytest.approx([2 * float(cell) for cell in narrow[name]], abs=0.15)
    effect = float(narrow["paired t, 80 %"][1]) / 10
    assert paired_t_power(10, effect, 0.05) == pytest.approx(0.8, abs=0.01)


def test_the_page_names_the_spread_the_methods_and_the_unit() -> None:
    wave = make_statistics()
    page = build_page(wave, "A3-A0", "end_probe", QUESTIONS, SIMULATION)
    values = [100 * entry["value"] for entry in wave["paired"]["A3-A0"]["end_probe"]["differences"]]
    assert f"Spread: {stdev(values):.1f} points" in page
    for words in ("A3-A0 of end_probe in wave W4", "testbed tiny", "rests on 5 seeds", "the unit is the seed",
                  "noncentral t distribution", "2,000 simulated samples", "with fewer than 6 seeds"):  # fmt: skip
        assert words in page


@pytest.mark.parametrize("seeds", [(7,), (7, 11)])
def test_without_a_spread_it_says_why(seeds: tuple[int, ...]) -> None:
    wave = make_statistics(seeds=seeds, campaigns=2)
    for entry in wave["paired"]["A3-A0"]["end_probe"]["differences"]:
        entry["value"] = 0.25
    for contrast in ("A3-A0", "ES-A0"):
        page = build_page(wave, contrast, "end_probe", QUESTIONS, SIMULATION)
        assert re.search(r"Not computed: .* no standard deviation \((\d of them|all 2 are equal)\)", page)
        assert "|" not in page


def test_as_a_process_it_repeats_its_bytes_and_refuses_what_cannot_be(tmp_path: Path) -> None:
    write_json(tmp_path / "W4.json", make_statistics(), "statistics")
    given = ["--statistics", tmp_path / "W4.json", *OPTIONS.split()]
    for name in ("one", "two"):
        done = run_script(power.__name__, *given, "--output", tmp_path / name)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    refused = run_script(power.__name__, *given, "--output", tmp_path / "none", "--powers", "80")
    assert (refused.returncode, (tmp_path / "none").exists()) == (2, False)
    assert "--powers: must be between 0 and 1, got 80" in refused.stderr
