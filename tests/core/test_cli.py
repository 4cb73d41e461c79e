"""A user's mistake ends in one line, a defect in a traceback."""

from pathlib import Path

import pytest

from workflow_scripts.core.cli import run
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json


def raising(error: BaseException):
    def main() -> None:
        raise error

    return main


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (UserError("config.yaml: seeds: is missing"), "error: config.yaml: seeds: is missing"),
        (OSError(28, "No space left on device", "trace.json"), "error: trace.json: No space left on device"),
        (OSError("odd"), "error: input/output: odd"),
        (KeyboardInterrupt(), 130),
    ],
)
def test_what_a_person_can_act_on_is_one_line(error: BaseException, exit_code: str | int) -> None:
    with pytest.raises(SystemExit) as caught:
        run(raising(error))
    assert caught.value.code == exit_code


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=rf"error: {tmp_path}/plan\.json: No such file or directory"):
        run(lambda: read_json(tmp_path / "plan.json"))


def test_a_defect_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError):
        run(raising(ZeroDivisionError()))
