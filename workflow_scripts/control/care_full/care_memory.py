"""CARE's capability-effect memory: which strategy, where, with what effect, how safe, how sure (paper, appendix D.1).

An entry holds Definition 5's tuple (s, x, delta, b_s, gamma_s), and what the belief was before the campaign was seen. A
context is (the target capability of the model that the campaign starts from, end / peak of the campaign before); the
paper names none for training runs, these are its own two signals. Posteriors are not stored: they follow from the
entries.
"""

from collections.abc import Sequence

from workflow_scripts.control.capabilities import (
    capabilities_of,
    capabilities_of_init,
    capability_delta,
    total_loss,
)
from workflow_scripts.control.care_full.care_boundary import draw_cone
from workflow_scripts.control.care_full.care_posterior import Posterior, predict, prior, regression_probability, update
from workflow_scripts.control.care_full.care_revision import (
    Prediction,
    regressions,
    surprise,
    surprise_variance,
    tighten,
)
from workflow_scripts.control.care_full.care_settings import CareSettings
from workflow_scripts.control.care_full.care_strategies import Strategy, identify
from workflow_scripts.control.memory import remember
from workflow_scripts.core.contracts.campaigns import Checkpoint, Init
from workflow_scripts.core.contracts.states import Capabilities, Effect, MeasuredTrace

EVALUATED: Checkpoint = "peak"  # the checkpoint that is rolled forward, hence theta_t of Algorithm 1
TARGET = "pass@1"


def take_in(entries: Sequence[Effect], history: Sequence[MeasuredTrace], settings: CareSettings) -> list[Effect]:
    """The memory with an entry for every campaign of ``history``; the ones that it has stay as they are."""
    known = list(entries)
    for seen in range(len(known) + 1, len(history) + 1):
        known.append(_remember_effect(known, history[:seen], settings))
    return known


def current_alpha(entries: Sequence[Effect], settings: CareSettings) -> float:
    """The gate's regression threshold after the last entry."""
    return entries[-1]["alpha"] if entries else settings.initial_alpha


def entries_of(entries: Sequence[Effect], strategy: Strategy) -> list[Effect]:
    """The entries of one strategy, in the order of the campaigns."""
    return [entry for entry in entries if strategy_of(entry) == strategy]


def strategy_of(entry: Effect) -> Strategy:
    """The strategy that an entry is about."""
    return Strategy(**entry["strategy"])


def context_of(init: Init, history: Sequence[MeasuredTrace], settings: CareSettings) -> list[float] | None:
    """The context in which a campaign starts from ``init`` after ``history``: two numbers in [0, 1].

    None where the target capability of that model is unknown. Before the first campaign, and after one that never
    passed a test, nothing has collapsed: end / peak is 1.
    """
    target = capabilities_of_init(init, history, EVALUATED, settings).get(TARGET)
    if target is None:
        return None
    ratio = remember(history[-1])["ratio"] if history else None
    return [target, 1.0 if ratio is None else ratio]


def predict_effects(own: Sequence[Effect], context: Sequence[float] | None, settings: CareSettings) -> Prediction:
    """What the entries of one strategy let expect of it in a context; empty where the context is unknown."""
    if context is None:
        return {}
    phi = _features(context)
    noise_variance = settings.observation_noise**2
    return {
        name: predict(_posterior(own, name, len(phi), settings.prior_scale), phi, noise_variance)
        for name in settings.capabilities
    }


def worst_regression_probability(prediction: Prediction, settings: CareSettings) -> float | None:
    """p_max, the highest Pr[delta_j < -epsilon | x] over the protected capabilities (appendix D.2); None if unknown."""
    return max(
        (
            regression_probability(*prediction[name], settings.regression_margin)
            for name in settings.protected
            if name in prediction
        ),
        default=None,
    )


