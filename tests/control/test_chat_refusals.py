"""Endpoints that refuse a part of a question by name get it as they ask, or without that part."""

import json
from typing import Any

import pytest

from tests.control.chat_server import completion
from tests.control.test_chat_endpoint import GOOD, SCHEMA, ask_server, make_question, no_proxy
from workflow_scripts.control.chat_endpoint import (
    parse_answer,
)

__all__ = ["no_proxy"]  # a fixture


@pytest.mark.parametrize(
    "refusal",
    [
        (400, '{"error": {"message": "Unknown name \\"response_format\\""}}'),
        (400, '{"error": {"message": "Grammar error: Invalid type: number"}}'),
        (422, '{"detail": [{"loc": ["body", "response_format"], "msg": "extra fields not permitted"}]}'),
    ],
)
def test_a_server_that_refuses_response_format_gets_the_schema_in_the_prompt(refusal: tuple[int, str]) -> None:
    fenced = completion('<think>{"x": 9}?</think>Here:\n```json\n{"x": 2}\n```\n')
    chat, exchange = ask_server(refusal, fenced, question=make_question(retries=0))
    assert "response_format" not in chat.payloads[1]
    assert json.dumps(SCHEMA, sort_keys=True) in chat.payloads[1]["messages"][0]["content"]
    assert exchange.sent_as == "prompt"
    assert parse_answer(exchange.content or "", SCHEMA) == {"x": 2.0}


@pytest.mark.parametrize(
    ("refusal", "part", "instead"),
    [
        ({"error": {"message": "'max_tokens' is not supported with this model", "param": "max_tokens"}},
         "max_tokens", None),
        ({"error": {"message": "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
                    "'max_completion_tokens' instead.", "param": "max_tokens", "code": "unsupported_parameter"}},
         "max_tokens", "max_completion_tokens"),
        ({"error": "unknown field `max_tokens`, expected one of `model`, `max_new_tokens`"},
         "max_tokens", "max_new_tokens"),
        ({"detail": [{"type": "extra_forbidden", "loc": ["body", "max_tokens"], "msg": "Extra inputs", "input": 64}]},
         "max_tokens", None),
        ({"error": {"message": "Unsupported value: 'temperature' does not support 0 with this model. Only the default "
                    "(1) value is supported.", "param": "temperature", "code": "unsupported_value"}},
         "temperature", None),
        ({"error": "`temperature` must be strictly positive"}, "temperature", None),
        ({"error": {"message": "not with this model", "param": "temperature"}, "request": {"max_tokens": 64}},
         "temperature", None),
        ("the parameter temperature is deprecated", "temperature", None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [400, 422])
def test_a_refused_parameter_is_sent_as_the_endpoint_asks_or_left_out(
    refusal: Any, part: str, instead: str | None, status: int
) -> None:
    body = refusal if isinstance(refusal, str) else json.dumps(refusal).replace("'", "\\u0027")
    chat, exchange = ask_server((status, body), GOOD, question=make_question(retries=0))
    first, second = chat.payloads
    value = first.pop(part)
    assert second == first | ({instead: value} if instead else {})
    assert exchange.sent_instead == {part: instead}
    assert exchange.content == '{"x": 1.5}'
    assert [attempt["status"] for attempt in exchange.failed_attempts] == [status]


def test_refusals_come_one_after_the_other_and_each_part_is_changed_once() -> None:
    refusals = [(400, json.dumps({"error": {"message": f"no {part} here"}})) for part in
                ("max_tokens", "response_format", "temperature")]  # fmt: skip
    chat, exchange = ask_server(*refusals, GOOD, question=make_question(retries=0))
    assert set(chat.payloads[-1]) == {"model", "messages"}
    assert (exchange.sent_as, exchange.sent_instead) == ("prompt", {"max_tokens": None, "temperature": None})
    everything = (400, "neither max_tokens nor temperature nor response_format")
    chat, exchange = ask_server(everything)
    assert len(chat.payloads) == 4
    assert exchange.content is None


@pytest.mark.parametrize(
    "message",
    [
        "max_tokens is too large: 64. This model supports at most 32 completion tokens",
        "'max_tokens' or 'max_completion_tokens' is too large: 64. This model's maximum context length is 32 tokens",
        "max_tokens must be less than 32",
    ],
)
def test_a_limit_that_is_too_high_stays_and_is_reported(message: str) -> None:
    chat, exchange = ask_server((400, json.dumps({"error": {"message": message, "param": "max_tokens"}})))
    assert len(chat.payloads) == 1
    assert exchange.sent_instead == {}
    assert message in exchange.failed_attempts[0]["body"]
