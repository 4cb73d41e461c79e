"""What `make` says of a target before anything is installed, and what `make help` lists."""

import re
import subprocess
from pathlib import Path

import pytest

from workflow_scripts.audit.make_targets import makefile_targets, refusal, rule_names

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
KNOWN = [*makefile_targets(MAKEFILE), *rule_names(ROOT)]


@pytest.mark.parametrize(
    "word",
    [
        *("figures/fig3.pdf", "paper/tables/tab06.md", "results/tiny/grading/isolation.txt", ".venv-vllm/.installed"),
        *("W4", "W104", "all", "science", "fig3", "tab06", "appendix_b", "test", "install-slurm"),
    ],
)
def test_what_make_or_snakemake_knows_is_let_through(word: str) -> None:
    assert refusal(word, KNOWN) is None


@pytest.mark.parametrize(
    ("word", "close"),
    [("figurs", "figures/..."), ("figurs/fig3.pdf", "figures/..."), ("tset", "test"), ("preflght", "preflight")],
)
def test_a_slip_is_answered_with_what_is_close(word: str, close: str) -> None:
    answer = refusal(word, KNOWN)
    assert answer is not None
    assert answer.startswith(f"{word}: no such target; close: ")
    assert close in answer


def make(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", "-C", str(project), *words], capture_output=True, text=True, check=False)


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """The checkout's Makefile and code, without an environment and without a way to make one."""
    for part in ("Makefile", "Snakefile", "rules", "workflow_scripts", "paper"):
        (tmp_path / part).symlink_to(ROOT / part)
    (tmp_path / "envs").mkdir()
    for name in ("cpu", "gpu", "vllm"):
        (tmp_path / f"envs/{name}.lock").touch()
    install = tmp_path / "envs/install.sh"
    install.write_text("#!/bin/sh\necho installing\nexit 1\n")
    install.chmod(0o755)
    return tmp_path


def test_a_slip_installs_nothing(bare: Path) -> None:
    done = make(bare, "figurs")
    assert done.returncode == 2
    assert "error: figurs: no such target" in done.stderr
    assert "installing" not in done.stdout


def test_a_file_of_snakemakes_installs_first(bare: Path) -> None:
    assert "installing" in make(bare, "figures/fig3.pdf").stdout


def test_help_lists_every_target_in_a_line_without_an_environment(bare: Path) -> None:
    done = make(bare, "--silent", "help")
    listed = {line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ")}
    phony = re.search(r"^\.PHONY: (.*?)\n\n", MAKEFILE, flags=re.MULTILINE | re.DOTALL)
    assert phony is not None
    assert set(phony[1].replace("\\\n", "").split()) - {"known", "FORCE"} <= listed
    assert "installing" not in done.stdout
