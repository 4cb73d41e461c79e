"""What a killed run left in SLURM's queue ends before the next run plans; nobody else's job does."""

from pathlib import Path

import pytest

from workflow_scripts.core.errors import UserError
from workflow_scripts.graph.orphaned_jobs import cancel_orphans

RUN = "0f3f0f48-eeeb-5622-a64b-5e7fd8b505ca"
# A queue in a file; a job that is cancelled takes one more look to end.
SQUEUE = """#!/bin/sh
cat {queue}
test ! -e {cancelled} || sed -i "/^$(cat {cancelled})|/d" {queue}
"""
SCANCEL = '#!/bin/sh\necho "$@" >> {cancelled}\n'


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """SLURM's queue, one job in a line."""
    queue, commands = tmp_path / "queue", tmp_path / "bin"
    commands.mkdir()
    for name, content in (("squeue", SQUEUE), ("scancel", SCANCEL)):
        (commands / name).write_text(content.format(queue=queue, cancelled=tmp_path / "cancelled"))
        (commands / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{commands}:/usr/bin:/bin")
    queue.touch()
    return queue


def test_an_empty_queue_and_none_at_all_are_no_orphans(queue: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not cancel_orphans(Path("/study"))
    assert not (queue.parent / "cancelled").exists()
    monkeypatch.setenv("PATH", "/nowhere")
    assert not cancel_orphans(Path("/study"))


def test_jobs_of_a_killed_run_are_cancelled_and_waited_for(queue: Path, capsys: pytest.CaptureFixture[str]) -> None:
    others = f"8|{RUN}|/study/other\n9|my own job|/study\n10|{RUN}-x|/study\n"
    queue.write_text(f"7|{RUN}|/study\n{others}")
    assert cancel_orphans(Path("/study"), poll=0)
    assert (queue.parent / "cancelled").read_text() == "7\n"
    assert queue.read_text() == others
    assert "cancelling 7\n" in capsys.readouterr().err


def test_a_prefix_of_the_jobs_names_changes_nothing(queue: Path) -> None:
    queue.write_text(f"7|ours_{RUN}|/a study|of mine\n")
    assert cancel_orphans(Path("/a study|of mine"), poll=0)


def test_jobs_that_do_not_end_and_a_slurm_that_does_not_answer_are_errors(queue: Path) -> None:
    queue.write_text(f"7|{RUN}|/study\n")
    (queue.parent / "bin/scancel").write_text("#!/bin/sh\n")
    with pytest.raises(UserError, match="7: SLURM has not ended these jobs of an earlier run in 0 s"):
        cancel_orphans(Path("/study"), seconds=0, poll=0)
    (queue.parent / "bin/squeue").write_text("#!/bin/sh\necho no controller >&2\nexit 1\n")
    with pytest.raises(UserError, match="squeue: no controller"):
        cancel_orphans(Path("/study"))
