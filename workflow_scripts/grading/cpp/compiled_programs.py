"""C++ programs: compiled in a sandbox of the compiler's, executed in one of their own."""

import json
import os
import re
import socket
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from workflow_scripts.grading import judging
from workflow_scripts.grading.cpp import cpp_units
from workflow_scripts.grading.cpp.dialects import (
    PARTIAL_DIALECTS,
    SCRIPT_DIALECTS,
    TEST_DIALECTS,
    Dialect,
    clashes,
    further_dialects,
)
from workflow_scripts.grading.cpp.toolchain import Toolchain
from workflow_scripts.grading.expectations import bytes_of
from workflow_scripts.grading.sandbox.room import SAID_WHERE_FULL, is_full
from workflow_scripts.grading.sandbox.wire import SANDBOX_ENTERED, Ending, Job, write_all
from workflow_scripts.grading.sandbox.zygote_process import Outcome, Request, ZygoteProcess, collect, input_file, seal
from workflow_scripts.grading.verdicts import Grade, InfrastructureError, Limits, UnsupportedTests, Verdict

LARGEST_BINARY_BYTES = 64 << 20
_OPEN_BINARIES = 16
_OPEN_BYTES = 2 * LARGEST_BINARY_BYTES
_NEEDED_AT_ONCE = 2  # the tests and the program of one problem
# What to link where a unit mentions a header, as HumanEval-X's harness does for one of its problems.
_LIBRARIES = {"<openssl/": ["-lssl", "-lcrypto"]}
_ERROR = re.compile(r"(?:fatal )?error: (.*)")
_OUT_OF_MEMORY = re.compile(r"cc1plus: out of memory|virtual memory exhausted|Cannot allocate memory")
_TOO_LARGE = re.compile(r"File size limit exceeded|File too large|file too big")
# How the linker's parent says that it was ended from outside. A source can make the linker say so too: a reason to try
# again, and no more.
_LINKER_KILLED = re.compile(r"ld terminated with signal 9")
_LINKER_ATTEMPTS = 2
_NO_CASE = {"input": "", "output": ""}
_OUT_OF_TIME = re.compile(r"CPU time limit exceeded")


