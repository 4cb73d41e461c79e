"""Grades model-written programs in a sandbox: the reward of every rollout and evaluation (section 5.1)."""

import hashlib
import marshal
import queue
import threading
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from workflow_scripts.grading.cpp.toolchain import Toolchain
from workflow_scripts.grading.private_paths import private_paths, require_unreadable
from workflow_scripts.grading.self_test import (
    ACTIVE,
    check_known_verdicts,
    measure_compiled_layers,
    measure_layers,
    require_layers,
)
from workflow_scripts.grading.verdicts import BrokenTests, Grade, InfrastructureError, Limits, UnsupportedTests, Verdict
from workflow_scripts.grading.worker import Worker

__all__ = ["CodeGrader", "Grade", "InfrastructureError", "Limits", "UnsupportedTests", "Verdict", "program_of"]

_CACHED_GRADES = 65536
# So many failures of the sandbox in a row are no accident: what follows is not tried.
_FAILURES_IN_A_ROW = 3

# Of one program: its grade, or why there is none.
Outcome = Grade | UnsupportedTests | InfrastructureError
_QUEUED_PER_WORKER = 4


def program_of(problem: Mapping[str, Any], completion: str) -> str:
    """The whole program that a completion stands for, by the problem's ``completion_kind``."""
    return problem["prompt"] + completion if problem["completion_kind"] == "continuation" else completion


