"""When jobs ran, from made-up metadata and logs in the words of the Snakemake that runs here."""

from pathlib import Path

import pytest
from snakemake.persistence.file import FilePersistence

from tests.audit.made_up_records import START, finished, header, job_block, write_metadata, write_run
from workflow_scripts.audit.job_records import (
    METADATA,
    SLURM,
    JobRecord,
    allocation_records,
    metadata_record,
    run_spans,
    seconds_outside,
    slurm_records,
    submission_times,
)


def test_metadata_of_a_job_that_snakemake_ran(tmp_path: Path) -> None:
    output = Path("results/tiny/chains/a/trace.json")
    write_metadata(tmp_path, output, 100.25, 111.5)
    assert metadata_record(tmp_path / ".snakemake", str(output)) == JobRecord(100.25, 111.5, 100.25, METADATA)
    assert metadata_record(tmp_path / ".snakemake", "results/tiny/another") is None
    assert metadata_record(tmp_path / "nowhere", str(output)) is None


def test_metadata_of_an_allocation_do_not_say_how_long_its_jobs_ran(tmp_path: Path) -> None:
    """Snakemake writes both when it notices the end; the files' time, which it sets then, is the earlier one."""
    write_metadata(tmp_path, Path("trace.json"), 212.5636, 212.5592)
    assert metadata_record(tmp_path / ".snakemake", "trace.json") is None


def test_a_long_name_is_cut_as_snakemake_cuts_it(tmp_path: Path) -> None:
    name = "results/tiny/" + "x" * 400
    metadata = tmp_path / "metadata"
    metadata.mkdir()
    cutter = object.__new__(FilePersistence)
    cutter._max_len = None
    path = Path(cutter._record_path(str(metadata), name))
    path.parent.mkdir(parents=True)
    path.write_text('{"starttime": 1.0, "endtime": 3.0}')
    assert metadata_record(tmp_path, name) == JobRecord(1.0, 3.0, 1.0, METADATA)


def allocation(start: float) -> str:
    """The log of an allocation with a plan of 1 s, 3 s after its start, and a training of 20 s after that."""
    return (
        header(start)
        + job_block(start + 1, "c02/plan.json", 3, indent="    ")
        + header(start + 2)
        + job_block(start + 3, "c02/plan.json", 0)
        + finished(start + 4, 0)
        + job_block(start + 4, "c02/trace.json", 1)
        + finished(start + 24, 1)
        + finished(start + 26, 3)
        + finished(start + 26, 0)
    )


def test_jobs_of_an_allocation() -> None:
    assert list(allocation_records(allocation(START))) == [
        (["c02/plan.json", "results/tiny/another"], JobRecord(START + 3, START + 4, START, SLURM)),
        (["c02/trace.json", "results/tiny/another"], JobRecord(START + 4, START + 24, START, SLURM)),
    ]


def test_a_job_that_did_not_finish_has_no_record_and_the_last_that_did_counts(tmp_path: Path) -> None:
    cut = allocation(START).partition(finished(START + 24, 1))[0]
    (tmp_path / "group").mkdir()
    (tmp_path / "group/1.log").write_text(cut)
    assert slurm_records(tmp_path).keys() == {"c02/plan.json", "results/tiny/another"}
    (tmp_path / "group/2.log").write_text(allocation(START + 100))
    assert slurm_records(tmp_path)["c02/trace.json"].start == START + 104
    assert slurm_records(tmp_path)["c02/plan.json"].start == START + 103
    assert slurm_records(tmp_path / "nowhere") == {}


def test_a_start_of_slurms_own_counts_from_its_own_header() -> None:
    """A requeued allocation writes to the same log."""
    log = allocation(START).partition(finished(START + 24, 1))[0] + allocation(START + 100)
    *_, (_, trained) = allocation_records(log)
    assert (trained.allocated, trained.start) == (START + 100, START + 104)


def test_submissions_and_when_snakemake_was_at_work(tmp_path: Path) -> None:
    logs = tmp_path / ".snakemake/log"
    write_run(tmp_path, START, START + 60, "Group job a:\n\n" + job_block(START + 5, "c01/plan.json", 3, indent="    "))
    write_run(tmp_path, START + 100, START + 160, job_block(START + 101, "c01/plan.json", 3, indent="    "))
    assert submission_times(logs)["c01/plan.json"] == [START + 5, START + 101]
    assert run_spans(logs) == [(START, START + 60), (START + 100, START + 160)]
    assert run_spans(tmp_path) == []


@pytest.mark.parametrize(
    ("span", "expected"), [((10, 20), 0), ((50, 110), 40), ((-5, 200), 85), ((60, 100), 40), ((5, 5), 0)]
)
def test_seconds_outside(span: tuple[float, float], expected: float) -> None:
    assert seconds_outside(span, [(0, 60), (20, 40), (100, 160)]) == expected
