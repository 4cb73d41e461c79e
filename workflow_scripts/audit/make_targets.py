"""Refuse words that neither the Makefile nor Snakemake can know, with what is close, before anything is installed.

The Makefile's targets are its `## target: text` lines. Snakemake's are files below its folders, and rules by their
names, of which those of waves, tables and figures are made as it runs. Needs the standard library alone.
"""

import argparse
import difflib
import re
from collections.abc import Sequence
from pathlib import Path

from workflow_scripts.core.cli import run
from workflow_scripts.core.errors import UserError

FOLDERS = ("figures", "paper", "results")
WAVE = re.compile(r"W\d")
MOST_SHOWN = 3


def makefile_targets(text: str) -> list[str]:
    return re.findall(r"^## ([\w-]+):", text, flags=re.MULTILINE)


def rule_names(project: Path) -> list[str]:
    """Rules with a written name, and those that are named by a table or figure."""
    texts = (path.read_text(encoding="utf-8") for path in (project / "Snakefile", *(project / "rules").glob("*.smk")))
    written = [name for text in texts for name in re.findall(r"^ *rule (\w+):", text, flags=re.MULTILINE)]
    return [*written, "fig1", "fig3", *(path.stem for path in (project / "paper/published").glob("*.yaml"))]


def refusal(word: str, known: Sequence[str]) -> str | None:
    """Why there can be no such target; None where there can."""
    folder, slash, _ = word.partition("/")
    if (slash and (folder in FOLDERS or folder.startswith("."))) or word in known or WAVE.match(word):
        return None
    candidates = [f"{folder}/..." for folder in FOLDERS] if slash else [*known, *(f"{name}/..." for name in FOLDERS)]
    near = difflib.get_close_matches(f"{folder}/..." if slash else word, candidates, n=MOST_SHOWN)
    close = f"; close: {', '.join(near)}" if near else ""
    return f"{word}: no such target{close}; `make help` lists them"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", metavar="TARGET")
    project = Path(__file__).resolve().parents[2]
    known = [*makefile_targets((project / "Makefile").read_text(encoding="utf-8")), *rule_names(project)]
    refusals = [text for word in parser.parse_args().words if (text := refusal(word, known))]
    if refusals:
        raise UserError("\n".join(refusals))


if __name__ == "__main__":
    run(main)
