"""What config.yaml says stands on a job's command line as it is written there, whatever a shell would make of it."""

import re
import shlex
from pathlib import Path

from tests.workflow.project import ROOT, copy_project, edit_config, read_config, snakemake

HOSTILE = "; touch 'pwned' \"$HOME\" `id` \\ * # & two"


def test_every_param_in_a_command_is_quoted() -> None:
    """Also those that hold no free text today; words that belong together are a list."""
    params = {(path.name, param) for path in (ROOT / "rules").glob("*.smk") for param in used_params(path)}
    assert len(params) > 60
    assert {param for param in params if not param[1].endswith(":q")} == set()


def used_params(path: Path) -> list[str]:
    return re.findall(r"\{(params\b[^}]*)\}", path.read_text(encoding="utf-8"))


def test_free_text_reaches_the_command_as_one_word(tmp_path: Path) -> None:
    project = copy_project(tmp_path)
    beds = read_config(project)["testbeds"]
    bed = beds["qwen"]
    # A name that says how large the model is.
    bed["models"]["7B"] |= {"name": f"Qwen2.5-7B{HOSTILE}", "revision": f"main{HOSTILE}"}
    bed["problems"]["sources"]["apps"] |= {"data_set": f"apps{HOSTILE}", "revision": f"v1{HOSTILE}"}
    edit_config(project, testbed="qwen", testbeds=beds)
    result = snakemake(project, "-n", "-p", "results/qwen/statistics/W0.json")
    assert result.returncode == 0, result.stderr
    commands = [shlex.split(line) for line in result.stdout.splitlines() if "workflow_scripts." in line]
    for option, value in (
        ("--model-name", f"Qwen2.5-7B{HOSTILE}"),
        ("--source", f"Qwen2.5-7B{HOSTILE}"),
        ("--revision", f"main{HOSTILE}"),
        ("--data-set", f"apps{HOSTILE}"),
        ("--revision", f"v1{HOSTILE}"),
    ):
        given = [words[words.index(option) + 1] for words in commands if option in words]
        assert value in given
        assert {word for word in given if word.startswith(value[:4])} == {value}
