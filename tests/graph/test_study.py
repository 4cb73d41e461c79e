"""Waves, chains and campaigns, and where their files lie."""

import re

import pytest
from snakemake.exceptions import WorkflowError

from tests.graph.conftest import declared, wildcards
from workflow_scripts.control.chat_endpoint import URL
from workflow_scripts.graph.study import Study

CHAIN = "7B-reinforce-py-20"
FIRST = wildcards(chain=CHAIN, owner="first", seed="7", campaign="01")
THIRD = wildcards(chain=CHAIN, owner="A3", seed="7", campaign="03")


def test_a_waves_traces_are_those_of_its_chains_the_first_campaign_shared(study: Study) -> None:
    traces = study.traces("W4")
    own = study.wave("W4")
    seeds, controllers = study.seeds("W4"), own["controllers"]
    assert len(traces) == len(set(traces)) == len(seeds) * (1 + len(controllers) * (own["campaigns"] - 1))
    assert f"results/tiny/chains/{CHAIN}/first/s{seeds[0]}/c01/trace.json" in traces
    assert f"results/tiny/chains/{CHAIN}/{controllers[0]}/s{seeds[0]}/c02/trace.json" in traces
    assert study.traces_of_all(["W4", "W4"]) == traces
    assert study.timings_of_all(["W4"])[0].endswith("/timing.json")


def test_an_unknown_wave_is_answered_in_one_line_with_the_nearest(study: Study) -> None:
    with pytest.raises(WorkflowError, match=r"^error: wave 'W44' is not declared in config.yaml; did you mean 'W4'\?"):
        study.traces("W44")


def test_a_campaign_depends_on_those_before_it(study: Study) -> None:
    folder = f"results/tiny/chains/{CHAIN}"
    assert study.earlier_traces(THIRD) == [f"{folder}/first/s7/c01/trace.json", f"{folder}/A3/s7/c02/trace.json"]
    assert study.last_trace(THIRD) == [f"{folder}/A3/s7/c02/trace.json"]
    assert study.last_state(THIRD) == [f"{folder}/A3/s7/c02/state.json"]
    assert study.last_checkpoints(THIRD) == [f"{folder}/A3/s7/c02/peak", f"{folder}/A3/s7/c02/end"]
    second = wildcards(chain=CHAIN, owner="A3", seed="7", campaign="02")
    assert study.last_state(second) == []
    assert study.last_folder(second) == [f"{folder}/first/s7/c01"]
    for what in (study.earlier_traces, study.last_trace, study.last_state, study.last_checkpoints):
        assert what(FIRST) == []


def test_a_yoked_chain_reads_its_neighbours_traces_up_to_the_campaign_after(study: Study) -> None:
    chain = study.chain("W220")
    folder = f"results/tiny/chains/{chain}"

    def read(owner: str, seed: str, campaign: str) -> list[str]:
        return study.companion_traces(wildcards(chain=chain, owner=owner, seed=seed, campaign=campaign))

    assert read("YOKED", "101", "02") == [
        f"{folder}/first/s102/c01/trace.json", f"{folder}/A3/s102/c02/trace.json", f"{folder}/A3/s102/c03/trace.json",
    ]  # fmt: skip
    assert read("YOKED", "102", "02")[0] == f"{folder}/first/s101/c01/trace.json"
    assert read("MATCHED", "101", "02")[1] == f"{folder}/A3/s101/c02/trace.json"
    assert read("YOKED", "101", "10") == read("YOKED", "101", "09") != read("YOKED", "101", "08")
    assert read("A3", "101", "02") == []


@pytest.mark.parametrize(
    ("seeds", "controllers", "message"),
    [
        ([1], ["A3", "YOKED"], r"waves\.W220: YOKED goes by another seed's chain; give two seeds or more"),
        ([1, 2], ["A0", "YOKED"], r"YOKED goes by A3; no wave of \S+ has both"),
    ],
)
def test_a_yoked_chain_without_a_companion_is_one_line(seeds: list[int], controllers: list[str], message: str) -> None:
    config = declared()
    config["waves"]["W220"] |= {"seeds": seeds, "controllers": controllers}
    study = Study(config)
    with pytest.raises(WorkflowError, match=message):
        study.companion_traces(wildcards(chain=study.chain("W220"), owner="YOKED", seed="1", campaign="02"))


