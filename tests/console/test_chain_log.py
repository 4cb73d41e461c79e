"""What the logger shows of Snakemake's records, on a terminal and elsewhere."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from tests.console.test_run_progress import CHAIN, run_of
from workflow_scripts.console.chain_log import LogHandler

Make = Callable[..., LogHandler]
COMMAND = "python -m workflow_scripts.training.train_campaign " + "--option value " * 300


def settings(**changes: Any) -> Any:
    told = {"nocolor": True, "quiet": None, "debug_dag": False, "verbose": False, "printshellcmds": False}
    return SimpleNamespace(**(told | {"show_failed_logs": True, "stdout": False, "dryrun": False} | changes))


def record(
    event: LogEvent | None = None, level: int = logging.INFO, message: str = "", **told: Any
) -> logging.LogRecord:
    return logging.makeLogRecord({"msg": message, "levelno": level, "levelname": "x", "event": event, **told})


def begun(number: int) -> logging.LogRecord:
    return record(LogEvent.JOB_INFO, jobid=number, shellcmd=COMMAND)


def ended(number: int) -> logging.LogRecord:
    return record(LogEvent.JOB_FINISHED, job_id=number)


def failed(number: int, log: Path, output: str = "c02/trace.json", indent: bool = False) -> logging.LogRecord:
    told = {"rule_name": "train_campaign", "output": [output], "log": [str(log)], "indent": indent}
    return record(LogEvent.JOB_ERROR, logging.ERROR, jobid=number, shellcmd=COMMAND, **told)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No trace of the made-up chains is there."""
    monkeypatch.chdir(tmp_path)


def test_plain_lines_are_one_per_chain_and_hold_no_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trace = tmp_path / "c03/trace.json"
    trace.parent.mkdir()
    trace.write_text(json.dumps({"status": "completed", "steps": [{"CodeGrader/pass_rate/mean": 0.414}]}))
    handler = LogHandler(settings(), None)
    handler.handle(record(message="Select jobs to execute..."))
    handler.begin(run_of())
    for number in (1, 2, 3, 4, 5):
        handler.handle(begun(number))
        handler.handle(record(LogEvent.SHELLCMD, cmd=COMMAND))
        handler.handle(ended(number))
        handler.handle(record(LogEvent.PROGRESS, done=number, total=5))
    handler.handle(record(message=f"Complete log(s): {tmp_path}/.snakemake/log/a.snakemake.log"))
    handler.close()
    handler.close()
    shown = capsys.readouterr()
    assert shown.out == ""
    beginning, chain, *end = shown.err.splitlines()
    assert beginning == "5 jobs, of them 2 campaigns, about 1 min on 2 cores"
    assert chain[9:] == f"[1/1] {CHAIN}: campaigns 2 to 3 in 0 s, last pass rate 41 %; under 1 min left"
    assert end[0].startswith("done: 5 of 5 jobs")
    assert end[-1] == "full log: .snakemake/log/a.snakemake.log"
    assert "\x1b" not in shown.err


def test_a_campaign_that_ended_early_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "c03").mkdir()
    (tmp_path / "c03/trace.json").write_text(json.dumps({"status": "non_finite_loss", "steps": []}))
    handler = LogHandler(settings(), None)
    handler.begin(run_of())
    for number in (1, 2, 3, 4):
        handler.handle(ended(number))
    assert "campaigns 2 to 3 in 0 s, ended early: non_finite_loss" in capsys.readouterr().err


def test_a_failure_is_told_with_its_rule_its_file_and_all_of_its_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "c02.log"
    log.write_text("".join(f"step {step}\n" for step in range(50)) + "error: no space left\n")
    handler = LogHandler(settings(), None)
    handler.begin(run_of())
    handler.handle(begun(2))
    handler.handle(record(LogEvent.ERROR, logging.ERROR, f"RuleException:\nCommand '{COMMAND}' failed"))
    handler.handle(failed(2, log))
    handler.close()
    shown = capsys.readouterr().err
    assert f"FAILED: train_campaign of {CHAIN} c02, which makes c02/trace.json" in shown
    assert all(f"step {step}\n" in shown for step in range(50))
    assert "error: no space left" in shown
    assert COMMAND not in shown
    assert "1 failed" in shown
    assert "the same command goes on" in shown


def test_of_a_submission_only_what_began_and_did_not_end_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("done.log", "c03.log", "trace.json"):
        (tmp_path / name).write_text(f"in {name}\n")
    (tmp_path / "slurm.log").write_text("slurmstepd: error: killed\n")
    handler = LogHandler(settings(), None)
    handler.begin(run_of())
    group = {"groupid": "a", "aux_logs": ["slurm.log"], "job_error_info": [{}, {}, {}]}
    handler.handle(record(LogEvent.GROUP_ERROR, logging.ERROR, **group))
    handler.handle(failed(2, tmp_path / "done.log", output="trace.json", indent=True))
    handler.handle(failed(4, tmp_path / "c03.log", indent=True))
    handler.handle(failed(5, tmp_path / "never.log", output="figures/fig3.pdf", indent=True))
    handler.close()
    shown = capsys.readouterr().err
    assert "FAILED: 3 jobs in one submission" in shown
    assert "slurmstepd: error: killed" in shown
    assert "in c03.log" in shown
    assert "in done.log" not in shown
    assert "never.log" not in shown
    assert "1 failed" in shown


def test_a_dry_run_shows_snakemakes_own_words(capsys: pytest.CaptureFixture[str]) -> None:
    handler = LogHandler(settings(dryrun=True, stdout=True, printshellcmds=True), None)
    handler.handle(record(message="Job stats:\njob  count"))
    handler.handle(record(LogEvent.SHELLCMD, cmd=COMMAND))
    handler.close()
    shown = capsys.readouterr()
    assert shown.out == f"Job stats:\njob  count\n{COMMAND}\n"
    assert shown.err == ""


def test_a_terminal_has_a_bar_with_what_runs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    handler = LogHandler(settings(), None)
    handler.begin(run_of())
    handler.handle(begun(2))
    handler.handle(record(logging.WARNING, logging.WARNING, "beside the bar"))
    handler.close()
    shown = capsys.readouterr().err
    assert f"now: {CHAIN} c02" in shown
    assert "0 of 2 campaigns" in shown
    assert "about 1 min left" in shown or "under 1 min left" in shown
    assert "beside the bar" in shown
    assert shown.rstrip().endswith("`make status` shows every campaign")
    assert "\x1b[?25h" in shown, "the cursor is shown again"
