"""The chat endpoint, against a real HTTP server: what is sent, what is taken for an answer, and what is tried again."""

import json
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.control.chat_server import DRIP, HANG, completion, serve
from workflow_scripts.control.chat_endpoint import (
    KEY,
    MODEL,
    URL,
    Endpoint,
    Exchange,
    Patience,
    Question,
    _without_key,
    ask,
    failure,
    require_endpoint,
)
from workflow_scripts.core.errors import UserError

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["x"],
    "properties": {"x": {"type": "number"}},
}
GOOD = completion({"x": 1.5})


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def make_question(retries: int = 2, timeout: float = 5.0) -> Question:
    return Question("controller B3", "Which x?", "x", SCHEMA, 64, Patience(timeout, retries, 0.01))


def ask_server(*replies: tuple[int, str], question: Question | None = None, key: str = "") -> tuple[Any, Exchange]:
    with serve(*replies) as chat:
        return chat, ask(question or make_question(), Endpoint(chat.url, "asked-model", key))


def test_a_question_is_sent_with_its_schema_at_temperature_0() -> None:
    chat, exchange = ask_server(GOOD)
    assert chat.paths == ["/v1/chat/completions"]
    assert chat.payloads == [
        {
            "model": "asked-model",
            "messages": [{"role": "user", "content": "Which x?"}],
            "temperature": 0,
            "max_tokens": 64,
            "response_format": {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": SCHEMA}},
        }
    ]
    assert "Authorization" not in chat.headers[0]
    assert exchange.content == '{"x": 1.5}'
    assert exchange.answered_by == {"model": "served-model", "id": "c-1", "system_fingerprint": None}
    assert exchange.failed_attempts == []


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        ((500, "overloaded"), "HTTP 500"),
        ((503, ""), "HTTP 503"),
        ((429, "slow down"), "HTTP 429"),
        ((408, ""), "HTTP 408"),
        ((200, "<html>"), "not a valid answer: no chat completion"),
        ((200, "[" * 100_000), "not a valid answer: no chat completion"),
        ((200, '{"choices": []}'), "not a valid answer: no chat completion"),
        (completion(None), "not a valid answer: no JSON object in it"),
        (completion("I would rather not."), "not a valid answer: no JSON object in it"),
        (completion('{"x": 1.5'), "not a valid answer: no JSON object in it"),
        (completion('{"x": 1.5,}'), "not a valid answer: Expecting property name"),
        (completion({"x": "high"}), "not a valid answer: data.x must be number"),
        (completion({"x": 1, "y": 2}), "not a valid answer: data must not contain"),
        (completion('{"x": NaN}'), "not a valid answer: a number in it is not finite"),
        (completion('{"x": 1e999}'), "not a valid answer: a number in it is not finite"),
        (completion('{"x": ' + "[" * 100_000 + "}"), "not a valid answer: a JSON object that is nested too deep"),
    ],
)
def test_what_may_pass_is_tried_again(bad: tuple[int, str], problem: str) -> None:
    _, exchange = ask_server(bad, GOOD)
    assert exchange.content == '{"x": 1.5}'
    (attempt,) = exchange.failed_attempts
    assert attempt["problem"].startswith(problem)
    assert len(attempt["body"]) <= 10_000


def test_an_answer_that_was_cut_is_named_so() -> None:
    cut = GOOD[1].replace('{\\"x\\": 1.5}', "Let me think").replace('"index"', '"finish_reason": "length", "index"')
    _, exchange = ask_server((200, cut), question=make_question(retries=0))
    assert exchange.failed_attempts == [
        {
            "problem": "not a valid answer, cut after 64 tokens (max_tokens): no JSON object in it",
            "status": 200,
            "body": "Let me think",
        }
    ]


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404])
def test_what_will_not_pass_is_not_tried_again(status: int) -> None:
    chat, exchange = ask_server((status, "no"))
    assert len(chat.payloads) == 1  # nor is a redirect followed, which would carry the key elsewhere
    assert exchange.content is None
    assert exchange.failed_attempts == [{"problem": f"HTTP {status}", "status": status, "body": "no"}]


def test_a_server_that_is_silent_is_given_up_after_the_timeout() -> None:
    question = make_question(retries=1, timeout=0.1)
    chat, exchange = ask_server(HANG, question=question)
    assert len(chat.payloads) == 2
    assert [attempt["status"] for attempt in exchange.failed_attempts] == [None, None]
    assert "timed out" in exchange.failed_attempts[0]["body"]


def test_a_server_that_drips_is_given_up_after_the_timeout() -> None:
    _, exchange = ask_server(DRIP, question=make_question(retries=0, timeout=0.2))
    assert exchange.failed_attempts == [
        {"problem": "no response", "status": None, "body": "not complete after 0.2 seconds"}
    ]


