"""A key that stands twice is refused with its place and line, and what YAML merges is not taken for such a key."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from workflow_scripts.core.errors import UserError
from workflow_scripts.core.yaml_files import read_yaml, require_unique_keys
from workflow_scripts.tables.frame.published import read_published

ROOT = Path(__file__).parents[2]
MERGED = """
base: &base {rate: 1, steps: 2}
other: &other {<<: *base, rate: 3}
wave:
  <<: *other
  steps: 4
both: {<<: [*base, *other], rate: 5}
again: *other
"""
REPEATED = {
    "at the top": ("testbed: tiny\nseeds: [7]\ntestbed: qwen\n", ":3: testbed: stands twice, first in line 1;"),
    "below": ("waves:\n  W4:\n    steps: 1\n    steps: 1\n", ":4: waves.W4.steps: stands twice, first in line 3;"),
    "in a list": ("rows:\n- {a: 1}\n- {a: 1, b: 2, 'a': 3}\n", ":3: rows.1.a: stands twice, first in line 3;"),
    "beside a merge": (f"{MERGED}last: {{<<: *base, rate: 1, rate: 2}}\n", ":9: last.rate: stands twice"),
    "below an anchor": ("a: &a\n  b: 1\n  b: 2\nc: *a\n", ":3: a.b: stands twice, first in line 2;"),
    "in JSON": ('{"a": {"b": 1,\n"b": 2}}', ":2: a.b: stands twice, first in line 1;"),
}


def check_configuration(path: Path) -> None:
    require_unique_keys([path])


@pytest.mark.parametrize("read", [read_yaml, check_configuration, read_published])
@pytest.mark.parametrize(("text", "words"), REPEATED.values(), ids=REPEATED)
def test_a_key_that_stands_twice_is_refused(
    tmp_path: Path, text: str, words: str, read: Callable[[Path], object]
) -> None:
    path = tmp_path / "my.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}{words}")
    assert "\n" not in str(caught.value)


def test_what_is_merged_may_be_repeated(tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    path.write_text(MERGED, encoding="utf-8")
    require_unique_keys([path])
    read = read_yaml(path)
    assert read["wave"] == {"rate": 3, "steps": 4}
    assert read["both"] == {"rate": 5, "steps": 2}
    for own in (ROOT / "config.yaml", *(ROOT / "paper/published").glob("*.yaml")):
        assert read_yaml(own) == yaml.safe_load(own.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a: 1\n\tb: 2\n", ":2: not valid YAML: found character"),
        (b"a: *b\n", ":1: not valid YAML: found undefined alias"),
        (b"a: \0\n", ": not valid YAML: unacceptable character"),
        (b"a: caf\xe9\n", ": not UTF-8: "),
        (b"a: 2026-13-01\n", ": not valid YAML: month must be in 1..12"),
        (b"[" * 1_000, ": not valid YAML: nested too deep"),
    ],
)
def test_broken_yaml_is_one_line_that_names_the_file(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "my.yaml"
    path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_yaml(path)
    assert str(caught.value).startswith(f"{path}{words}")
    assert "\n" not in str(caught.value)


def test_json_that_tabs_indent_is_left_to_who_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "my.json"
    path.write_text('{\n\t"a": 1\n}\n', encoding="utf-8")
    require_unique_keys([path])
