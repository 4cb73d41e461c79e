"""What a sandbox reads: the libraries, the compiler and nothing beside them; what is private is tried first."""

import os
import re
import shutil
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from tests.grading.conftest import LAYERS, LIMITS, call_problem, stdio_problem
from workflow_scripts.core.errors import UserError
from workflow_scripts.grading import private_paths as private
from workflow_scripts.grading.code_grader import CodeGrader, Verdict
from workflow_scripts.grading.cpp import compiler_files
from workflow_scripts.grading.private_paths import private_paths
from workflow_scripts.grading.sandbox import readable_files

LIBRARY = sysconfig.get_paths()["stdlib"]
ROOT = Path(__file__).resolve().parents[3]
PYTHON, CPP = call_problem(([1], 1)), stdio_problem(("1", "1"), language="cpp")
MAIN = "#include <iostream>\nint main() {\n    std::cout << 1;\n}\n"
HEADER = next(map(str, Path("/usr/include").glob("*.h")), "/usr/include/stdio.h")
_IMPORTS = "argparse csv difflib fractions graphlib html pprint statistics xml.etree.ElementTree"


def test_all_of_pythons_library_is_found_and_nothing_that_is_installed_beside_it(grader: CodeGrader) -> None:
    installed = next(path for path in Path(LIBRARY, "site-packages").rglob("*") if path.is_file())
    program = (
        "import importlib\nimportlib.invalidate_caches()\n\ndef f(names, path):\n"
        "    for name in names:\n        importlib.import_module(name)\n"
        "    try:\n        open(path)\n    except PermissionError:\n        return len(names)\n"
    )
    problem = call_problem(([_IMPORTS.split(), str(installed)], len(_IMPORTS.split())))
    (grade,) = grader.grade(problem, [program])
    assert grade.verdict is Verdict.PASSED, grade


def test_of_a_shared_folder_libraries_alone_are_granted(tmp_path: Path) -> None:
    names = ("libx.so", "libx.so.1.2", "crt1.o", "libx.a", "problems.jsonl", "libx.so.jsonl", "x.so.1.py")
    for folder in ("lib", "lib64", "x86_64-linux-gnu"):
        (tmp_path / folder / "python3.11").mkdir(parents=True)
        for name in names:
            (tmp_path / folder / name).touch()
    (tmp_path / "lib" / "missing.so").symlink_to("nowhere")
    shared, alone = tmp_path / "lib", tmp_path / "x86_64-linux-gnu"
    granted = set(readable_files.libraries([str(shared), str(alone), str(tmp_path / "none")]))
    assert granted == {str(alone), *(str(shared / name) for name in names[:4])}


def test_a_compiler_is_its_programs_and_folders_wherever_it_is(tmp_path: Path) -> None:
    real = shutil.which("g++")
    assert real is not None
    wrapper = tmp_path / "prefix" / "bin" / "g++"
    wrapper.parent.mkdir(parents=True)
    wrapper.write_text(f'#!/bin/sh\nexec {real} "$@"\n')
    wrapper.chmod(0o755)
    files = compiler_files.find_compiler_files(wrapper)
    assert {str(wrapper), os.path.realpath(real), os.path.realpath("/bin/sh")} <= set(files.readable)
    granted = [*files.readable, *readable_files.libraries(files.libraries)]
    broad = {"/", "/usr", "/usr/bin", "/usr/lib", "/lib", "/usr/share", str(tmp_path / "prefix")}
    assert not broad & {os.path.realpath(path) for path in granted}
    assert any(path.endswith("/cc1plus") for path in granted)


def test_a_compiler_that_compiles_no_cpp_is_named() -> None:
    with pytest.raises(UserError, match=r"/bin/true: does not say where its headers are"):
        compiler_files.find_compiler_files(Path("/bin/true"))


def test_what_is_private_is_named() -> None:
    paths = private_paths([Path(os.__file__)])
    assert {os.__file__, os.path.dirname(os.__file__), str(Path.home()), str(ROOT), private.__file__} <= set(paths)


def test_what_is_private_is_tried_before_the_first_grade(compiled: Path, tmp_path: Path) -> None:
    secret = tmp_path / 'a "quoted" name'
    secret.write_text("42")
    unreadable = [secret, Path("/usr/bin/env"), Path(sys.executable)]
    with CodeGrader(LIMITS, LAYERS, cache_folder=compiled, private=unreadable) as grader:
        assert grader.grade(PYTHON, ["def f(x):\n    return x\n"])[0].verdict is Verdict.PASSED
        assert grader.grade(CPP, [MAIN])[0].verdict is Verdict.PASSED


@pytest.mark.parametrize(
    ("path", "problem", "who"),
    [
        (os.__file__, PYTHON, "a Python program"),
        ("/usr/share/zoneinfo", CPP, "a compiled program"),
        (HEADER, CPP, "the compiler"),
    ],
    ids=str,
)
def test_a_private_path_that_can_be_read_is_named(path: str, problem: dict[str, Any], who: str, compiled: Path) -> None:
    with (
        CodeGrader(LIMITS, LAYERS, cache_folder=compiled, private=[Path(path)]) as grader,
        pytest.raises(UserError, match=f"{re.escape(path)}: {who} can read it in the sandbox"),
    ):
        grader.grade(problem, [MAIN])


def test_a_compiled_program_is_sealed(compiled: Path) -> None:
    with CodeGrader(LIMITS, LAYERS, cache_folder=compiled) as grader:
        assert grader.grade(CPP, [MAIN])[0].verdict is Verdict.PASSED
        programs = [link for link in os.listdir("/proc/self/fd") if "memfd:program" in read_link(link)]
        assert programs
        for link in programs:
            with open(f"/proc/self/fd/{link}", "r+b", buffering=0) as file:
                for change in (lambda file=file: file.write(b"0"), lambda file=file: file.truncate(0)):
                    with pytest.raises(PermissionError):
                        change()


def read_link(descriptor: str) -> str:
    """What a descriptor of this process is open on; empty where it is closed by now."""
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except FileNotFoundError:
        return ""