def test_attempts_end_and_the_pause_doubles(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    chat, exchange = ask_server((500, "down"), question=make_question(retries=3))
    assert len(chat.payloads) == 4
    assert pauses == [0.01, 0.02, 0.04]
    assert exchange.content is None


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    endpoint = Endpoint(f"http://127.0.0.1:{port}/v1", "asked-model")
    exchange = ask(make_question(), endpoint)
    assert len(exchange.failed_attempts) == 3
    message = str(failure(make_question(), endpoint, exchange))
    assert "Connection refused" in message
    assert f"controller B3: chat endpoint http://127.0.0.1:{port}/v1, model asked-model: no response" in message


def test_a_failure_is_one_line_of_what_came_back() -> None:
    _, exchange = ask_server((403, "\x1b[31mdenied\n" + "x" * 5000))
    endpoint = Endpoint("http://host/v1", "m")
    message = str(failure(make_question(), endpoint, exchange))
    assert message.startswith(
        "controller B3: chat endpoint http://host/v1, model m: HTTP 403 at attempt 1: [31mdenied x"
    )
    assert message.count("x") < 205
    assert "\n" not in message
    assert "\x1b" not in message
    assert message.endswith(f"check {URL}, {MODEL} and {KEY}, and run again")


def test_the_key_is_sent_and_never_kept() -> None:
    key = "sk-0123456789abcdef"
    chat, exchange = ask_server((500, f"header was Bearer {key}"), (401, f"bad key {key}"), key=key)
    assert chat.headers[0]["Authorization"] == f"Bearer {key}"
    endpoint = Endpoint(chat.url, "m", key)
    assert exchange.failed_attempts[1]["body"] == "bad key [key]"
    for text in (repr(exchange), repr(endpoint), str(failure(make_question(), endpoint, exchange))):
        assert key not in text


KEY_OF_ALL_KINDS = "sk-A\"0/1\\2'3+<&b~"


@pytest.mark.parametrize(
    "write",
    [
        str,
        lambda key: json.dumps(key)[1:-1],
        lambda key: json.dumps(key)[1:-1].replace("/", "\\/"),
        lambda key: "".join(f"\\u{ord(c):04x}" for c in key),
        lambda key: "".join(f"\\u{ord(c):04X}" for c in key),
        lambda key: key[:3] + "".join(f"\\u{ord(c):04x}" for c in key[3:]),
        lambda key: json.dumps(json.dumps(key)[1:-1])[1:-1],
        lambda key: json.dumps("".join(f"\\u{ord(c):04x}" for c in key))[1:-1],
    ],
)
@pytest.mark.parametrize("key", ["sk-0123456789abcdef", KEY_OF_ALL_KINDS])
def test_the_key_is_masked_however_json_escapes_it(key: str, write: Callable[[str], str]) -> None:
    sent = f'{{"error": {{"message": "you sent >{write(key)}<"}}}}'
    words = '{"x": "high", "y": ">' + write(key) + '<"}'  # no valid answer, JSON within JSON
    _, exchange = ask_server((500, sent), completion(words), (401, sent[:-3]), key=key)
    shown = [attempt["body"] for attempt in exchange.failed_attempts]
    assert shown == [sent.replace(write(key), "[key]"), words.replace(write(key), "[key]"), shown[0][:-3]]
    _, exchange = ask_server((200, GOOD[1].replace("c-1", json.dumps(write(key))[1:-1])), key=key)
    assert exchange.answered_by is not None
    assert exchange.answered_by["id"] == "[key]"


def test_a_body_of_backslashes_is_read_once() -> None:
    assert _without_key("\\" * 4_000_000, KEY_OF_ALL_KINDS) == "\\" * 4_000_000


def test_lone_surrogates_do_not_reach_a_file() -> None:
    _, exchange = ask_server((200, GOOD[1].replace("1.5", "1.5 \\ud800")), GOOD)
    json.dumps(exchange.failed_attempts, ensure_ascii=False).encode()
    _, exchange = ask_server((200, GOOD[1].replace("c-1", "\\ud800")))
    assert exchange.answered_by is not None
    assert exchange.answered_by["id"] == "?"


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, f"controller B3 needs a chat endpoint: set {URL} and {MODEL} in the environment"),
        ({URL: "http://host/v1", MODEL: " "}, f"set {MODEL} in the environment"),
        ({URL: "host/v1", MODEL: "m"}, f"{URL}: is no http"),
        ({URL: "file:///etc/passwd", MODEL: "m"}, f"{URL}: is no http"),
        ({URL: "http://host:port/v1", MODEL: "m"}, f"{URL}: is no http"),
        ({URL: "http://[host/v1", MODEL: "m"}, f"{URL}: is no http"),
        ({URL: "http://a..b/v1", MODEL: "m"}, f"{URL}: is no http"),
        ({URL: "http://host/v 1", MODEL: "m"}, f"{URL}: is no http"),
        ({URL: "http://host/v1?key=secret", MODEL: "m"}, f"{URL}: must hold no user, password, query"),
        ({URL: "http://me:secret@host/v1", MODEL: "m"}, f"{URL}: must hold no user, password, query"),
        ({URL: "http://host/v1", MODEL: "m", KEY: "secret\nX: y"}, f"{KEY}: holds a character"),
    ],
)
def test_an_environment_without_an_endpoint_is_refused(environment: dict[str, str], message: str) -> None:
    with pytest.raises(UserError) as refusal:
        require_endpoint(environment, "controller B3")
    assert message in str(refusal.value)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("url", ["http://host:8000/v1", "http://host:8000/v1/", "http://host:8000/v1/chat/completions"])
def test_the_endpoint_comes_from_the_environment(url: str) -> None:
    endpoint = require_endpoint({URL: url, MODEL: "m", KEY: "k\n"}, "controller B3")
    assert endpoint == Endpoint("http://host:8000/v1", "m", "k")