def confidence(own: Sequence[Effect], floor: float) -> float:
    """gamma_s of appendix D.1: 1 - mean of |delta - predicted|^2 / (|delta|^2 + ``floor``), in [0, 1]; 0 if untried.

    Predicted is what was predicted before the campaign: the fit to the same points would be sure after one of them.
    """
    shares = []
    for entry in own:
        pairs = [
            (delta, predicted)
            for name, delta in entry["delta"].items()
            if delta is not None and (predicted := entry["predicted"].get(name)) is not None
        ]
        if pairs:
            error = sum((delta - predicted) ** 2 for delta, predicted in pairs)
            shares.append(error / (sum(delta**2 for delta, _ in pairs) + floor))
    return max(1 - sum(shares) / len(shares), 0.0) if shares else 0.0


def _remember_effect(entries: Sequence[Effect], history: Sequence[MeasuredTrace], settings: CareSettings) -> Effect:
    """The entry of the last campaign of ``history``, with the revisions that it sets off (appendix D.3)."""
    trace, before = history[-1], history[:-1]
    strategy, init = identify(trace["plan"], settings), trace["plan"]["init"]
    own = entries_of(entries, strategy)
    context = context_of(init, before, settings)
    prediction = predict_effects(own, context, settings)
    risk = worst_regression_probability(prediction, settings)
    delta = capability_delta(
        capabilities_of_init(init, before, EVALUATED, settings), _outcome(trace, settings), settings.capabilities
    )
    regressed = regressions(delta, settings.protected, settings.regression_margin)
    alpha = current_alpha(entries, settings)
    boundary = list(own[-1]["boundary"]) if own else []
    noise_variance = settings.observation_noise**2

    found = surprise(delta, prediction, settings.surprise_level)
    triggered = found is not None and found[0] > found[1]
    if triggered:
        noise_variance += surprise_variance(delta, prediction, settings.surprise_factor)
        if regressed and context is not None and risk is not None and risk <= alpha:
            cone = draw_cone(context, _safe_contexts(own, settings))
            boundary += [cone] if cone else []
        alpha = tighten(alpha, settings.alpha_decay, len(regressed))

    entry: Effect = {
        "campaign": trace["identity"]["campaign"],
        "strategy": {
            "learning_rate_factor": strategy.learning_rate_factor,
            "kl_increment": strategy.kl_increment,
        },
        "context": context,
        "delta": delta,
        "predicted": {name: prediction[name][0] if prediction else None for name in settings.capabilities},
        "risk": risk,
        "regressed": regressed,
        "mahalanobis_squared": found[0] if found else None,
        "trigger_quantile": found[1] if found else None,
        "triggered": triggered,
        "noise_variance": noise_variance,
        "boundary": boundary,
        "alpha": alpha,
        "confidence": 0.0,  # until the entry itself is judged
    }
    entry["confidence"] = confidence([*own, entry], settings.confidence_floor)
    return entry


def _features(context: Sequence[float]) -> tuple[float, ...]:
    """phi(x): the context, and the 1 whose weight is the bias b_s."""
    return (1.0, *context)


def _posterior(own: Sequence[Effect], name: str, n_features: int, scale: float) -> Posterior:
    belief = prior(n_features, scale)
    for entry in own:
        if entry["context"] is not None and (delta := entry["delta"][name]) is not None:
            belief = update(belief, _features(entry["context"]), delta, entry["noise_variance"])
    return belief


def _outcome(trace: MeasuredTrace, settings: CareSettings) -> Capabilities:
    """What the campaign left; one that failed and has nothing to evaluate lost everything, as in ``control.memory``."""
    measured = capabilities_of(trace)
    if trace["status"] != "completed" and all(value is None for value in measured.values()):
        return total_loss(settings.capabilities)
    return measured


def _safe_contexts(own: Sequence[Effect], settings: CareSettings) -> list[list[float]]:
    """Where the strategy was applied, every protected capability was measured, and none regressed."""
    return [
        entry["context"]
        for entry in own
        if entry["context"] is not None
        and not entry["regressed"]
        and all(entry["delta"][name] is not None for name in settings.protected)
    ]
