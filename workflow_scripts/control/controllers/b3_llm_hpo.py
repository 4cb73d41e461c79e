"""B3, LLM-agent HPO: a language model proposes the next learning rate and KL coefficient (paper, section 5.5).

"Gemini proposes next (lr, kl) given scalar pass@1 history only": it is told one number per campaign, the pass rate at
its end, beside the pair that gave it. Every campaign takes the full budget from the checkpoint that the setting names,
as in random search (B2), so that the two numbers are all that the model decides. They are held to the range
that B2 draws from. The paper's prompt is not published; this one is the project's.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from workflow_scripts.control.chat_endpoint import Answer, Patience, Question
from workflow_scripts.control.controllers import first_campaign
from workflow_scripts.control.plans import BaseSettings, init_from, make_plan, make_state
from workflow_scripts.core.contracts.campaigns import Checkpoint, Plan, Reason, Trace
from workflow_scripts.core.contracts.states import State
from workflow_scripts.core.traces import end, pass_rates

NEEDS = ("chat_endpoint",)

ANSWER_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["learning_rate", "kl_coefficient", "rationale"],
    "properties": {
        "learning_rate": {"type": "number"},
        "kl_coefficient": {"type": "number"},
        "rationale": {"type": "string"},
    },
}

_SHOWN_CHARACTERS = 200  # of the rationale, in the plan; the record holds it whole

_PROMPT = """\
You choose hyperparameters for the reinforcement learning of a language model that writes programs. It is trained in \
campaigns of {steps} steps, each from the {checkpoint} checkpoint of the one before. pass@1 is the share of sampled \
programs that pass their tests, measured at the end of a campaign; null means that the campaign failed with a \
non-finite number.

Campaigns so far:
{history}

Propose the learning rate and the KL coefficient (weight of the KL penalty against the campaign's starting policy) \
of campaign {campaign}, so that pass@1 at the end of the last campaign becomes as high as possible. The learning rate \
must lie between {lr_low!r} and {lr_high!r}, the KL coefficient between {kl_low!r} and {kl_high!r}.

Answer as a JSON object with the keys learning_rate (a number), kl_coefficient (a number) and rationale (a sentence)."""


@dataclass(frozen=True, kw_only=True)
class Settings(BaseSettings):
    """What B3 is told; and the model's answer, once there is one."""

    learning_rate_factor_bounds: Annotated[tuple[float, float], "of the base rate; a proposal beyond is clamped"]
    kl_coefficient_bounds: Annotated[tuple[float, float], "the same for the KL coefficient"]
    checkpoint: Annotated[Checkpoint, "which one is rolled forward"]
    max_tokens: Annotated[int, "of an answer"]
    timeout_seconds: Annotated[float, "of one request"]
    retries: Annotated[int, "after the first attempt"]
    backoff_seconds: Annotated[float, "pause after it; pauses double"]
    answer: Answer | None = None


def request(history: Sequence[Trace], _state: State | None, settings: Settings) -> Question | None:
    """What is asked before campaign ``len(history) + 1`` is decided; None for the first, which is not B3's."""
    if not history:
        return None
    lr_low, lr_high, kl_low, kl_high = _bounds(settings)
    text = _PROMPT.format(
        steps=settings.steps,
        checkpoint=settings.checkpoint,
        history="\n".join(json.dumps(_told(trace)) for trace in history),
        campaign=len(history) + 1,
        lr_low=lr_low,
        lr_high=lr_high,
        kl_low=kl_low,
        kl_high=kl_high,
    )
    patience = Patience(settings.timeout_seconds, settings.retries, settings.backoff_seconds)
    asker = f"controller {settings.controller}"
    return Question(asker, text, "hyperparameters", ANSWER_SCHEMA, settings.max_tokens, patience)


def decide(history: Sequence[Trace], _state: State | None, settings: Settings) -> tuple[Plan, State]:
    """Plan campaign ``len(history) + 1`` with the proposed pair, clamped to the bounds; the state stays empty.

    ``settings.answer`` is the ``Answer`` to the request for this campaign; the first campaign needs none.
    """
    campaign = len(history) + 1
    state = make_state(settings, campaign, [])
    if not history:
        return first_campaign.start(settings), state

    answer = settings.answer
    assert answer is not None
    lr_low, lr_high, kl_low, kl_high = _bounds(settings)
    proposed_lr, proposed_kl = answer.value["learning_rate"], answer.value["kl_coefficient"]
    learning_rate = min(max(lr_low, proposed_lr), lr_high)
    kl_coefficient = min(max(kl_low, proposed_kl), kl_high)
    clamped = (learning_rate, kl_coefficient) != (proposed_lr, proposed_kl)
    reason: Reason = {
        "rule": "LLM-agent HPO (section 5.5)",
        "text": f"{answer.model} proposed learning rate {proposed_lr:g} and KL coefficient {proposed_kl:g}"
        + (f", clamped to {learning_rate:g} and {kl_coefficient:g}" if clamped else "")
        + f": {_one_line(answer.value['rationale'])}",
        "numbers": {
            "last_pass@1": _told(history[-1])["pass@1"],
            "proposed_learning_rate": proposed_lr,
            "proposed_kl_coefficient": proposed_kl,
            "lowest_learning_rate": lr_low,
            "highest_learning_rate": lr_high,
            "lowest_kl_coefficient": kl_low,
            "highest_kl_coefficient": kl_high,
            "clamped": int(clamped),
        },
    }
    plan = make_plan(
        settings,
        campaign,
        "adapt",
        init_from(history[-1], settings.checkpoint),
        settings.steps,
        reason,
        learning_rate=learning_rate,
        kl_coefficient=kl_coefficient,
    )
    return plan, state


def _bounds(settings: Settings) -> tuple[float, float, float, float]:
    """Lowest and highest learning rate, lowest and highest KL coefficient."""
    # Rounded to what a float holds for certain, so that the prompt says 0.003 and not 0.0030000000000000005.
    base, factors = settings.learning_rate, settings.learning_rate_factor_bounds
    lr_low, lr_high = (float(f"{factor * base:.12g}") for factor in factors)
    kl_low, kl_high = map(float, settings.kl_coefficient_bounds)
    return lr_low, lr_high, kl_low, kl_high


def _told(trace: Trace) -> dict[str, float | None]:
    """The campaign's number and pair, and its last pass rate; null where it failed."""
    rates = pass_rates(trace)
    failed = trace["status"] != "completed" or not rates or len(rates) < len(trace["steps"])
    return {
        "campaign": trace["identity"]["campaign"],
        "learning_rate": trace["plan"]["learning_rate"],
        "kl_coefficient": trace["plan"]["kl_coefficient"],
        "pass@1": None if failed else round(end(rates), 6),
    }


def _one_line(rationale: str) -> str:
    line = " ".join(rationale.split())
    return line if len(line) <= _SHOWN_CHARACTERS else f"{line[:_SHOWN_CHARACTERS]} ..."
