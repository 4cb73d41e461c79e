"""A campaign's settings are complete and right, or the mistake is named; config.yaml's models hold for the trainer."""

import json
from typing import Any

import pytest

from tests.makers.campaigns import SETTINGS
from tests.makers.settings import ENGINE, SHARDING
from tests.training.declared_rules import RULES
from workflow_scripts.core.errors import UserError
from workflow_scripts.training.train_campaign import parse_settings

RULE = SETTINGS.update_rule.model_dump()
SHARDED, ENGINED = SHARDING.model_dump(), ENGINE.model_dump()


def given(**changes: Any) -> str:
    """What the rule passes, with other values."""
    return json.dumps(SETTINGS.model_dump() | changes)


@pytest.mark.parametrize("name", RULES)
def test_every_declared_rule_is_valid_and_recorded_whole(name: str) -> None:
    rule = RULES[name].model_dump()
    assert parse_settings(given(update_rule=rule)).model_dump()["update_rule"] == rule


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"epsilon": "0.2"}, "epsilon: '0.2' is a str, expected number"),
        ({"epsilon": 1.0}, "epsilon: 1.0 is not below 1"),
        ({"epsilon_high": -0.1}, "epsilon_high: -0.1 is less than the minimum of 0"),
        ({"num_alter_tokens": 4.0}, "num_alter_tokens: 4.0 is a float, expected integer"),
        ({"num_alter_tokens": True}, "num_alter_tokens: True is a bool, expected integer"),
        ({"use_score_centering": 1}, "use_score_centering: 1 is a int, expected boolean"),
        ({"scale_rewards": "batch"}, "scale_rewards: 'batch' is not one of 'group' or 'none'"),
        ({"loss_agg_mode": "mean"}, "loss_agg_mode: 'mean' is not one of 'seq-mean-token-sum', "),
        ({"use_centering": True}, "use_centering: unknown key; did you mean 'use_score_centering'?"),
        ({"use_score_centering": True, "leave_one_out": True}, "leave_one_out: a second baseline beside use_score_cen"),
    ],
)
def test_a_wrong_option_of_a_rule_is_named(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_settings(given(update_rule=RULE | changes))
    assert str(caught.value).startswith(f"--settings: update_rule.{words}")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("data_type", "float64"),
        ("data_type", 16),
        ("max_model_length", 0),
        ("max_sequences", 2.5),
        ("gpu_memory_utilization", 0.0),
        ("gpu_memory_utilization", 1.1),
        ("kv_cache_bytes", 0),
        ("tensor_parallel_size", True),
        ("enforce_eager", 1),
        ("exact_entropies", None),
        ("probe_tokens", 512),
    ],
)
def test_a_wrong_setting_of_the_engine_is_named(name: str, value: Any) -> None:
    parse_settings(given(vllm=ENGINED | {"kv_cache_bytes": 1 << 30}))
    with pytest.raises(UserError, match=f"^--settings: vllm.{name}: "):
        parse_settings(given(vllm=ENGINED | {name: value}))


def test_a_sharded_policy_needs_an_engine_whose_shards_fit() -> None:
    with pytest.raises(UserError, match=r"^--settings: vllm: is null, but a sharded policy is sampled from by an"):
        parse_settings(given(sharding=SHARDED))
    with pytest.raises(UserError, match=r"^--settings: vllm\.tensor_parallel_size: 3 does not divide sharding\.proc"):
        parse_settings(given(sharding=SHARDED, vllm=ENGINED | {"tensor_parallel_size": 3}))
    parse_settings(given(sharding=SHARDED, vllm=ENGINED | {"tensor_parallel_size": 2}))


def test_names_of_the_paper() -> None:
    assert {"use_score_centering", "use_importance_sampling_ratio", "num_alter_tokens"} <= set(RULE)
