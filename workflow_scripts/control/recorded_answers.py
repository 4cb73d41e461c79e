"""The record of what a language model was asked and what it answered; a rerun replays it without the network.

The record is ``chat.json`` beside the plan, but no output of the rule, so that Snakemake does not delete it with the
outputs of a failed or repeated job. What may differ between equal runs stands under ``varying``.
"""

from collections.abc import Mapping
from pathlib import Path

from workflow_scripts.control.chat_endpoint import MODEL, Answer, Question, ask, failure, parse_answer, require_endpoint
from workflow_scripts.core.contracts.exchanges import RecordedExchange
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, write_json

SCHEMA = "chat"


def answer(question: Question, record: Path, environment: Mapping[str, str]) -> Answer:
    """The recorded answer to an equal request, or else the endpoint's, which is recorded before it is returned.

    Requests are equal in model, message, schema and length limit; where the environment names no model, any model's
    answer is taken. A ``UserError`` where there is neither answer nor endpoint, or where every attempt failed, which is
    recorded too.
    """
    exchanges = _read(record)
    known = _find(exchanges, question, environment.get(MODEL, "").strip() or None)
    response = known["response"] if known else None
    if known is None or response is None:
        endpoint = require_endpoint(environment, question.asker)
        known = _find(exchanges, question, endpoint.model)
        exchange = ask(question, endpoint)
        earlier_failures = known["varying"]["failed_attempts"] if known else []
        exchanges = [other for other in exchanges if other is not known]
        known = {
            "request": question.request(endpoint.model),
            "sent_as": exchange.sent_as,
            "response": exchange.content,
            "varying": {
                "answered_by": exchange.answered_by,
                "failed_attempts": earlier_failures + exchange.failed_attempts,
            },
        }
        if exchange.sent_instead:
            known["sent_instead"] = exchange.sent_instead
        write_json(record, {"schema_version": 1, "exchanges": [*exchanges, known]}, SCHEMA)
        response = exchange.content
        if response is None:
            raise failure(question, endpoint, exchange)
    try:
        return Answer(parse_answer(response, question.schema), known["request"]["model"])
    except ValueError as error:
        raise UserError(f"{record}: response: {error}; it was valid when it was recorded: restore the file") from None


def require_answers(record: Path, environment: Mapping[str, str], asker: str) -> None:
    """A ``UserError``, before anything runs, where a campaign has neither a recorded answer nor an endpoint to ask.

    What will be asked is not known yet, so that any recorded answer counts.
    """
    if all(exchange["response"] is None for exchange in _read(record)):
        require_endpoint(environment, asker)


def _read(record: Path) -> list[RecordedExchange]:
    exchanges: list[RecordedExchange] = read_json(record, SCHEMA)["exchanges"] if record.exists() else []
    return exchanges


def _find(exchanges: list[RecordedExchange], question: Question, model: str | None) -> RecordedExchange | None:
    """The exchange of an equal request, an answered one first; ``model`` None stands for any."""
    equal = [
        exchange
        for exchange in exchanges
        if exchange["request"] == question.request(model or exchange["request"]["model"])
    ]
    return min(equal, key=lambda exchange: exchange["response"] is None, default=None)
