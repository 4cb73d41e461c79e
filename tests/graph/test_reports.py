"""What tables, figures and the manifest are made from."""

from pathlib import Path

import pytest

from tests.graph.conftest import CONFIG, declared
from workflow_scripts.control.chat_endpoint import URL
from workflow_scripts.graph.evaluations import Evaluations
from workflow_scripts.graph.reports import TABLE_WAVES, Reports, published_table
from workflow_scripts.graph.study import Study


@pytest.fixture
def reports(study: Study, evaluations: Evaluations, monkeypatch: pytest.MonkeyPatch) -> Reports:
    monkeypatch.delenv(URL, raising=False)
    return Reports(study, evaluations)


def test_every_table_has_a_script_and_the_papers_numbers(reports: Reports) -> None:
    assert len(reports.tables) == 19
    for table in reports.tables:
        assert (CONFIG.parent / f"workflow_scripts/tables/{table}.py").is_file()
        assert (CONFIG.parent / published_table(table)).is_file()


def test_a_table_reads_the_waves_that_can_be_computed_here(reports: Reports, study: Study) -> None:
    (option, files), *_ = reports.table_sources("tab06").items()
    assert option == "--statistics"
    assert [Path(file).stem for file in files] == [name for name in TABLE_WAVES["tab06"] if study.asks_nobody(name)]
    assert set(reports.paper_waves()) <= set(study.config["waves"])
    assert all(map(study.asks_nobody, [*reports.paper_waves(), *reports.timed_waves()]))


def test_tables_of_evaluations_are_there_where_any_is_asked_for() -> None:
    config = declared()
    config["evaluations"] = config["evaluations"] | {"waves": {}}
    study = Study(config)
    tables = Reports(study, Evaluations(study)).tables
    assert not {"tab14", "tab15", "appendix_b"} & set(tables)
    assert "tab13" in tables  # of a wave's statistics too


def test_scripts_are_told_how_statistics_are_made(reports: Reports, study: Study) -> None:
    assert reports.table_options("tab02") == ["--collapse-ratio", study.config["statistics"]["collapse_ratio"]]
    assert reports.table_options("tab12")[::2] == ["--confidence", "--max-atoms", "--resamples"]
    assert reports.table_options("tab06") == []
