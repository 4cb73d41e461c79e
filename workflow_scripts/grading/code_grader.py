"""Grades model-written Python programs in a sandbox: the reward of every rollout and evaluation (section 5.1)."""

import hashlib
import json
import marshal
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from workflow_scripts.core.errors import UserError
from workflow_scripts.grading.judging import judge
from workflow_scripts.grading.self_test import check_known_verdicts, measure_layers, require_layers
from workflow_scripts.grading.verdicts import Grade, InfrastructureError, Limits, Verdict
from workflow_scripts.grading.worker_process import WorkerPool

__all__ = ["CodeGrader", "Grade", "InfrastructureError", "Limits", "Verdict", "program_of"]

_CACHED_GRADES = 65536


def program_of(problem: Mapping[str, Any], completion: str) -> str:
    """The whole program that a completion stands for, by the problem's ``completion_kind``."""
    return problem["prompt"] + completion if problem["completion_kind"] == "continuation" else completion


class CodeGrader:
    """Grades completions of problems (see problem.schema.json); a context manager whose workers start on first use.

    ``required_layers`` names the isolation layers without which it refuses to run anything. ``workers`` is how many
    programs are judged at the same time. ``allow_unsplit_asserts`` accepts assert tests although they run inside the
    program's own process, where a program could forge the verdict. One grader serves one thread.
    """

    def __init__(
        self, limits: Limits, required_layers: Sequence[str], workers: int = 1, allow_unsplit_asserts: bool = False
    ) -> None:
        self._required_layers = tuple(required_layers)
        self._memory_bytes = limits.memory_bytes
        self._allow_unsplit_asserts = allow_unsplit_asserts
        self._pool = WorkerPool(limits, workers)
        self._layers: dict[str, str] | None = None
        self._cache: OrderedDict[bytes, Grade] = OrderedDict()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the worker processes; a later grading starts them again."""
        self._pool.close()

    @property
    def layers(self) -> dict[str, str]:
        """Each isolation layer: "active", or why it is not; measured by programs that try what the layer forbids."""
        if self._layers is None:
            self._pool.start()
            self._layers = measure_layers(self._run, self._memory_bytes, self._pool.refused_layers or {})
        return dict(self._layers)

    def worker_pids(self) -> list[int]:
        """Process ids of the workers that run now."""
        return [worker.pid for worker in self._pool.workers]

    def self_test(self) -> None:
        """Start, probe the layers, and grade a program that is known to pass and one that is known to fail.

        Raises UserError where a required layer is not active, InfrastructureError where a known verdict is wrong.
        """
        require_layers(self.layers, self._required_layers)
        check_known_verdicts(self._run)

    def grade(self, problem: Mapping[str, Any], completions: Sequence[str]) -> list[Grade]:
        """The grade of each completion of one problem, in order; equal programs are judged once and remembered.

        Raises UserError for tests that this grader does not judge, InfrastructureError where the sandbox or the machine
        failed.
        """
        self._refuse_unsupported(problem)
        if self._layers is None:
            self.self_test()
        programs = [program_of(problem, completion) for completion in completions]
        identity = json.dumps([problem["entry_point"], problem["tests"]], sort_keys=True).encode()
        keys = [_key(identity, program) for program in programs]
        grades = {key: self._cache[key] for key in keys if key in self._cache}
        unknown = {key: program for key, program in zip(keys, programs, strict=True) if key not in grades}
        grades |= zip(unknown, self._run(problem, list(unknown.values())), strict=True)
        self._remember(grades)
        return [grades[key] for key in keys]

    def _run(self, problem: Mapping[str, Any], programs: Sequence[str]) -> list[Grade]:
        tests = problem["tests"]
        outcomes = self._pool.run(_task(problem), [program.encode("utf-8", "surrogatepass") for program in programs])
        return [judge(outcome, tests) for outcome in outcomes]

    def _remember(self, grades: Mapping[bytes, Grade]) -> None:
        for key, grade in grades.items():
            self._cache[key] = grade
            self._cache.move_to_end(key)
        while len(self._cache) > _CACHED_GRADES:
            self._cache.popitem(last=False)

    def _refuse_unsupported(self, problem: Mapping[str, Any]) -> None:
        name, kind = problem["task_id"], problem["tests"]["kind"]
        if problem["language"] != "python" or kind == "stdio":
            raise UserError(
                f"problem {name}: language {problem['language']}, tests of kind {kind}: "
                "this grader judges Python programs by call tests and assert tests; leave such problems out"
            )
        if kind == "asserts" and not self._allow_unsplit_asserts:
            raise UserError(
                f"problem {name}: assert tests would run inside the program's own process, where it could forge the "
                "verdict: needs the flag allow_unsplit_asserts, or rewrite the tests as calls"
            )


def _task(problem: Mapping[str, Any]) -> bytes:
    """What the sandbox may know of a problem: of call tests the arguments, never the expected values."""
    tests = problem["tests"]
    task: dict[str, Any] = {"entry_point": problem["entry_point"]}
    if tests["kind"] == "asserts":
        task["asserts"] = tests["code"]
    else:
        task["calls"] = [call["arguments"] for call in tests["calls"]]
    return marshal.dumps(task)


def _key(identity: bytes, program: str) -> bytes:
    digest = hashlib.blake2b(identity, digest_size=32)
    digest.update(b"\0" + program.encode("utf-8", "surrogatepass"))
    return digest.digest()
