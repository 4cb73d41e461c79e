"""Rollouts, problems and graders chosen by a test."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from workflow_scripts.grading.code_grader import Grade, Verdict
from workflow_scripts.models.qwen2 import Qwen2LM
from workflow_scripts.training.rollouts import Rollouts
from workflow_scripts.training.samplers.sampling import Sampled

PASSED, FAILED = Grade(Verdict.PASSED, "passed"), Grade(Verdict.FAILED, "wrong answer")


def make_problem(number: int) -> dict[str, Any]:
    """A function that adds a number to its argument."""
    return {
        "task_id": f"py/test/{number}",
        "language": "python",
        "natural_language": "en",
        "topic": None,
        "depth": 1,
        "composition": ["add"],
        "entry_point": "f",
        "prompt": f"def f(x):\n    # add {number}\n",
        "completion_kind": "continuation",
        "reference": f"    return x + {number}\n",
        "tests": {"kind": "calls", "calls": [{"arguments": [2], "expected": 2 + number}]},
    }


class RuleGrader:
    """Grades by a rule on the completion's text, without running anything."""

    def __init__(self, passes: Callable[[str], bool] = lambda text: len(text) % 2 == 0) -> None:
        self._passes = passes

    def grade_pairs(self, pairs: Sequence[tuple[Any, str]]) -> list[Grade]:
        return [PASSED if self._passes(completion) else FAILED for _, completion in pairs]


@torch.no_grad()
def make_rollouts(
    model: Qwen2LM,
    prompts: list[list[int]],
    completions: list[list[int]],
    rewards: list[int],
    temperature: float,
    longest: int = 8,
) -> Rollouts:
    """Rollouts of these token rows (0 ends one) with the log-probabilities that the model gives them."""
    group, rows = len(completions) // len(prompts), len(completions)
    sampled = Sampled(
        torch.zeros(rows, longest, dtype=torch.long),
        torch.tensor([len(tokens) for tokens in completions]),
        torch.tensor([tokens[-1] == 0 for tokens in completions]),
        torch.zeros(rows, longest),
        torch.zeros(rows, longest),
    )
    for row, tokens in enumerate(completions):
        prompt, length = prompts[row // group], len(tokens)
        logits = model(torch.tensor([[*prompt, *tokens]]))[0, len(prompt) - 1 : -1] / temperature
        log_probabilities = logits.log_softmax(-1)
        sampled.tokens[row, :length] = torch.tensor(tokens)
        sampled.log_probabilities[row, :length] = log_probabilities[torch.arange(length), tokens]
        sampled.entropies[row, :length] = -(log_probabilities.exp() * log_probabilities).sum(-1)
    problems = [make_problem(number) for number in range(len(prompts))]
    grades = [PASSED if reward else FAILED for reward in rewards]
    return Rollouts(problems, prompts, sampled, [str(tokens) for tokens in completions], grades)
