"""A language model behind an OpenAI-compatible chat endpoint: one question, one answer in JSON (paper, section 5.5).

The endpoint comes from the environment, never from a file of the repository. ``urllib`` speaks to it: one POST needs no
more, and the environment that plans campaigns holds no other HTTP library. It and the validator are imported late,
since most plans ask nobody.
"""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from workflow_scripts.control.chat_refusals import refused_part, spelling
from workflow_scripts.core.contracts.exchanges import AnsweredBy, FailedAttempt, Request
from workflow_scripts.core.errors import UserError

URL, MODEL, KEY = "CHAT_ENDPOINT_URL", "CHAT_ENDPOINT_MODEL", "CHAT_ENDPOINT_KEY"

_SHOWN_CHARACTERS = 200  # of what came back, in an error
_KEPT_CHARACTERS = 10_000  # of a failed attempt, in the record
_MAX_BYTES = 4_000_000  # of a response's body
_SHORTEST_SECRET = 8  # a shorter key (EMPTY, none) is a placeholder, and its letters may stand in any answer


@dataclass(frozen=True)
class Endpoint:
    """Where to ask: the URL above ``/chat/completions``, the model's name there, and the key if there is one."""

    url: str
    model: str
    key: str = field(default="", repr=False)


@dataclass(frozen=True)
class Patience:
    """Seconds that one request may take, further attempts after the first, and seconds before the first of these.

    The pause doubles from attempt to attempt, without jitter.
    """

    timeout_seconds: float
    retries: int
    backoff_seconds: float


@dataclass(frozen=True)
class Question:
    """What is asked, the JSON Schema of the answer, and the most tokens that it may take; ``asker`` is for errors."""

    asker: str
    text: str
    schema_name: str
    schema: dict[str, Any]
    max_tokens: int
    patience: Patience

    def request(self, model: str) -> Request:
        """The request as it is recorded and compared: everything that decides the answer."""
        return {
            "model": model,
            "messages": [{"role": "user", "content": self.text}],
            "temperature": 0,
            "max_tokens": self.max_tokens,
            "answer_schema": json.dumps(self.schema, sort_keys=True),
        }


@dataclass(frozen=True)
class Answer:
    """What was answered, valid under the question's schema, and the model that was asked."""

    value: dict[str, Any]
    model: str


@dataclass
class Exchange:
    """How asking went: the content of the answer (None where every attempt failed) and all failed attempts.

    ``sent_instead``: the parameters that the server refused, each with the name that it was sent under, None for none.
    """

    sent_as: Literal["response_format", "prompt"] = "response_format"
    sent_instead: dict[str, str | None] = field(default_factory=dict)
    content: str | None = None
    answered_by: AnsweredBy | None = None
    failed_attempts: list[FailedAttempt] = field(default_factory=list)


def require_endpoint(environment: Mapping[str, str], asker: str) -> Endpoint:
    """The endpoint that the environment names; a ``UserError`` where it names none, for ``asker`` ("controller B3")."""
    url, model, key = (environment.get(name, "").strip() for name in (URL, MODEL, KEY))
    if missing := [name for name, value in ((URL, url), (MODEL, model)) if not value]:
        raise UserError(
            f"{asker} needs a chat endpoint: set {' and '.join(missing)} in the environment "
            f"(and {KEY}, if the endpoint asks for a key), or ask for targets without it"
        )
    # http.client would show a key that it cannot send, and urllib would open files.
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise UserError(f"{KEY}: holds a character that no HTTP header may carry (the key is not shown); set it again")
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and url.isprintable()
        (parts.hostname or "").encode("idna")
    except ValueError:
        valid = False
    if not valid or " " in url:
        raise UserError(f"{URL}: is no http:// or https:// address; give one such as http://localhost:8000/v1")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise UserError(f"{URL}: must hold no user, password, query or fragment; a key goes into {KEY}")
    return Endpoint(url.rstrip("/").removesuffix("/chat/completions"), model, key)


