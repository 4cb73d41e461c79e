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
