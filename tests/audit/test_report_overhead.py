"""A chain's wall time by its parts, from made-up folders of a local run and of one on SLURM."""

import json
from pathlib import Path

import pytest

from tests.audit.made_up_records import (
    CHAIN,
    RESULTS,
    START,
    TIMING,
    campaign_name,
    finished,
    header,
    job_block,
    write_campaign,
    write_local_campaign,
    write_metadata,
    write_run,
)
from tests.makers.scripts import ROOT, run_script
from workflow_scripts.audit.campaign_states import ChainSeed
from workflow_scripts.audit.chain_records import Recorder
from workflow_scripts.audit.report_overhead import COLUMNS, Overhead, in_words, measure
from workflow_scripts.core.errors import UserError

LINE, OTHER = ChainSeed(CHAIN, "A0", 7), ChainSeed(CHAIN, "A3", 7)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the report is made in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_chains(project: Path) -> None:
    """A0 goes on at once, in a second run of Snakemake that begins 100 s after the first one; A3 waits 30 s more."""
    write_local_campaign(project, campaign_name("first", 1), START, START + 1)
    write_local_campaign(project, campaign_name("A0", 2), START + 112.05, START + 112.5)
    write_local_campaign(project, campaign_name("A3", 2), START + 142.05, START + 142.5)
    write_run(project, START, START + 12.05)
    write_run(project, START + 112, START + 200)


def report(chains: dict[ChainSeed, int]) -> Overhead:
    return measure(Recorder(RESULTS, Path(".snakemake")), chains)


def test_a_local_run_by_its_parts(project: Path) -> None:
    write_chains(project)
    found = report({LINE: 2, OTHER: 2})
    first, second = found.chains[LINE]
    assert first.training == second.training == 8
    assert first.checkpoints == pytest.approx(2)
    assert first.planning == 0.2
    assert first.start == pytest.approx(1)  # of the 11 s of the job 10 are the campaign's
    assert first.rest == pytest.approx(0.05 + 0.05)
    assert first.waiting == pytest.approx(0.75)  # from the plan to the training
    assert first.wall == pytest.approx(12.05)
    assert second.waiting == pytest.approx(0.05 + 0.2), "the 99.95 s between the runs are nobody's"
    assert found.chains[OTHER][1].waiting == pytest.approx(30.05 + 0.2)
    assert found.campaigns.keys() == {campaign_name(*name) for name in (("first", 1), ("A0", 2), ("A3", 2))}
    assert found.sources == {"Snakemake's metadata": 3}


def test_words_and_record(project: Path) -> None:
    write_chains(project)
    found = report({LINE: 2, OTHER: 2, ChainSeed(CHAIN, "ES", 7): 2})
    head, row, *_ = in_words(found).splitlines()
    assert head.split() == ["seconds", "campaigns", *COLUMNS]
    assert row.split()[:4] == [CHAIN, "A0", "s7", "2"]
    assert row.split()[5:7] == ["16.00", "7.60"]
    assert "per campaign, median" in in_words(found)
    assert "1 more chains have no campaign yet" in in_words(found)
    record = json.loads(json.dumps(found.record()))
    assert record["campaigns"]["n"] == 3
    assert record["campaigns"]["median"]["overhead"] == pytest.approx(4.05)
    assert [entry["controller"] for entry in record["chains"]] == ["A0", "A3"]


