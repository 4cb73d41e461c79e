"""What tables, figures and the manifest are made from."""

from pathlib import Path

import pytest

from tests.graph.conftest import CONFIG, declared
from workflow_scripts.control.chat_endpoint import URL
from workflow_scripts.graph.evaluations import Evaluations
from workflow_scripts.graph.reports import Reports
from workflow_scripts.graph.study import Study

PUBLISHED = CONFIG.parent / "paper/published"


@pytest.fixture
def reports(study: Study, evaluations: Evaluations, monkeypatch: pytest.MonkeyPatch) -> Reports:
    monkeypatch.delenv(URL, raising=False)
    return Reports(study, evaluations, PUBLISHED)


def test_every_table_has_a_script(reports: Reports) -> None:
    assert len(reports.tables) == 19
    for table in reports.tables:
        assert (CONFIG.parent / f"workflow_scripts/tables/{reports.script(table)}.py").is_file()


def test_a_table_reads_the_waves_that_can_be_computed_here(reports: Reports, study: Study) -> None:
    assert reports.waves_of("tab06") == ["W7", "W4", "W6", "W107", "W104"]
    *statistics, coverage = reports.sources("tab06")
    assert [Path(file).stem for file in statistics] == ["W7", "W4", "W6", "W107", "W104"]
    assert coverage == "results/statistics_checks/coverage.json"
    assert reports.options("tab06") == ["--statistics", *statistics, "--coverage", coverage]
    assert set(reports.paper_waves()) <= set(study.config["waves"])
    assert all(map(study.asks_nobody, [*reports.paper_waves(), *reports.timed_waves()]))
    assert "W2b3" not in reports.waves_of("tab05")
    assert reports.timed_waves() == ["W4", "W8", "W14"]


def test_tables_of_evaluations_are_there_where_any_is_asked_for() -> None:
    config = declared()
    config["evaluations"] = config["evaluations"] | {"waves": {}}
    study = Study(config)
    tables = Reports(study, Evaluations(study), PUBLISHED).tables
    assert not {"tab14", "tab15", "appendix_b"} & set(tables)
    assert "tab13" in tables  # of a wave's statistics too


def test_scripts_are_told_how_statistics_are_made(reports: Reports, study: Study) -> None:
    told = reports.options("tab12")
    assert told[told.index("--confidence") + 1] == study.config["statistics"]["confidence"]


def test_the_measurement_is_checked_on_chains_of_two_waves(
    reports: Reports, study: Study, evaluations: Evaluations
) -> None:
    assert reports.measured_wave == "W4"
    traces, rollouts = reports.measured("trace.json"), reports.measured("rollouts.parquet")
    assert len(traces) == len(rollouts) == 5 * (1 + 2 * 9)
    assert {*traces} == {*study.traces("W4")}
    still = reports.still("trace.json")
    assert len(still) == 5 * 9
    assert {*still} < {*study.traces("W104")} - {*traces}
    assert all("/NULL/" in path for path in still)
    peaks = evaluations.last_peaks_and_ends("W4")
    assert len(peaks) == 2 * 2 * 5
    assert peaks[0] == "results/tiny/evaluations/7B-reinforce-py-20/A0/s7/c10-peak/probe.grades.json"


def test_an_experiment_is_there_where_its_waves_are() -> None:
    config = declared()
    assert "paper/tables/measurement.md" in Reports(Study(config), Evaluations(Study(config)), PUBLISHED).experiments
    config["waves"] = {name: own for name, own in config["waves"].items() if name != "W104"}
    study = Study(config)
    without = Reports(study, Evaluations(study), PUBLISHED)
    assert without.measured_wave is None
    assert without.experiments == [
        "figures/ladder.pdf",
        "figures/dose.pdf",
        "paper/tables/ladder.md",
        "paper/tables/carried.md",
        "paper/tables/carried_grpo.md",
    ]
