"""Where a campaign takes place: learner, sampler and grader in this process, or the same over all of a job's processes.

Several processes go through a campaign in step, each with all of its records; the first one alone grades, and writes.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_scripts.core.contracts.problems import Problem
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.freed_memory import LARGE
from workflow_scripts.grading.code_grader import CodeGrader, Grade
from workflow_scripts.models.qwen2 import Qwen2LM
from workflow_scripts.training.policies import StoredPolicy, load, sampler_for
from workflow_scripts.training.rollouts import Grader
from workflow_scripts.training.samplers.greedy_probe import score_by
from workflow_scripts.training.samplers.protocol import Sampler
from workflow_scripts.training.settings import TrainingSettings
from workflow_scripts.training.update.learner import Learner, LocalLearner

if TYPE_CHECKING:
    from workflow_scripts.training.sharded.data_parallel import DataParallel


@dataclass(frozen=True)
class Workplace:
    """``writes``: whether this process writes the campaign's files; ``parameters``: of the policy."""

    learner: Learner
    sampler: Sampler
    grader: Grader
    writes: bool
    layers: dict[str, str]
    parameters: int


@contextmanager
def join_processes(settings: TrainingSettings) -> Iterator["DataParallel | None"]:
    """The processes of this job, where the policy is sharded over several; None where this is the only one."""
    sharding = settings.sharding
    if sharding is None:
        yield None
        return
    # Imported late, as all that one process alone has no use for.
    from workflow_scripts.training.sharded.data_parallel import DataParallel

    processes = DataParallel.join(sharding.device)
    try:
        if processes.size != sharding.processes:
            raise UserError(f"sharding.processes: {sharding.processes}, but the launcher started {processes.size}")
        yield processes
    finally:
        processes.leave()


@contextmanager
def open_workplace(
    source: Path,
    settings: TrainingSettings,
    make_grader: Callable[[], CodeGrader],
    processes: "DataParallel | None",
) -> Iterator[Workplace]:
    """All that a campaign from checkpoint ``source`` needs."""
    with ExitStack() as held:
        if processes is None:
            yield _in_one_process(source, settings, make_grader, held)
        else:
            yield _over_processes(source, settings, make_grader, processes, held)


def _in_one_process(
    source: Path, settings: TrainingSettings, make_grader: Callable[[], CodeGrader], held: ExitStack
) -> Workplace:
    grader = held.enter_context(make_grader())
    model = load(source)
    sampler = sampler_for(model)
    if settings.vllm is not None:
        # Imported late: the engine takes seconds, and is installed where somebody samples with it alone.
        from workflow_scripts.training.samplers.vllm_sampler import VllmSampler

        sampler = VllmSampler(source, settings.vllm, score_by(model))
    held.callback(sampler.close)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    # What is trained is changed in place, so that what it began as would be a second copy of the weights in memory.
    reference = StoredPolicy(model, source) if isinstance(model, Qwen2LM) and parameters > LARGE else None
    learner = LocalLearner(model, settings, reference)
    return Workplace(learner, sampler, grader, True, grader.layers, parameters)


def _over_processes(
    source: Path,
    settings: TrainingSettings,
    make_grader: Callable[[], CodeGrader],
    processes: "DataParallel",
    held: ExitStack,
) -> Workplace:
    from workflow_scripts.training.samplers.vllm_sampler import VllmSampler
    from workflow_scripts.training.sharded.sharded_learner import ShardedLearner

    sharding, vllm = settings.sharding, settings.vllm
    assert sharding is not None
    assert vllm is not None, "TrainingSettings asks for it"
    grader = held.enter_context(make_grader()) if processes.is_first else None
    layers = processes.from_first(None if grader is None else grader.layers)
    learner = ShardedLearner.load(source, settings, sharding, vllm.data_type, processes)
    sampler = VllmSampler(source, vllm, score_by(learner.policy), processes)
    held.callback(sampler.close)
    parameters = sum(parameter.numel() for parameter in learner.policy.parameters())
    return Workplace(learner, sampler, FirstGrades(grader, processes), processes.is_first, layers, parameters)


class FirstGrades:
    """Grades in the first process, known to all."""

    def __init__(self, grader: CodeGrader | None, processes: "DataParallel") -> None:
        self._grader, self._processes = grader, processes

    def grade_pairs(self, pairs: Sequence[tuple[Problem, str]]) -> list[Grade]:
        grades: list[Grade] = self._processes.from_first(self._grader and self._grader.grade_pairs(pairs))
        return grades
