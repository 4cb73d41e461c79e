"""The record of questions and answers: what is asked once is not asked again, and nothing secret is written."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.control.chat_server import completion, serve
from tests.control.test_chat_endpoint import GOOD, make_question
from workflow_scripts.control.chat_endpoint import MODEL, URL
from workflow_scripts.control.recorded_answers import answer, require_answers
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json

UNREACHABLE = {URL: "http://127.0.0.1:9/v1", MODEL: "asked-model"}


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "c02" / "chat.json"


def test_an_answer_is_recorded_and_replayed_without_the_network(record: Path) -> None:
    with serve((500, "once"), GOOD) as chat:
        first = answer(make_question(), record, chat.environment())
    assert (first.value, first.model) == ({"x": 1.5}, "asked-model")
    (exchange,) = read_json(record, "chat")["exchanges"]
    assert exchange["request"] == make_question().request("asked-model")
    assert (exchange["response"], exchange["sent_as"]) == ('{"x": 1.5}', "response_format")
    assert [attempt["status"] for attempt in exchange["varying"]["failed_attempts"]] == [500]

    written = record.read_bytes()
    assert answer(make_question(), record, UNREACHABLE) == answer(make_question(), record, {}) == first
    assert record.read_bytes() == written


def test_what_was_sent_in_place_of_a_refused_parameter_is_recorded(record: Path) -> None:
    refusal = json.dumps({"error": {"message": "use 'max_completion_tokens' instead", "param": "max_tokens"}})
    with serve((400, refusal), GOOD) as chat:
        first = answer(make_question(), record, chat.environment())
    (exchange,) = read_json(record, "chat")["exchanges"]
    assert exchange["request"] == make_question().request("asked-model")
    assert exchange["sent_instead"] == {"max_tokens": "max_completion_tokens"}
    assert answer(make_question(), record, {}) == first


def test_equal_runs_differ_only_under_varying(record: Path, tmp_path: Path) -> None:
    with serve(GOOD) as chat:
        answer(make_question(), record, chat.environment())
    with serve((500, "once"), (200, GOOD[1].replace("c-1", "c-2"))) as chat:
        answer(make_question(), tmp_path / "again.json", chat.environment())
    runs = [read_json(path, "chat")["exchanges"] for path in (record, tmp_path / "again.json")]
    assert runs[0] != runs[1]
    for exchanges in runs:
        del exchanges[0]["varying"]
    assert runs[0] == runs[1]


def test_another_question_or_model_is_asked_anew_and_added(record: Path) -> None:
    question = make_question()
    with serve(GOOD, completion({"x": 2}), completion({"x": 3})) as chat:
        answer(question, record, chat.environment())
        assert answer(replace(question, text="And now?"), record, chat.environment()).value == {"x": 2.0}
        other = answer(question, record, {**chat.environment(), MODEL: "other-model"})
        assert (other.value, other.model) == ({"x": 3.0}, "other-model")
    assert len(read_json(record, "chat")["exchanges"]) == 3
    assert answer(question, record, UNREACHABLE).value == {"x": 1.5}


def test_what_failed_is_recorded_and_asked_again(record: Path) -> None:
    question = make_question(retries=1)
    with serve((500, "down"), (500, "still down"), GOOD) as chat:
        with pytest.raises(UserError, match="HTTP 500 at attempt 2: still down"):
            answer(question, record, chat.environment())
        assert read_json(record, "chat")["exchanges"][0]["response"] is None
        with pytest.raises(UserError, match="needs a chat endpoint"):
            answer(question, record, {})
        assert answer(question, record, chat.environment()).value == {"x": 1.5}
    (exchange,) = read_json(record, "chat")["exchanges"]
    assert [attempt["body"] for attempt in exchange["varying"]["failed_attempts"]] == ["down", "still down"]


def test_the_key_is_never_written(record: Path, capfd: pytest.CaptureFixture[str]) -> None:
    key = "sk-0123456789abcdef"
    with serve((500, f"you sent {key}"), GOOD) as chat:
        answer(make_question(), record, chat.environment_with_key(key))
        assert chat.headers[1]["Authorization"] == f"Bearer {key}"
    assert key not in record.read_text()
    assert "you sent [key]" in record.read_text()
    assert key not in "".join(capfd.readouterr())


def test_without_endpoint_only_a_recorded_answer_will_do(record: Path) -> None:
    with pytest.raises(UserError, match=f"controller B3 needs a chat endpoint: set {URL} and {MODEL}"):
        require_answers(record, {}, "controller B3")
    require_answers(record, UNREACHABLE, "controller B3")  # nothing is asked before the campaigns before it are over
    with serve(GOOD) as chat:
        answer(make_question(), record, chat.environment())
    require_answers(record, {}, "controller B3")


def test_a_record_that_was_edited_is_named(record: Path) -> None:
    with serve(GOOD) as chat:
        answer(make_question(), record, chat.environment())
    text = record.read_text()
    record.write_text(text.replace(json.dumps('{"x": 1.5}'), json.dumps('{"y": 1.5}')))
    with pytest.raises(UserError, match=r"chat\.json: response: .*restore the file"):
        answer(make_question(), record, {})
    record.write_text(text.replace('"sent_as"', '"sent"'))
    with pytest.raises(UserError, match=r"chat\.json: exchanges\.0: .*\(schema: chat\)"):
        answer(make_question(), record, {})
