"""A model's own chat template: from a conversation to its text, and the token that it writes behind an answer."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from tokenizers import Tokenizer

from workflow_scripts.core.errors import UserError

Message = dict[str, str]
Template = Callable[[list[Message], bool], str]

# What a template prints as today: prompts are the same on every day. Llama 3's own template falls back on this one.
TODAY = datetime(2024, 7, 26)
_DATE_CODES = "aAbBcCdDeFGhHIjkmMprRSTuUVwWxXyY"
_ANSWER = "answer"


def chat_template(model_folder: Path) -> Template:
    """From a conversation, and whether the assistant's turn is opened behind it, to its text."""
    # Late, since it takes two seconds.
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(model_folder)
        template = None if tokenizer.chat_template is None else tokenizer.get_chat_template()
    except Exception as error:  # of every kind, depending on what is wrong with which of the files
        raise UserError(f"{model_folder}: its tokenizer cannot be loaded: {_in_one_line(error)}") from None
    if template is None:
        raise UserError(
            f"{model_folder}: tokenizer_config.json: chat_template: is missing, and there is no chat_template.jinja; "
            "prompt format 'chat' is for instruction-tuned models, use 'plain' for this one"
        )
    dated = with_fixed_date(template)

    def render(messages: list[Message], opens_answer: bool) -> str:
        try:
            text = tokenizer.apply_chat_template(
                messages, chat_template=dated, add_generation_prompt=opens_answer, tokenize=False
            )
        except Exception as error:  # a template is a program
            raise UserError(
                f"{model_folder}: its chat template refuses a conversation: {_in_one_line(error)}"
            ) from None
        return str(text)

    return render


def with_fixed_date(template: str) -> str:
    """The template with ``strftime_now``, by which templates print the date, of the moment ``TODAY``.

    It is defined in the template's own language: transformers hands no function of its caller to a template.
    """
    if "strftime_now" not in template:
        return template
    codes = {f"%{flag}{code}": TODAY.strftime(f"%{flag}{code}") for flag in ("-", "") for code in _DATE_CODES}
    # The line break at its end is the one that the engine takes away behind a block.
    return (
        "{%- macro strftime_now(format) %}{%- set date = namespace(text=format) %}"
        f"{{%- for code, value in {json.dumps(codes)}.items() %}}"
        "{%- set date.text = date.text | replace(code, value) %}{%- endfor %}{{- date.text }}{%- endmacro %}\n"
    ) + template


def end_of_turn(tokenizer: Tokenizer, template: Template, model_folder: Path) -> int:
    """The special token that the template writes first behind an assistant's answer."""
    text = template([{"role": "user", "content": "question"}, {"role": "assistant", "content": _ANSWER}], False)
    behind = tokenizer.encode(text.rpartition(_ANSWER)[2], add_special_tokens=False).ids
    added = tokenizer.get_added_tokens_decoder()
    for token in behind:
        if token in added and added[token].special:
            return int(token)
    raise UserError(
        f"{model_folder}: its chat template ends an assistant's turn with no special token of tokenizer.json, so that "
        "no end of an answer could be seen"
    )


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
