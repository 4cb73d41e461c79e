"""Limits come from an option, else from the file of limits, else from the defaults; the two command lines agree."""

import argparse
import dataclasses
import json
import sys
from pathlib import Path

import pytest

from workflow_scripts.core.errors import UserError
from workflow_scripts.grading import check_sandbox
from workflow_scripts.grading.code_grader import Limits
from workflow_scripts.grading.limit_options import DEFAULT_LIMITS, add_limit_arguments, limits_of


def parse(*options: str) -> Limits:
    parser = argparse.ArgumentParser()
    add_limit_arguments(parser)
    return limits_of(parser.parse_args(options))


def test_options_are_in_their_own_units() -> None:
    assert parse() == DEFAULT_LIMITS
    assert parse("--memory-mib=256", "--output-kib=1.5", "--compile-memory-mib=1024", "--time-limit-factor=1") == (
        dataclasses.replace(
            DEFAULT_LIMITS,
            memory_bytes=256 << 20,
            output_bytes=1536,
            compile_memory_bytes=1 << 30,
            time_limit_factor=1.0,
        )
    )


def test_a_file_replaces_defaults_and_an_option_the_file(tmp_path: Path) -> None:
    path = tmp_path / "limits.json"
    path.write_text(json.dumps({"cpu_seconds": 2, "memory_bytes": 1 << 27}))
    assert parse(f"--limits={path}", "--memory-mib=64") == dataclasses.replace(
        DEFAULT_LIMITS, cpu_seconds=2.0, memory_bytes=64 << 20
    )


def test_limits_are_given_as_text_too() -> None:
    assert parse('--limits={"wall_seconds": 3}', "--cpu-seconds=2") == dataclasses.replace(
        DEFAULT_LIMITS, wall_seconds=3.0, cpu_seconds=2.0
    )
    with pytest.raises(UserError, match=r"--limits: wall_second: is no limit; the nearest is wall_seconds"):
        parse('--limits={"wall_second": 3}')
    with pytest.raises(UserError, match=r"--limits: not valid JSON"):
        parse("--limits={")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"cpu_second": 1}, r"limits\.json: cpu_second: is no limit; the nearest is cpu_seconds"),
        ({"cpu_seconds": 0}, r"limits\.json: cpu_seconds: 0 is not a number above 0"),
        ({"cpu_seconds": True}, r"limits\.json: cpu_seconds: True is not a number above 0"),
        ([1], r"limits\.json: must be a JSON object of limits"),
    ],
)
def test_a_wrong_file_is_named(content: object, message: str, tmp_path: Path) -> None:
    (tmp_path / "limits.json").write_text(json.dumps(content))
    with pytest.raises(UserError, match=message):
        parse(f"--limits={tmp_path}/limits.json")


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "x"])
def test_an_option_must_be_above_zero(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(f"--cpu-seconds={value}")
    assert f"argument --cpu-seconds: '{value}' is not a number above 0" in capsys.readouterr().err


def test_the_sandbox_is_checked_under_the_same_options(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["check_sandbox", "--require", "rlimits", "seccomp", "--cpu-seconds=0.5"])
    check_sandbox.main()
    said = capsys.readouterr().out.splitlines()
    assert "seccomp: active" in said
    assert said[-1] == "the sandbox is ready"