class CodeGrader:
    """Grades completions of problems (see problem.schema.json); a context manager whose processes start on first use.

    ``required_layers`` names the isolation layers without which it refuses to run anything. ``workers`` is how many
    programs are judged at the same time. ``allow_unsplit_asserts`` runs assert tests inside the program's own process,
    where a program could forge the verdict, if they cannot be run outside of it. ``cache_folder`` keeps compiled
    programs and the compiler's headers from one run to the next. ``private`` are files and folders that no program may
    read, beside this checkout and the home folder: before the first grading it is tried. One grader serves one thread.
    """

    def __init__(
        self,
        limits: Limits,
        required_layers: Sequence[str],
        workers: int = 1,
        allow_unsplit_asserts: bool = False,
        cache_folder: Path | None = None,
        private: Sequence[Path] = (),
    ) -> None:
        self._private = tuple(private)
        self._limits, self._required_layers = limits, tuple(required_layers)
        self._allow_unsplit_asserts = allow_unsplit_asserts
        self._stopping = threading.Event()
        self._toolchain = Toolchain(cache_folder)
        self._workers = [Worker(limits, self._toolchain, self._stopping) for _ in range(workers)]
        self._layers: dict[str, str] | None = None
        self._prepared: set[tuple[str, str]] = set()
        self._unprepared: dict[tuple[str, str], InfrastructureError] = {}
        self._cache: OrderedDict[bytes, Grade | UnsupportedTests] = OrderedDict()
        self._failures, self._last_failure = 0, ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all processes; a later grading starts them again."""
        for worker in self._workers:
            worker.close()
        self._toolchain.close()

    @property
    def layers(self) -> dict[str, str]:
        """Each isolation layer: "active", or why it is not; measured by programs that try what the layer forbids."""
        if self._layers is None:
            self._layers = measure_layers(self._workers[0], self._limits.memory_bytes)
        return dict(self._layers)

    def worker_pids(self) -> list[int]:
        """Process ids of the zygotes that run now."""
        return [pid for worker in self._workers for pid in worker.pids()]

    def self_test(self) -> None:
        """Start, probe the layers, and grade programs that are known to pass and to fail.

        Raises UserError where a required layer is not active, InfrastructureError where a known verdict is wrong.
        """
        require_layers(self.layers, self._required_layers)
        for language, kind in (("python", "calls"), ("python", "asserts"), ("python", "stdio")):
            self._prepare(language, kind)

    def grade(self, problem: Mapping[str, Any], completions: Sequence[str]) -> list[Grade]:
        """The grade of each completion of one problem, in order; equal programs are judged once and remembered.

        Raises UnsupportedTests for tests that cannot be judged, InfrastructureError where the sandbox or the machine
        failed.
        """
        return self.grade_pairs([(problem, completion) for completion in completions])

    def grade_pairs(self, pairs: Sequence[tuple[Mapping[str, Any], str]]) -> list[Grade]:
        """As ``grade``, for completions of any problems."""
        grades = []
        for grade in self.grade_each(pairs):
            if not isinstance(grade, Grade):
                raise grade
            grades.append(grade)
        return grades

    def grade_each(self, pairs: Iterable[tuple[Mapping[str, Any], str]]) -> Iterator[Outcome]:
        """The outcome of each pair of problem and completion, in order; takes pairs as it needs them.

        A failure of the sandbox or the machine costs one program its grade. After some in a row the rest is not tried
        and has the last failure as its outcome.
        """
        self._failures = 0
        tasks = self._tasks(pairs)
        if len(self._workers) > 1:
            yield from self._grade_side_by_side(tasks)
            return
        for problem, program, key in tasks:
            grade = self._cache.get(key) or self._judge(self._workers[0], problem, program)
            self._remember(key, grade)
            yield grade

    def _tasks(self, pairs: Iterable[tuple[Mapping[str, Any], str]]) -> Iterator[tuple[Mapping[str, Any], str, bytes]]:
        """Each problem with the whole program and the key under which its grade is remembered."""
        last: Mapping[str, Any] | None = None
        for problem, completion in pairs:
            if problem is not last:
                self._try_to_prepare(problem["language"], problem["tests"]["kind"])
                last, identity = problem, _identity(problem)
            program = program_of(problem, completion)
            yield problem, program, _key(identity, program)

    def _try_to_prepare(self, language: str, kind: str) -> None:
        if (language, kind) == ("cpp", "calls"):
            return  # the worker refuses these
        try:
            self._prepare(language, kind)
            self._unprepared.pop((language, kind), None)
        except InfrastructureError as error:
            self._unprepared[language, kind] = error

    def _prepare(self, language: str, kind: str) -> None:
        """Before the first problem of a kind: require the layers, and grade programs whose verdicts are known.

        Raises UserError where a required layer is not active, where a program could read what is private, or where
        there is no C++ compiler.
        """
        if (language, kind) not in self._prepared:
            layers = self.layers
            if language == "cpp" and not any(prepared == "cpp" for prepared, _ in self._prepared):
                self._layers = layers = measure_compiled_layers(self._workers[0], layers, self._limits.memory_bytes)
            require_layers(layers, self._required_layers)
            # Without Landlock, which then is not required, file permissions alone protect them.
            if layers["landlock"] == ACTIVE and all(prepared != language for prepared, _ in self._prepared):
                require_unreadable(self._workers[0], language, private_paths(self._private))
            check_known_verdicts(self._workers[0], language, kind)
            self._prepared.add((language, kind))

    def _grade_side_by_side(self, tasks: Iterable[tuple[Mapping[str, Any], str, bytes]]) -> Iterator[Outcome]:
        idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        for worker in self._workers:
            idle.put(worker)

        def judge(problem: Mapping[str, Any], program: str) -> Outcome:
            worker = idle.get()
            try:
                return self._judge(worker, problem, program)
            finally:
                idle.put(worker)

        queued: deque[tuple[bytes, Future[Outcome]]] = deque()
        at_work: dict[bytes, Future[Outcome]] = {}
        executor = ThreadPoolExecutor(len(self._workers), thread_name_prefix="grading")
        try:
            for problem, program, key in tasks:
                if key not in at_work:
                    known = self._cache.get(key)
                    at_work[key] = _done(known) if known else executor.submit(judge, problem, program)
                queued.append((key, at_work[key]))
                if len(queued) == _QUEUED_PER_WORKER * len(self._workers):
                    yield self._take(queued, at_work)
            while queued:
                yield self._take(queued, at_work)
        finally:
            if queued:
                # Nobody will ask for these: end what runs, so that no thread waits for it.
                self._stopping.set()
                self.close()
            executor.shutdown(wait=True, cancel_futures=True)
            self._stopping.clear()

    def _take(
        self,
        queued: deque[tuple[bytes, Future[Outcome]]],
        at_work: dict[bytes, Future[Outcome]],
    ) -> Outcome:
        key, future = queued[0]
        grade = future.result()
        queued.popleft()
        at_work.pop(key, None)
        self._remember(key, grade)
        return grade

    def _judge(self, worker: Worker, problem: Mapping[str, Any], program: str) -> Outcome:
        if self._failures >= _FAILURES_IN_A_ROW:
            return InfrastructureError(f"not tried after {self._failures} failures in a row: {self._last_failure}")
        try:
            if (failure := self._unprepared.get((problem["language"], problem["tests"]["kind"]))) is not None:
                raise failure
            outcome = self._judge_once(worker, problem, program)
        except InfrastructureError as error:
            self._failures, self._last_failure = self._failures + 1, str(error)
            return error
        self._failures = 0
        return outcome

    def _judge_once(self, worker: Worker, problem: Mapping[str, Any], program: str) -> Grade | UnsupportedTests:
        try:
            return worker.judge(problem, program)
        except UnsupportedTests as error:
            # Whether tests can run is not for the program's own process to say.
            if self._allow_unsplit_asserts and not isinstance(error, BrokenTests):
                return worker.judge(problem, program, split=False)
            return error

    def _remember(self, key: bytes, grade: Outcome) -> None:
        if isinstance(grade, InfrastructureError):
            return
        self._cache[key] = grade
        self._cache.move_to_end(key)
        while len(self._cache) > _CACHED_GRADES:
            self._cache.popitem(last=False)


def _done(grade: Outcome) -> Future[Outcome]:
    future: Future[Outcome] = Future()
    future.set_result(grade)
    return future


def _identity(problem: Mapping[str, Any]) -> bytes:
    """What the grade of a program depends on besides the program."""
    names = ("language", "entry_point", "prompt", "completion_kind", "tests", "time_limit_seconds")
    return marshal.dumps([problem.get(name) for name in names], 2)  # JSON has no long integers


def _key(identity: bytes, program: str) -> bytes:
    digest = hashlib.blake2b(identity, digest_size=32)
    digest.update(b"\0" + program.encode("utf-8", "surrogatepass"))
    return digest.digest()
