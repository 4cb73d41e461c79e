"""One worker of a grader: the zygotes that it keeps warm, and which of them judges what."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workflow_scripts.core.errors import UserError
from workflow_scripts.grading import judging
from workflow_scripts.grading.cpp.compiled_programs import LARGEST_BINARY_BYTES, CompiledPrograms
from workflow_scripts.grading.cpp.toolchain import Toolchain
from workflow_scripts.grading.expectations import require_judgeable
from workflow_scripts.grading.python_programs import PythonPrograms
from workflow_scripts.grading.sandbox.resource_limits import require_cpu_seconds, require_granted
from workflow_scripts.grading.sandbox.roles import Confinement, Role
from workflow_scripts.grading.sandbox.zygote_process import ZygoteDied, ZygoteProcess
from workflow_scripts.grading.verdicts import Grade, InfrastructureError, Limits, UnsupportedTests, Verdict

_ATTEMPTS = 2
# A program's text is parsed into many times its size.
_PROGRAM_SHARE_OF_MEMORY = 16
# Tests wait while the program computes.
_TESTS_PATIENCE = 2
# Compiling does not sleep: what takes so many times its processor time waits for the machine.
_COMPILER_PATIENCE = 20
_ROLES = {
    "program": Role.PYTHON,
    "tests": Role.PYTHON,
    "binary": Role.NATIVE,
    "tests' binary": Role.NATIVE,
    "compiler": Role.COMPILER,
}


class Worker:
    """Judges one program at a time; its zygotes start on first use. One worker serves one thread."""

    def __init__(self, limits: Limits, toolchain: Toolchain, stopping: threading.Event) -> None:
        self._limits, self._toolchain, self._stopping = limits, toolchain, stopping
        self._zygotes: dict[str, ZygoteProcess] = {}
        self._python = PythonPrograms(self._zygote)
        self._compiled = CompiledPrograms(limits, toolchain, self._zygote)
        self.refused_layers: dict[Role, dict[str, str]] = {}

    def close(self) -> None:
        """End the zygotes; a later grading starts them again."""
        for zygote in list(self._zygotes.values()):
            zygote.close()
        self._zygotes.clear()
        self._compiled.close()

    def pids(self) -> list[int]:
        """Process ids of the zygotes that run now."""
        return [zygote.pid for zygote in list(self._zygotes.values())]

    def judge(self, problem: Mapping[str, Any], program: str, split: bool = True) -> Grade:
        """The grade of a whole program; ``split`` keeps assert tests out of its process.

        Raises UnsupportedTests, and InfrastructureError where the sandbox or the machine failed twice.
        """
        require_judgeable(problem, self._limits)
        size = len(program.encode("utf-8", "surrogatepass"))
        if size > self._limits.memory_bytes // _PROGRAM_SHARE_OF_MEMORY:
            return Grade(Verdict.MEMORY_LIMIT, f"a program of {size} bytes")
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._judge(problem, program, split)
            except UnsupportedTests:
                raise
            except (ZygoteDied, InfrastructureError) as failure:
                # Whatever a zygote was at is unknown now.
                self.close()
                if self._stopping.is_set():
                    raise InfrastructureError("grading was stopped") from failure
                if attempt == _ATTEMPTS:
                    raise InfrastructureError(f"grading failed {attempt} times on one program: {failure}") from failure
            except BaseException:
                self.close()
                raise
        raise AssertionError("unreachable")

    def included_by_compiler(self, paths: Sequence[str]) -> list[str]:
        """Of some files, those that the compiler would copy into a program."""
        return self._compiled.included(paths)

    def _judge(self, problem: Mapping[str, Any], program: str, split: bool) -> Grade:
        kind, seconds, tolerance = (
            problem["tests"]["kind"],
            self._cpu_seconds(problem),
            problem["tests"].get("tolerance"),
        )
        if problem["language"] == "cpp":
            if kind == "stdio":
                return _judge_cases(problem, lambda case: self._judge_compiled_case(program, case, seconds, tolerance))
            if kind == "asserts":
                judge_tests = self._compiled.judge_tests if split else self._compiled.judge_unsplit_tests
                return judge_tests(problem, program, seconds)
            raise UnsupportedTests(f"problem {problem['task_id']}: C++ is judged by asserts and stdio, not by {kind}")
        text = program.encode("utf-8", "surrogatepass")
        if kind == "stdio":
            return _judge_cases(problem, lambda case: self._judge_python_case(text, case, seconds, tolerance))
        if kind == "asserts":
            return (self._python.judge_tests if split else self._python.judge_unsplit_tests)(problem, text, seconds)
        return self._python.judge_calls(problem, text, seconds)

    def _judge_python_case(
        self, program: bytes, case: Mapping[str, str], seconds: float, tolerance: float | None
    ) -> Grade:
        return judging.judge_output(self._python.run(program, case, seconds), case["output"], tolerance)

    def _judge_compiled_case(
        self, program: str, case: Mapping[str, str], seconds: float, tolerance: float | None
    ) -> Grade:
        outcome = self._compiled.run(program, case, seconds)
        return (
            outcome if isinstance(outcome, Grade) else judging.judge_native_output(outcome, case["output"], tolerance)
        )

    def _cpu_seconds(self, problem: Mapping[str, Any]) -> float:
        published = problem.get("time_limit_seconds")
        if published is None:
            return self._limits.cpu_seconds
        seconds = self._limits.time_limit_factor * float(published)
        try:
            require_cpu_seconds(seconds, f"its time limit of {published} s, of which a program gets {seconds:g} s")
        except UserError as error:
            raise UnsupportedTests(f"problem {problem['task_id']}: {error}") from None
        return seconds

    def _zygote(self, name: str) -> ZygoteProcess:
        if name in self._zygotes:
            return self._zygotes[name]
        role, limits = _ROLES[name], self._limits
        cpu_seconds, wall_seconds = limits.cpu_seconds, limits.wall_seconds
        confinement = Confinement(role, limits.memory_bytes, limits.stack_bytes)
        if role is Role.NATIVE:
            files = self._toolchain.files
            confinement = confinement._replace(readable=files.library_data, libraries=files.libraries)
        if role is Role.COMPILER:
            self._toolchain.prepare()
            cpu_seconds = limits.compile_cpu_seconds
            wall_seconds = _COMPILER_PATIENCE * cpu_seconds
            confinement = Confinement(
                role,
                limits.compile_memory_bytes,
                limits.stack_bytes,
                file_bytes=LARGEST_BINARY_BYTES,
                readable=self._toolchain.readable,
                libraries=self._toolchain.files.libraries,
                scratch=self._toolchain.scratch,
            )
        require_granted(confinement, cpu_seconds)
        if name.startswith("tests"):
            wall_seconds *= _TESTS_PATIENCE
        zygote = ZygoteProcess(confinement, wall_seconds, limits.output_bytes)
        self._zygotes[name] = zygote
        # Layers are probed once; a later zygote with fewer of them would be a silent downgrade.
        refused = zygote.wait_until_ready()
        if self.refused_layers.setdefault(role, refused) != refused:
            raise InfrastructureError(f"a new {role} process lost isolation layers: {refused}")
        return zygote


def _judge_cases(problem: Mapping[str, Any], judge: Callable[[Mapping[str, str]], Grade]) -> Grade:
    """The grade of the first case that a program does not pass."""
    cases = problem["tests"]["cases"]
    for number, case in enumerate(cases, 1):
        grade = judge(case)
        if grade.verdict is not Verdict.PASSED:
            return Grade(grade.verdict, f"case {number} of {len(cases)}: {grade.detail}")
    return Grade(Verdict.PASSED, f"{len(cases)} cases")