def ask(question: Question, endpoint: Endpoint) -> Exchange:
    """Ask until a valid answer comes, the endpoint refuses for good, or ``retries`` further attempts have failed.

    It is asked again after a connection that failed or timed out, HTTP 408, 429 or 5xx, and an answer that is not
    valid. A server that refuses ``response_format`` gets the schema in the prompt instead, and one that refuses
    ``max_tokens`` or ``temperature`` gets it as it asks or not at all, which is no further attempt.
    """
    exchange = Exchange()
    retries_left = question.patience.retries
    pause = question.patience.backoff_seconds
    while True:
        status, text, problem = _attempt(question, endpoint, exchange)
        if not problem:
            exchange.content = text
            return exchange
        exchange.failed_attempts.append({"problem": problem, "status": status, "body": text[:_KEPT_CHARACTERS]})
        if _adapt(exchange, status, text):
            continue
        refused = status is not None and 201 <= status < 500 and status not in (408, 429)
        if refused or retries_left == 0:
            return exchange
        time.sleep(pause)
        retries_left -= 1
        pause *= 2


def failure(question: Question, endpoint: Endpoint, exchange: Exchange) -> UserError:
    """The one line for a person after the last failed attempt."""
    last = exchange.failed_attempts[-1]
    number = len(exchange.failed_attempts)
    returned = " ".join("".join(c if c.isprintable() else " " for c in last["body"]).split())[:_SHOWN_CHARACTERS]
    return UserError(
        f"{question.asker}: chat endpoint {endpoint.url}, model {endpoint.model}: {last['problem']} "
        f"at attempt {number}: {returned or '(nothing)'}; check {URL}, {MODEL} and {KEY}, and run again"
    )