def test_an_allocation_by_its_parts(project: Path) -> None:
    """Submitted at 5 s, Snakemake in it at 15 s, a plan at 18 s, training at 19 s to 31 s; noticed at 40 s."""
    name = campaign_name("first", 1)
    plan, trace = f"{RESULTS}/{name}/plan.json", f"{RESULTS}/{name}/trace.json"
    write_campaign(project, name)
    for output in (plan, trace):
        write_metadata(project, Path(output), START + 40.1, START + 40)
    logs = project / RESULTS / "logs/slurm/group_first"
    logs.mkdir(parents=True)
    (logs / "1.log").write_text(
        header(START + 15)
        + header(START + 17)
        + job_block(START + 18, plan, 0)
        + finished(START + 19, 0)
        + job_block(START + 19, trace, 1)
        + finished(START + 31, 1)
    )
    (project / RESULTS / campaign_name("A0", 2)).mkdir(parents=True)
    (project / RESULTS / campaign_name("A0", 2) / "plan.json").write_text("{}")
    write_run(project, START, START + 60, job_block(START + 5, plan, 3, indent="    "))
    found = report({LINE: 1})
    (only,) = found.chains[LINE]
    assert only.waiting == pytest.approx(10), "in the queue"
    assert only.start == pytest.approx(3 + 1), "Snakemake in the allocation, and the trainer"
    assert only.rest == pytest.approx(0.8 + 1.0), "whole seconds of the log less the benchmarks"
    assert only.wall == pytest.approx(26)
    assert found.sources == {"SLURM's logs": 1}


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ("results/tiny/benchmarks/" + campaign_name("A0", 2) + ".tsv", "c02.tsv is missing"),
        ("results/tiny/" + campaign_name("A0", 2) + "/timing.json", "timing.json is missing"),
        ("results/tiny/" + campaign_name("A0", 2) + "/trace.json", "trace.json is missing"),
        (".snakemake/metadata", "is neither in .snakemake/metadata nor in results/tiny/logs/slurm"),
    ],
)
def test_a_missing_record_is_named(project: Path, missing: str, told: str) -> None:
    write_chains(project)
    path = project / missing
    path.unlink() if path.is_file() else path.rename(project / "elsewhere")
    with pytest.raises(UserError, match="of 1 chains none has all records") as caught:
        report({LINE: 2})
    assert told in str(caught.value)


def test_a_chain_of_mixed_runs_is_left_out_and_the_others_count(project: Path) -> None:
    write_chains(project)
    write_metadata(project, RESULTS / campaign_name("A0", 2) / "plan.json", START, START + 0.25)
    found = report({LINE: 2, OTHER: 2})
    assert found.chains.keys() == {OTHER}
    assert "before the campaign before it, as recorded last, had ended" in found.left_out[LINE]
    assert f"left out  {CHAIN} A0 s7" in in_words(found)


@pytest.mark.parametrize(
    ("timing", "told"),
    [
        (TIMING | {"sampling": 7.0}, "11.0 s of training in 10.0 s: it was interrupted and went on"),
        (TIMING | {"campaign": 20.0}, "took 20.0 s, the last job that made it 11.0 s"),
    ],
)
def test_a_campaign_of_more_than_one_job_is_left_out(project: Path, timing: dict[str, float], told: str) -> None:
    write_chains(project)
    (project / RESULTS / campaign_name("A0", 2) / "timing.json").write_text(json.dumps(timing))
    assert told in report({LINE: 2, OTHER: 2}).left_out[LINE]


def test_a_campaign_that_says_that_it_went_on_is_left_out(project: Path) -> None:
    write_chains(project)
    log = (project / RESULTS / "logs" / campaign_name("A3", 2)).with_suffix(".log")
    log.parent.mkdir(parents=True)
    log.write_text("c02/resume.safetensors: the campaign goes on after step 5\nstep 6: pass rate 0.5\n")
    found = report({LINE: 2, OTHER: 2})
    assert found.chains.keys() == {LINE}
    assert "was interrupted and went on" in found.left_out[OTHER]


def test_the_command_says_what_is_missing(tmp_path: Path) -> None:
    for words, told in ((["--wave", "W44"], "did you mean 'W4'?"), (["--wave", "W4"], "no campaign was run")):
        options = ["--configuration", ROOT / "config.yaml", *words]
        result = run_script("workflow_scripts.audit.report_overhead", *options, cwd=tmp_path)
        assert result.returncode == 1
        assert told in result.stderr
        assert "Traceback" not in result.stderr
