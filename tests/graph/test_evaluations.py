"""Which checkpoints are evaluated and what their samples are drawn with."""

import json
import re

from tests.graph.conftest import declared, wildcards
from workflow_scripts.graph.evaluations import Evaluations
from workflow_scripts.graph.study import Study

CHECKPOINT = "7B-reinforce-cpp-20/A0/s7/c02-end"


def test_all_that_is_evaluated_has_a_name_of_the_pattern_and_is_there_once(evaluations: Evaluations) -> None:
    grades = evaluations.all_grades()
    assert len(grades) == len(set(grades)) > 10
    for path in grades:
        checkpoint = path.removeprefix("results/tiny/evaluations/").rpartition("/")[0]
        assert re.fullmatch(evaluations.checkpoint_pattern, checkpoint)
    assert evaluations.chains() == sorted(
        {own.split("/")[0] for group in evaluations.groups().values() for own in group}
    )


def test_a_checkpoint_is_sampled_in_its_domain(study: Study, evaluations: Evaluations) -> None:
    trained, base = wildcards(checkpoint=CHECKPOINT, split="main"), wildcards(checkpoint="base/7B-cpp", split="main")
    assert evaluations.folder(trained) == f"results/tiny/chains/{CHECKPOINT.removesuffix('-end')}/end"
    assert evaluations.trace(trained) == [f"results/tiny/chains/{CHECKPOINT.removesuffix('-end')}/trace.json"]
    assert evaluations.folder(base) == "results/tiny/models/7B"
    assert evaluations.trace(base) == []
    for own in (trained, base):
        assert evaluations.model(own.checkpoint) == "7B-cpp"
        assert evaluations.problems(own) == "results/tiny/problems/cpp/main.jsonl"
        words = evaluations.sampling_options(own)
        told = dict(zip(words[::2], words[1::2], strict=True))
        assert told["--samples"] == study.bed["evaluation"]["cpp_samples"]
        assert told["--max-completion-tokens"] == study.beds["cpp"]["training"]["max_completion_tokens"]
        assert "--vllm" not in told


def test_samples_for_an_evaluation_are_drawn_on_its_own_devices() -> None:
    study = Study(declared("qwen"))
    evaluations = Evaluations(study)
    words = evaluations.sampling_options(wildcards(checkpoint="base/7B", split="main"))
    engine = json.loads(words[words.index("--vllm") + 1])
    assert engine["tensor_parallel_size"] == max(1, evaluations.gpus("7B"))
    assert not {"samples", "cpp_samples"} & engine.keys()


def test_only_who_decides_by_capabilities_waits_for_them(study: Study, evaluations: Evaluations) -> None:
    deciding = next(name for name in study.config["controllers"] if evaluations.decide(name))
    own = wildcards(chain="7B-reinforce-py-20", owner=deciding, seed="7", campaign="03")
    files = evaluations.earlier_capabilities(own)
    assert [path.split("/")[4] for path in files] == ["first", deciding]
    assert re.fullmatch(r"results/tiny/evaluations/.*/s7/c02-(peak|end)/capabilities-[a-z-]+\.json", files[1])
    (base,) = evaluations.base_capabilities(own)
    assert base == f"results/tiny/evaluations/base/7B/{files[0].rpartition('/')[2]}"
    for owner in ("A0", "first"):
        other = wildcards(chain="7B-reinforce-py-20", owner=owner, seed="7", campaign="03")
        assert evaluations.earlier_capabilities(other) == evaluations.base_capabilities(other) == []
