"""A campaign of a model that answers instead of continuing."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import torch

from tests.makers.campaigns import LIMIT_VALUES, write_base_model
from tests.models.test_prompts import CHATML, model_folder
from tests.training.test_train_campaign import SETTINGS, inputs, train
from workflow_scripts.core.files import read_json, read_jsonl
from workflow_scripts.grading.code_grader import CodeGrader, Limits
from workflow_scripts.grading.extraction import graded_pair
from workflow_scripts.models.prompts import prompt_format
from workflow_scripts.models.tokenization import load_tokenizer

torch.set_num_threads(1)
__all__ = ["inputs"]  # a fixture


def test_a_chat_model_is_asked_through_its_template_and_graded_by_the_program_in_its_answer(
    inputs: Path, tmp_path: Path
) -> None:
    base = model_folder(tmp_path / "base", CHATML)
    write_base_model(base, load_tokenizer(base))
    settings = json.dumps(SETTINGS | {"prompt_format": "chat", "max_completion_tokens": 4})
    done = train(inputs, tmp_path / "c01", settings=settings, **{"base-model": base})
    assert done.returncode == 0, done.stderr
    trace = read_json(tmp_path / "c01/trace.json", schema="trace")
    assert trace["settings"]["prompt_format"] == "chat"
    assert [sum(step["verdicts"].values()) for step in trace["steps"]] == [8, 8]
    problems = {problem["task_id"]: problem for problem in read_jsonl(inputs / "train.jsonl", schema="problem")}
    with CodeGrader(Limits(**LIMIT_VALUES), []) as grader:
        for row in pq.read_table(tmp_path / "c01/rollouts.parquet").to_pylist():
            pair = graded_pair("chat", problems[row["problem"]], row["completion"])
            assert grader.grade_pairs([pair])[0].verdict.value == row["verdict"]
    assert prompt_format("chat", tmp_path / "c01/peak").encode(problems["py/test/1"]) == prompt_format(
        "chat", base
    ).encode(problems["py/test/1"]), "a checkpoint is asked as its base model is"