def test_the_last_of_an_odd_number_of_seeds_has_the_one_before_it() -> None:
    config = declared()
    config["waves"]["W220"]["seeds"] = [1, 2, 3]
    study = Study(config)
    last = wildcards(chain=study.chain("W220"), owner="YOKED", seed="3", campaign="02")
    assert "/s2/" in study.companion_traces(last)[0]


def test_a_chain_starts_from_its_model_or_from_a_step_of_another_chain(study: Study) -> None:
    assert study.base_model(THIRD) == "results/tiny/models/7B"
    assert study.origin_trace(THIRD) == []
    name, wave = next((name, wave) for name, wave in study.config["waves"].items() if "start" in wave)
    later = wildcards(chain=study.chain(name), owner="first", seed="7", campaign="01")
    origin = study.chain(wave["start"]["wave"])
    assert study.base_model(later) == f"results/tiny/chains/{origin}/first/s7/c01/step{wave['start']['step']:03d}"
    assert study.origin_trace(later) == [f"results/tiny/chains/{origin}/first/s7/c01/trace.json"]
    assert wave["start"]["step"] in study.snapshots[origin]


def test_every_campaign_is_trained_by_one_rule(study: Study) -> None:
    kinds = study.campaign_kinds()
    found = set()
    for name in study.config["waves"]:
        for path in study.traces(name):
            chain, owner, _, campaign = path.split("/")[3:7]
            rules = [
                kind.name
                for kind in kinds
                if re.fullmatch(kind.chain, chain)
                and re.fullmatch(kind.owner, owner)
                and re.fullmatch(kind.campaign, campaign.removeprefix("c"))
            ]
            assert len(rules) == 1, (path, rules)
            found.add(rules[0])
    assert found == {kind.name for kind in kinds}


def test_checkpoints_stay_where_they_are_asked_for() -> None:
    for keep in ([], ["first"], ["first", "final"]):
        kinds = Study(declared(checkpoints={"keep": keep})).campaign_kinds()
        kept = {kind.name for kind in kinds if kind.kept}
        assert kept == {
            *(["train_first_campaign", "train_snapshot_campaign"] if "first" in keep else []),
            *(["train_final_campaign"] if "final" in keep else []),
        }


def test_an_update_rule_may_have_a_rate_of_its_own_and_a_wave_before_it() -> None:
    config = declared()
    config["testbeds"]["tiny"]["by_update_rule"] = {"grpo": {"learning_rate": 0.5}}
    config["waves"]["W18"] |= {"training": {"learning_rate": 0.25}}
    study = Study(config)
    rates = {name: study.bed_of(study.chain(name))["training"]["learning_rate"] for name in ("W4", "W17", "W18")}
    assert rates == {"W4": study.bed["training"]["learning_rate"], "W17": 0.5, "W18": 0.25}


def test_a_model_serves_every_domain() -> None:
    tiny, qwen = Study(declared()), Study(declared("qwen"))
    assert tiny.models_made_here == ["3B", "7B", "32B", "gemma"]
    assert qwen.models_made_here == []
    assert tiny.model_folder("7B-cpp") == "results/tiny/models/7B"
    assert qwen.model_folder("7B-cpp") == "results/qwen/models/7B"


def test_waves_that_ask_a_language_model_need_one(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    asking = next(name for name, wave in study.config["waves"].items() if any(map(study.asks, wave["controllers"])))
    monkeypatch.delenv(URL, raising=False)
    assert study.asks_nobody("W4")
    assert not study.asks_nobody(asking)
    controller = next(filter(study.asks, study.wave(asking)["controllers"]))
    chain = study.chain(asking)
    with pytest.raises(WorkflowError, match=f"controller {controller}"):
        study.answer_source(wildcards(chain=chain, owner=controller, seed="7", campaign="02"))
    monkeypatch.setenv(URL, "http://localhost:1")
    assert study.asks_nobody(asking)
    assert study.answer_source(THIRD) == []
