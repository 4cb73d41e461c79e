"""What a language model was asked, and what it answered (``chat.schema.json``)."""

from typing import Literal, NotRequired, TypedDict


class Message(TypedDict):
    """What was said to the model."""

    role: Literal["user"]
    content: str


class Request(TypedDict):
    """What decides the answer; the answer's schema is JSON text."""

    model: str
    messages: list[Message]
    temperature: float
    max_tokens: int
    answer_schema: str


class AnsweredBy(TypedDict):
    """What a server says of itself and of its answer."""

    model: str | None
    id: str | None
    system_fingerprint: str | None


class FailedAttempt(TypedDict):
    """An attempt without a valid answer; the status is null without a response."""

    problem: str
    status: int | None
    body: str


class Varying(TypedDict):
    """What may differ between equal runs."""

    answered_by: AnsweredBy | None
    failed_attempts: list[FailedAttempt]


class RecordedExchange(TypedDict):
    """One question; no response where every attempt failed."""

    request: Request
    sent_as: Literal["response_format", "prompt"]
    sent_instead: NotRequired[dict[str, str | None]]
    response: str | None
    varying: Varying


class Chat(TypedDict):
    """The whole file."""

    schema_version: Literal[1]
    exchanges: list[RecordedExchange]