def parse_answer(content: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The JSON object in a model's words, held against ``schema``; a ``ValueError`` says what is wrong with it.

    Without ``response_format``, models think aloud and put fences around JSON: the object runs from the first brace
    after the thoughts to the last. Numbers are finite floats.
    """
    import fastjsonschema

    words = content.rpartition("</think>")[2]
    first, last = words.find("{"), words.rfind("}")
    if first < 0 or last < first:
        raise ValueError("no JSON object in it")
    try:
        # NaN, Infinity and 1e999 are numbers to the parser.
        value = json.loads(words[first : last + 1], parse_constant=_finite, parse_float=_finite, parse_int=_finite)
    except RecursionError:
        raise ValueError("a JSON object that is nested too deep") from None
    try:
        fastjsonschema.compile(schema, use_default=False)(value)
    except fastjsonschema.JsonSchemaValueException as error:
        raise ValueError(error.message) from None
    answer: dict[str, Any] = value
    return answer


def _attempt(question: Question, endpoint: Endpoint, exchange: Exchange) -> tuple[int | None, str, str]:
    """Status, the model's words (the body, where it holds none) and what is wrong with them: "" for a valid answer."""
    payload = _payload(question, endpoint.model, exchange)
    status, body = _post(endpoint, payload, question.patience.timeout_seconds)
    if status != 200:
        return status, body, "no response" if status is None else f"HTTP {status}"
    try:
        content, exchange.answered_by, is_cut = _completion(body)
    except ValueError as error:
        return status, body, f"not a valid answer: {error}"
    try:
        parse_answer(content, question.schema)
    except ValueError as error:
        cut = f", cut after {question.max_tokens} tokens (max_tokens)" if is_cut else ""
        return status, content, f"not a valid answer{cut}: {error}"
    return status, content, ""


def _finite(text: str) -> float:
    number = float(text)
    if number - number != 0:
        raise ValueError("a number in it is not finite")
    return number


def _payload(question: Question, model: str, exchange: Exchange) -> dict[str, Any]:
    request: dict[str, Any] = {**question.request(model)}
    del request["answer_schema"]
    for name, other in exchange.sent_instead.items():
        value = request.pop(name)
        if other is not None:
            request[other] = value
    if exchange.sent_as == "prompt":
        schema = json.dumps(question.schema, sort_keys=True)
        instruction = f"Answer with one JSON object and nothing else. It must satisfy this JSON Schema: {schema}"
        return {**request, "messages": [{"role": "user", "content": f"{question.text}\n\n{instruction}"}]}
    named = {"name": question.schema_name, "strict": True, "schema": question.schema}
    return {**request, "response_format": {"type": "json_schema", "json_schema": named}}


def _adapt(exchange: Exchange, status: int | None, body: str) -> bool:
    """Change how the request is sent, once for each part; False where the server refuses none of them."""
    sent = [part for part in ("max_tokens", "temperature") if part not in exchange.sent_instead]
    if exchange.sent_as == "response_format":
        sent.append("response_format")
    part = refused_part(status, body, sent)
    if part == "response_format":
        exchange.sent_as = "prompt"
    elif part is not None:
        exchange.sent_instead[part] = spelling(part, body)
    return part is not None


def _completion(body: str) -> tuple[str, AnsweredBy, bool]:
    """The first choice's content, who says to have answered, and whether the length limit cut the answer.

    The content is empty where there is none; anything but a chat completion is a ``ValueError``.
    """
    try:
        completion = json.loads(body)
        choice = completion["choices"][0]
        content, is_cut = choice["message"]["content"], choice.get("finish_reason") == "length"
        said = [completion.get(name) for name in ("model", "id", "system_fingerprint")]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        raise ValueError("no chat completion") from None
    model, number, fingerprint = (_encodable(value) if isinstance(value, str) else None for value in said)
    answered_by: AnsweredBy = {"model": model, "id": number, "system_fingerprint": fingerprint}
    return _encodable(content) if isinstance(content, str) else "", answered_by, is_cut


def _encodable(text: str) -> str:
    """The text without the lone surrogates that JSON's escapes can make and UTF-8 cannot hold."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


def _post(endpoint: Endpoint, payload: dict[str, Any], timeout: float) -> tuple[int | None, str]:
    """Status and body of one POST, or None and the reason why there was no response; never with the key in it."""
    import http.client
    import urllib.request

    headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "chat-endpoint"}
    if endpoint.key:
        headers["Authorization"] = f"Bearer {endpoint.key}"
    data = json.dumps(payload).encode()
    request = urllib.request.Request(f"{endpoint.url}/chat/completions", data, headers, method="POST")
    # Without the usual handlers: a redirect, which would carry the key elsewhere, is not followed but reported.
    opener = urllib.request.OpenerDirector()
    for handler in (urllib.request.ProxyHandler, urllib.request.HTTPHandler, urllib.request.HTTPSHandler):
        opener.add_handler(handler())
    deadline = time.monotonic() + timeout
    try:
        with opener.open(request, timeout=timeout) as response:
            status, body = response.status, b""
            # The socket's timeout is for one read; a server that drips bytes must not hold the workflow.
            while len(body) < _MAX_BYTES and (chunk := response.read1(65536)):
                body += chunk
                if time.monotonic() > deadline:
                    raise TimeoutError(f"not complete after {timeout:g} seconds")
    except (OSError, http.client.HTTPException) as error:
        return None, _without_key(str(getattr(error, "reason", "") or error or type(error).__name__), endpoint.key)
    return status, _without_key(body.decode("utf-8", errors="replace"), endpoint.key)


def _without_key(text: str, key: str) -> str:
    """The text as it may be written down: a server or proxy may send back what it was sent.

    JSON may escape any character, and JSON within JSON does it again, so that no decoding brings the key back.
    """
    if len(key) < _SHORTEST_SECRET:
        return text
    return re.sub("".join(map(_however_escaped, key)), "[key]", text)


def _however_escaped(character: str) -> str:
    """A pattern of a character as it is, with backslashes before it, or as \\u0041."""
    backslashes = r"\\{0,7}"  # bounded: three levels, and linear in the text
    plain = r"\\{1,8}" if character == "\\" else (backslashes if character in "\"'/" else "") + re.escape(character)
    return rf"(?:{plain}|\\{{1,7}}u(?i:{ord(character):04x}))"
