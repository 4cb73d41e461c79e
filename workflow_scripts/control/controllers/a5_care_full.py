"""A5, CARE as appendix D specifies it: K capabilities, a posterior of every strategy's effect, four actions, revision.

Not run in the paper ("extending the deployed gate to a true K-dim posterior is left as future work", section 4.1). It
rolls the peak forward, as the deployed gate does (section 5.4), and that checkpoint's capabilities are what it sees.
"""

from collections.abc import Sequence

from workflow_scripts.control.capabilities import SPLITS_OF
from workflow_scripts.control.care_full import care_memory
from workflow_scripts.control.care_full.care_gate import Assessment, choose
from workflow_scripts.control.care_full.care_memory import TARGET, context_of, current_alpha, take_in
from workflow_scripts.control.care_full.care_posterior import regression_probability
from workflow_scripts.control.care_full.care_settings import CareSettings
from workflow_scripts.control.care_full.care_strategies import apply, budget
from workflow_scripts.control.controllers import first_campaign
from workflow_scripts.control.memory import extend
from workflow_scripts.control.plans import init_from, make_plan, make_state
from workflow_scripts.core.contracts.campaigns import Plan, Reason
from workflow_scripts.core.contracts.states import Care, Effect, MeasuredTrace, State
from workflow_scripts.core.errors import UserError

Settings = CareSettings
NEEDS = ("capabilities",)
EVALUATED = care_memory.EVALUATED
SPLITS = ("main", "hard", "cpp", "ood")

_WHY = {
    "reuse": "is reused: sure enough, and its regression probability is within alpha",
    "adapt": "is adapted, by fewer steps, to a context far from the remembered ones",
    "pilot": "is piloted: not sure enough to be reused here",
    "reject": "is rejected for its regression probability, as is every other: a pilot from base hyperparameters",
}


def decide(history: Sequence[MeasuredTrace], state: State | None, settings: Settings) -> tuple[Plan, State]:
    """Plan campaign ``len(history) + 1``: Algorithm 1's lines 10 to 14 for the campaigns that the state does not hold
    yet, then its lines 3 to 9. ``None`` replays the whole history to the same plan and state.
    """
    _check(settings)
    campaign = len(history) + 1
    entries = take_in(state["care"]["entries"] if state else [], history, settings)
    care: Care = {"alpha": current_alpha(entries, settings), "entries": entries}
    new_state = make_state(settings, campaign, extend(state, history), care=care)
    if not history:
        return first_campaign.start(settings), new_state

    init = init_from(history[-1], EVALUATED)
    context = context_of(init, history, settings)
    chosen, assessed = choose(entries, context, settings)
    max_steps = budget(chosen.action, chosen.context_distance, settings)
    reason = _reason(chosen, assessed, context, entries, settings)
    rates = apply(chosen.strategy, settings, campaign)
    return make_plan(settings, campaign, chosen.action, init, max_steps, reason, **rates), new_state


def _reason(
    chosen: Assessment,
    assessed: list[Assessment],
    context: list[float] | None,
    entries: list[Effect],
    settings: Settings,
) -> Reason:
    strategy, last = chosen.strategy, entries[-1]
    numbers = {
        "alpha": current_alpha(entries, settings),
        "worst_regression_probability": chosen.risk,
        "confidence": chosen.confidence,
        "context_distance": chosen.context_distance,
        "boundary_distance": chosen.boundary_distance,
        "context_target": context[0] if context else None,
        "context_ratio": context[1] if context else None,
        "learning_rate_factor": strategy.learning_rate_factor,
        "kl_increment": strategy.kl_increment,
        "candidates": len(assessed),
        "rejected": sum(candidate.action == "reject" for candidate in assessed),
        "last_mahalanobis_squared": last["mahalanobis_squared"],
        "last_trigger_quantile": last["trigger_quantile"],
    }
    for name, (mean, deviation) in chosen.prediction.items():
        numbers[f"expected_gain/{name}"] = mean
        numbers[f"deviation/{name}"] = deviation
        numbers[f"regression_probability/{name}"] = regression_probability(mean, deviation, settings.regression_margin)
    what = f"Learning rate x {strategy.learning_rate_factor:g}, KL + {strategy.kl_increment:g}"
    return {
        "rule": "CARE's full gate (appendix D)",
        "text": f"{what} {_WHY[chosen.action]}; {budget(chosen.action, chosen.context_distance, settings)} steps.",
        "numbers": numbers,
    }


def _check(settings: Settings) -> None:
    """A ``UserError`` where the capabilities are not ones that are measured, or nothing but the target is protected."""
    names, protected = settings.capabilities, settings.protected
    who = f"controller {settings.controller}"
    if unknown := [name for name in names if name not in SPLITS_OF]:
        raise UserError(f"{who}: capabilities: {unknown[0]!r} is not measured; choose from {', '.join(SPLITS_OF)}")
    if TARGET not in names:
        raise UserError(f"{who}: capabilities: must hold {TARGET!r}, the target, but are {names}")
    if not protected:
        raise UserError(f"{who}: protected: is empty, so that nothing would be rejected; name at least one capability")
    if wrong := [name for name in protected if name not in names or name == TARGET]:
        raise UserError(
            f"{who}: protected: {wrong[0]!r} must be one of the capabilities and not {TARGET!r}, the target"
        )