class CompiledPrograms:
    """Judges C++ programs with the zygotes of one worker; keeps the binaries that were used last open."""

    def __init__(self, limits: Limits, toolchain: Toolchain, zygote: Callable[[str], ZygoteProcess]) -> None:
        self._limits, self._toolchain, self._zygote = limits, toolchain, zygote
        self._binaries: OrderedDict[str, int] = OrderedDict()

    def close(self) -> None:
        """Let go of the binaries."""
        while self._binaries:
            os.close(self._binaries.popitem()[1])

    def judge_tests(self, problem: Mapping[str, Any], program: str, cpu_seconds: float) -> Grade:
        """The grade of a program by asserts in a program of their own; raises UnsupportedTests."""
        tests = self._split_binary(cpp_units.tester_unit(problem))
        if isinstance(tests, Grade):
            raise UnsupportedTests(
                f"problem {problem['task_id']}: its tests, apart from the program: {_brief(tests).detail}"
            )
        candidate = self._split_binary(cpp_units.candidate_unit(problem, program))
        if isinstance(candidate, Grade):
            return _brief(candidate)
        ours, theirs = socket.socketpair()
        with ours, theirs:
            pair = self._zygote("binary"), self._zygote("tests' binary")
            pair[0].send(Request(Job.EXECUTE_SPLIT, cpu_seconds, b"", b"", [candidate, theirs.fileno()]))
            pair[1].send(Request(Job.EXECUTE_TESTS, cpu_seconds, b"", b"", [tests, ours.fileno()]))
        return judging.judge_native_tests(problem["task_id"], *collect(pair))

    def judge_unsplit_tests(self, problem: Mapping[str, Any], program: str, cpu_seconds: float) -> Grade:
        """The grade of a program by asserts that were compiled into it: its exit status, which it can forge."""
        binary = self._binary(cpp_units.plain_unit(problem, program), TEST_DIALECTS)
        if isinstance(binary, Grade):
            return _brief(binary)
        grade = judging.judge_native_output(self._execute(binary, _NO_CASE, cpu_seconds), None)
        return Grade(grade.verdict, judging.UNSPLIT) if grade.verdict is Verdict.PASSED else grade

    def run(self, program: str, case: Mapping[str, str], cpu_seconds: float) -> Outcome | Grade:
        """How a program that reads the input of a case ends; a grade where it does not compile."""
        binary = self._script_binary(cpp_units.stdio_unit(program))
        return _brief(binary) if isinstance(binary, Grade) else self._execute(binary, case, cpu_seconds)

    def included(self, paths: Sequence[str]) -> list[str]:
        """Of some files, those whose content the assembler puts into a program; nothing of it is remembered."""
        lines = ("".join(f"\\{byte:03o}" for byte in os.fsencode(path)) for path in paths)
        unit = "".join(f'.incbin "{line}"\n' for line in lines)
        command = [str(self._toolchain.compiler), "-c", "-x", "assembler"]
        descriptor = os.memfd_create("included", os.MFD_CLOEXEC)
        try:
            _, messages = self._compile_once(unit, command, (), descriptor)
        finally:
            os.close(descriptor)
        refused = {int(line) for line in re.findall(r"^program\.cpp:(\d+): Error", messages, re.MULTILINE)}
        return [path for line, path in enumerate(paths, 1) if line not in refused]

    def _execute(self, binary: int, case: Mapping[str, str], cpu_seconds: float) -> Outcome:
        zygote = self._zygote("binary")
        size = bytes_of(case["output"])
        with input_file(case["input"]) as descriptor:
            zygote.send(Request(Job.EXECUTE, cpu_seconds, b"", b"", [binary, descriptor], expected_bytes=size))
        return collect([zygote])[0]

    def _split_binary(self, unit: str) -> int | Grade:
        """The descriptor of a compiled unit of split tests, or its grade.

        A partial header may lack what the unit means, so that its refusal is none.
        """
        partial = next((dialect for dialect in PARTIAL_DIALECTS if self._toolchain.covers(dialect, unit)), None)
        result = None if partial is None else self._compiled(unit, partial)
        if result is None or (isinstance(result, Grade) and result.verdict is Verdict.ERROR):
            return self._binary(unit, TEST_DIALECTS)
        return result

    def _binary(self, unit: str, dialects: Sequence[Dialect]) -> int | Grade:
        """The descriptor of the compiled unit, in the first dialect in which no names clash; or its grade."""
        result: int | Grade = Grade(Verdict.ERROR, "not compiled")
        for dialect in dialects:
            result = self._compiled(unit, dialect)
            if isinstance(result, int) or not clashes(result.detail):
                break
        return result

    def _script_binary(self, unit: str) -> int | Grade:
        """The descriptor of a compiled contest's program, or its grade: what g++'s own dialect says of it."""
        result = self._binary(unit, SCRIPT_DIALECTS)
        if isinstance(result, int) or result.verdict is not Verdict.ERROR:
            return result
        further = further_dialects(unit, result.detail, self._toolchain.new_names)
        while further:
            attempt = self._compiled(unit, further.pop(0))
            if isinstance(attempt, int):
                return attempt
            others = further_dialects(unit, attempt.detail, self._toolchain.new_names)
            further = [dialect for dialect in further if dialect in others]
        return result

    def _compiled(self, unit: str, dialect: Dialect) -> int | Grade:
        command = self._toolchain.command(
            dialect, [*dialect.definitions, f"-DSPLIT_TESTS_ANSWER_BYTES={self._limits.output_bytes}"]
        )
        libraries = [library for mark, names in _LIBRARIES.items() if mark in unit for library in names]
        key = self._toolchain.key(unit, [*command, *libraries])
        if key in self._binaries:
            self._binaries.move_to_end(key)
            return self._binaries[key]
        remembered = self._toolchain.cache.get(key)
        if isinstance(remembered, Grade):
            return remembered
        descriptor = os.memfd_create("program", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            if remembered is not None:
                write_all(descriptor, remembered)
            elif (refusal := self._compile(unit, command, libraries, descriptor)) is not None:
                self._toolchain.cache.put(key, refusal)
                os.close(descriptor)
                return refusal
            else:
                size = os.fstat(descriptor).st_size
                self._toolchain.cache.put(key, os.pread(descriptor, size, 0))
            # A program finds the file that it is in, and it is executed again.
            seal(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        self._binaries[key] = descriptor
        self._close_oldest()
        return descriptor

    def _close_oldest(self) -> None:
        size = sum(os.fstat(descriptor).st_size for descriptor in self._binaries.values())
        while len(self._binaries) > _NEEDED_AT_ONCE and (len(self._binaries) > _OPEN_BINARIES or size > _OPEN_BYTES):
            descriptor = self._binaries.popitem(last=False)[1]
            size -= os.fstat(descriptor).st_size
            os.close(descriptor)

    def _compile(self, unit: str, command: Sequence[str], libraries: Sequence[str], descriptor: int) -> Grade | None:
        """Compile into a file that a descriptor holds; the grade of a unit that does not compile."""
        for _ in range(_LINKER_ATTEMPTS):
            grade, messages = self._compile_once(unit, command, libraries, descriptor)
            if grade is None or not _LINKER_KILLED.search(messages):
                break
        return grade

    def _compile_once(
        self, unit: str, command: Sequence[str], libraries: Sequence[str], descriptor: int
    ) -> tuple[Grade | None, str]:
        """The grade of a unit that does not compile, and the compiler's messages."""
        zygote = self._zygote("compiler")
        task = json.dumps({"command": command, "libraries": libraries}).encode()
        source = unit.encode("utf-8", "surrogatepass")
        zygote.send(Request(Job.COMPILE, self._limits.compile_cpu_seconds, task, source, [descriptor]))
        outcome = collect([zygote])[0]
        if outcome.ending is Ending.CPU_LIMIT:
            return Grade(Verdict.TIME_LIMIT, "processor time of the compiler"), ""
        if outcome.ending is Ending.WALL_LIMIT:
            return Grade(Verdict.WALL_LIMIT, "the compiler waited for something"), ""
        try:
            report = json.loads(outcome.report[len(SANDBOX_ENTERED) :])
            status, messages, killed = report["status"], report["messages"], report["killed"]
        except (ValueError, KeyError):
            raise InfrastructureError(f"the compiler ended without a report ({outcome.ending.name})") from None
        if killed:
            raise InfrastructureError("the compiler was killed from outside: is the machine out of memory?")
        # Anybody can say so, but what the program wrote is gone by now.
        if SAID_WHERE_FULL in messages and is_full(Path(self._toolchain.scratch)):
            raise InfrastructureError(f"{self._toolchain.scratch}: no room for what the compiler writes")
        return None if status == 0 else _judge_messages(messages), messages


def _judge_messages(messages: str) -> Grade:
    if _OUT_OF_TIME.search(messages):
        return Grade(Verdict.TIME_LIMIT, "processor time of the compiler")
    if _TOO_LARGE.search(messages):
        return Grade(Verdict.ERROR, f"a compiled program of more than {LARGEST_BINARY_BYTES >> 20} MiB")
    if _OUT_OF_MEMORY.search(messages):
        return Grade(Verdict.MEMORY_LIMIT, "memory of the compiler")
    found = _ERROR.search(messages)
    return Grade(Verdict.ERROR, f"does not compile: {found[1] if found else messages}")


def _brief(refusal: Grade) -> Grade:
    """A refusal as it is reported; that it is decided by has the whole of the error, types' names included."""
    return Grade(refusal.verdict, judging.printable(refusal.detail))
