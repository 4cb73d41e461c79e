import os
from pathlib import Path

from workflow_scripts.core.file_times import level_file_times


def test_all_times_become_the_newest_and_then_stay(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    for number, name in enumerate(("a/x", "a/b/y", "z")):
        (tmp_path / name).write_text(name)
        os.utime(tmp_path / name, ns=(10**18 + number, 10**18 + number))
    level_file_times([tmp_path, tmp_path / "missing"])
    times = {path.stat().st_mtime_ns for path in (tmp_path, *tmp_path.rglob("*"))}
    assert len(times) == 1
    assert times.pop() >= 10**18 + 2
    before = (tmp_path / "z").stat()
    level_file_times([tmp_path])
    assert (tmp_path / "z").stat().st_ctime_ns == before.st_ctime_ns
