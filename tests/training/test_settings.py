"""A rule's options are complete and right, or the mistake is named."""

import re
from dataclasses import asdict, replace
from typing import Any

import pytest

from tests.makers.campaigns import SETTINGS
from tests.training.declared_rules import REINFORCE, RULES
from workflow_scripts.training.settings import TrainingSettings, UpdateRule


def with_rule(**changes: Any) -> TrainingSettings:
    return TrainingSettings(**(vars(SETTINGS) | {"update_rule": asdict(REINFORCE) | changes}))


@pytest.mark.parametrize("name", RULES)
def test_every_declared_rule_is_valid_and_recorded_whole(name: str) -> None:
    settings = replace(SETTINGS, update_rule=RULES[name])
    settings.check()
    record = settings.record()
    assert record["update_rule"] == asdict(RULES[name])
    assert TrainingSettings(**record | {"adam_betas": (0.9, 0.999), "probe_steps": ()}).update_rule == RULES[name]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"epsilon": "0.2"}, "update_rule.epsilon: '0.2': expected float"),
        ({"epsilon": 1.0}, "update_rule.epsilon: 1.0 is not below 1: no ratio is ever lower than 0"),
        ({"epsilon_high": -0.1}, "update_rule.epsilon_high: -0.1 is below 0"),
        ({"num_alter_tokens": 4.0}, "update_rule.num_alter_tokens: 4.0: expected int"),
        ({"num_alter_tokens": True}, "update_rule.num_alter_tokens: True: expected int"),
        ({"use_score_centering": 1}, "update_rule.use_score_centering: 1: expected bool"),
        ({"scale_rewards": "batch"}, "update_rule.scale_rewards: 'batch' is unknown; known: group, none"),
        ({"loss_agg_mode": "mean"}, "update_rule.loss_agg_mode: 'mean' is unknown; known: seq-mean-token-sum, "),
        (
            {"use_score_centering": True, "leave_one_out": True},
            "update_rule.use_score_centering and leave_one_out: two baselines; set one of them to false",
        ),
    ],
)
def test_a_wrong_option_is_named(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(words)}"):
        with_rule(**changes).check()


def test_an_option_that_is_missing_or_unknown_is_named() -> None:
    with pytest.raises(ValueError, match=r"^update_rule\.use_centering: unknown; known: name, use_score_centering, "):
        with_rule(use_centering=True)
    options = asdict(REINFORCE)
    del options["epsilon"]
    with pytest.raises(ValueError, match=r"^update_rule\.epsilon: is missing$"):
        TrainingSettings(**(vars(SETTINGS) | {"update_rule": options}))
    with pytest.raises(ValueError, match=r"^update_rule: 'reinforce': expected an object with the options"):
        TrainingSettings(**(vars(SETTINGS) | {"update_rule": "reinforce"}))


@pytest.mark.parametrize("name", ["grpo", "rloo"])
def test_a_baseline_needs_a_group(name: str) -> None:
    alone = replace(SETTINGS, group_size=1)
    alone.check()
    with pytest.raises(ValueError, match=f"^group_size: 1: update rule '{name}' needs 2 or more$"):
        replace(alone, update_rule=RULES[name]).check()


def test_names_of_the_paper() -> None:
    assert {"use_score_centering", "use_importance_sampling_ratio", "num_alter_tokens"} <= set(
        UpdateRule.__dataclass_fields__
    )
