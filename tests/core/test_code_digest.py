"""A digest changes with what can change a result, and with nothing else."""

import ast
import shutil
import subprocess
from pathlib import Path

import pytest

from workflow_scripts.core.code_digest import PACKAGE, ROOT, code_digest, local_modules
from workflow_scripts.core.errors import UserError

TREE = {
    "__init__.py": "",
    "training/__init__.py": "",
    "training/train.py": '"""Trains."""\nfrom workflow_scripts.training import loss\n\nprint(loss.scale())\n',
    "training/loss.py": "from .scales import deep\n\n\ndef scale():\n    return 2 * deep.FACTOR\n",
    "training/scales/__init__.py": "",
    "training/scales/deep.py": 'from ...core import units\n\nFACTOR = 3 * units.ONE\nREAD = "deep.hpp", """a\nb"""\n',
    "training/scales/deep.hpp": "// Read by deep.py.\n#define DEEP 1\n",
    "core/__init__.py": "",
    "core/units.py": "ONE = 1\n",
    "core/unused.py": "TWO = 2\n",
}
REACHED = sorted(name for name in TREE if name != "core/unused.py")


@pytest.fixture
def digest(tmp_path: Path):
    """The digest of the tree with some files replaced; a folder of its own each time, since parsed files are kept."""
    count = iter(range(100))

    def digest(changes: dict[str, str] | None = None) -> str:
        root = tmp_path / str(next(count))
        for name, text in (TREE | (changes or {})).items():
            path = root / PACKAGE / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        digest.root = root
        return code_digest("training/train.py", root=root)

    return digest


def test_imports_are_followed_through_packages_and_relative_names(digest) -> None:
    digest()
    found = local_modules("training/train.py", root=digest.root)
    assert [path.relative_to(digest.root / PACKAGE).as_posix() for path in found] == REACHED


@pytest.mark.parametrize(
    "changes",
    [
        {"training/train.py": TREE["training/train.py"].replace("Trains.", "Trains a model.")},
        {"training/train.py": TREE["training/train.py"].replace('"""Trains."""\n', "")},
        {"training/train.py": TREE["training/train.py"] + "\n\n# why\n"},
        {"training/loss.py": TREE["training/loss.py"].replace("    return", '    """Six."""\n\n    # six\n    return')},
        {
            "training/loss.py": TREE["training/loss.py"].replace(
                "2 * deep.FACTOR", "(\n        2\n        * deep.FACTOR\n    )"
            )
        },
        {"core/unused.py": "TWO = 22\n"},
        {"training/new.py": "from workflow_scripts.training import train\n"},
    ],
    ids=["docstring", "no docstring", "comment", "inner docstring", "layout", "unrelated file", "new file"],
)
def test_what_changes_no_result_keeps_the_digest(digest, changes: dict[str, str]) -> None:
    assert digest(changes) == digest()


@pytest.mark.parametrize(
    "changes",
    [
        {"core/units.py": "ONE = 1.0\n"},
        {"training/loss.py": TREE["training/loss.py"].replace("2 *", "3 *")},
        {"training/scales/__init__.py": "import os\n"},
        {"training/train.py": TREE["training/train.py"] + "'''a string that is no docstring'''\n"},
        {"core/units.py": "from workflow_scripts.core import unused\n\nONE = 1\n"},
    ],
    ids=["constant far away", "constant", "package", "string", "new import"],
)
def test_what_can_change_a_result_changes_the_digest(digest, changes: dict[str, str]) -> None:
    assert digest(changes) != digest()


def test_a_digest_is_the_same_in_another_folder(digest) -> None:
    assert digest() == digest()
    assert len(digest()) == 16


def test_a_clone_with_other_line_ends_has_the_same_digest(digest) -> None:
    changed = {name: text.replace("\n", "\r\n") for name, text in TREE.items()}
    before = digest()
    assert digest(changed) == before
    assert b"\r\n" in (digest.root / PACKAGE / "training/scales/deep.hpp").read_bytes()


def test_a_clone_keeps_line_ends_and_binary_files_whatever_git_is_set_to(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    kinds = {".py": b"a\n", ".yaml": b"a: 1\n", ".png": b"\x89PNG\r\n\x1a\n", ".parquet": b"PAR1\n"}
    for suffix, content in kinds.items():
        (own / f"file{suffix}").write_bytes(content)
    shutil.copy(ROOT / ".gitattributes", own)
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "all"]):
        subprocess.run(["git", *command], cwd=own, check=True)
    subprocess.run(["git", "clone", "-q", "-c", "core.autocrlf=true", own, tmp_path / "clone"], check=True)
    assert {suffix: (tmp_path / "clone" / f"file{suffix}").read_bytes() for suffix in kinds} == kinds


def test_a_circle_of_imports_ends(digest) -> None:
    changed = digest({"core/units.py": "from workflow_scripts.training import train\n\nONE = 1\n"})
    assert changed != digest()


def test_mistakes_name_the_file_and_line(digest) -> None:
    with pytest.raises(UserError, match=r"units\.py:2: "):
        digest({"core/units.py": "ONE = 1\nTWO = = 2\n"})
    with pytest.raises(UserError, match=r"training/trian\.py: no such script"):
        code_digest("training/trian.py")


def stages(*scripts: str) -> set[str]:
    return {path.relative_to(ROOT / PACKAGE).parts[0] for path in local_modules(*scripts)} - {"__init__.py"}


def test_the_trainer_depends_on_the_sandbox_and_not_on_what_reads_traces() -> None:
    scripts = (
        "training/train_campaign.py",
        "grading/sandbox/zygote.py",
    )  # the zygote is started as a process of its own
    names = {path.relative_to(ROOT / PACKAGE).as_posix() for path in local_modules(*scripts)}
    confined = {f"sandbox/{name}" for name in ("landlock", "seccomp", "wire", "zygote_process")}
    wanted = {"answers", "judging", "inside/candidate"} | confined
    assert {f"grading/{name}.py" for name in wanted} | {"grading/cpp/remote_calls.hpp"} <= names
    assert {
        "training/samplers/sampling.py",
        "training/update/policy_update.py",
        "models/qwen2.py",
        "core/seeds.py",
    } <= names
    assert stages(*scripts) == {"core", "models", "grading", "training"}


def test_an_edit_of_a_table_or_figure_retrains_nothing() -> None:
    for script in ("control/decide.py", "models/pretrain_model.py", "problems/generate_problems.py"):
        assert not stages(script) & {"statistics", "simulation", "evaluation", "tables", "figures", "audit"}


def imported_packages(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("stage", ["cost", "control", "simulation", "statistics", "tables", "figures", "audit"])
def test_light_stages_never_import_torch(stage: str) -> None:
    # No job, and it looks for the very packages that a light environment lacks.
    but = ROOT / PACKAGE / "audit/preflight.py"
    files = [path for path in (ROOT / PACKAGE / stage).rglob("*.py") if path != but]
    scripts = [path.relative_to(ROOT / PACKAGE).as_posix() for path in files]
    heavy = {"torch", "transformers", "tokenizers", "safetensors"}
    for path in local_modules(*scripts) if scripts else []:
        assert not imported_packages(path) & heavy, path
