"""Everyday tasks as problem rows (core/schemas/problem.schema.json), dealt out to splits.

Which split a task may appear in is a fixed function of what it computes on a sample, not of a seed: one that is said in
two ways is never on both sides. Many a task differs from one of another split in a number or a word only: held out are
tasks, not skills.
"""

import functools
import hashlib
import random
from collections.abc import Mapping
from typing import Any

from workflow_scripts.core.contracts.problems import Call, Problem
from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.problems.everyday.tasks import PARAMETERS, Task, all_tasks
from workflow_scripts.problems.generated.primitive import ValueType
from workflow_scripts.problems.generated.select_compositions import take_with_calls
from workflow_scripts.problems.generated.values import draw_input, is_bounded

PYTHON_TYPES: dict[ValueType, str] = {"int": "int", "str": "str", "ints": "list[int]", "strs": "list[str]"}
# The share of the tasks that each split holds.
_SHARES = {"train": 0.55, "probe": 0.26, "tuning": 0.05, "main": 0.09, "hard": 0.05}
_SAMPLE_SIZE, _ATTEMPTS = 24, 200


def select_tasks(
    bucket: str, counts: Mapping[int, int], seed: int, tests: int, distinct_outputs: int
) -> list[tuple[Task, list[Call]]]:
    """Tasks of a bucket, ``counts[depth]`` of each depth in a seeded order, with their test calls.

    Raises ``UserError`` where the bucket holds fewer tasks of a depth than asked for.
    """

    def shuffled(depth: int) -> list[Task]:
        tasks = [task for task in _dealt()[bucket] if task.depth == depth]
        random.Random(derive_seed("everyday order", seed, bucket, depth)).shuffle(tasks)
        return tasks

    selected = take_with_calls(
        counts,
        shuffled,
        lambda task: calls_of(task, seed, tests, distinct_outputs),
        bucket,
        "everyday tasks of {} parts",
    )
    random.Random(derive_seed("everyday problem order", seed, bucket)).shuffle(selected)
    return selected


def calls_of(task: Task, seed: int, calls: int, distinct_outputs: int) -> list[Call] | None:
    """Test calls as {"arguments": [x], "expected": y} with so many distinct results; None where none are found."""
    rng = random.Random(derive_seed("everyday inputs", seed, task.name))
    for _ in range(_ATTEMPTS // calls):
        drawn = {repr(x): x for x in (draw_input(task.parameter, rng) for _ in range(4 * calls))}.values()
        pairs = [(x, y) for x in drawn if (y := result_of(task, x)) is not None][:calls]
        if len(pairs) == calls and len({repr(y) for _, y in pairs}) >= distinct_outputs:
            return [{"arguments": [x], "expected": y} for x, y in pairs]
    return None


def result_of(task: Task, value: Any) -> Any:
    """What the task makes of a value; None where there is no result, such as the largest of no numbers."""
    try:
        result = _function(task.python, PARAMETERS[task.parameter])(value)
    except (IndexError, ValueError):
        return None
    return result if is_bounded(result) else None


@functools.cache
def _function(expression: str, parameter: str) -> Any:
    return eval(f"lambda {parameter}: {expression}")  # written in this package, never by a model


def everyday_problem(domain: str, split: str, task: Task, calls: list[Call], natural_language: str) -> Problem:
    """A problem to be solved in Python, described in ``natural_language`` (``en`` or ``de``)."""
    parameter = PARAMETERS[task.parameter]
    head = f"def {task.name}({parameter}: {PYTHON_TYPES[task.parameter]}) -> {PYTHON_TYPES[task.result]}:"
    said = task.german if natural_language == "de" else task.english
    return {
        "task_id": f"{domain}/{split}/{_digest(task.name)}",
        "topic": task.topic,
        "depth": task.depth,
        "composition": [task.name],
        "entry_point": task.name,
        "completion_kind": "continuation",
        "language": "python",
        "natural_language": natural_language,
        "prompt": f'{head}\n    """{said}"""\n',
        "reference": f"    return {task.python}\n",
        "tests": {"kind": "calls", "calls": calls},
    }


@functools.cache
def _dealt() -> dict[str, list[Task]]:
    """Every task in its bucket; of those that compute the same on the sample, the first."""
    samples: dict[ValueType, list[Any]] = {}
    for value_type in PARAMETERS:
        rng = random.Random(derive_seed("everyday sample", value_type))
        samples[value_type] = [draw_input(value_type, rng) for _ in range(_SAMPLE_SIZE)]
    seen, dealt = set(), {bucket: list[Task]() for bucket in _SHARES}
    for task in all_tasks():
        results = [result_of(task, value) for value in samples[task.parameter]]
        signature = _digest(f"{task.parameter} {results!r}")
        if signature in seen or results == samples[task.parameter]:
            continue
        seen.add(signature)
        place = int(signature, 16) / 16 ** len(signature)
        for bucket, share in _SHARES.items():
            if place < share:
                dealt[bucket].append(task)
                break
            place -= share
    return dealt


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
