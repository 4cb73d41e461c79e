"""How a problem becomes the tokens that a policy continues, and its tokens a text (section 5.1, "Base models").

A base model continues the problem's prompt. An instruction-tuned one is sent one message of a user, in its own chat
template with that template's own system prompt; where its answer is prefilled, a small one need not find the form of an
answer first, and tokens that close the fence end it too. Each is at its end with any of the tokens that its folder
names for it, ``END_OF_TEXT`` or the one that ends a turn among them. The program inside an answer is found in
``grading/extraction.py``.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from workflow_scripts.core.errors import UserError
from workflow_scripts.core.prompt_formats import PROMPT_FORMATS, begun_body
from workflow_scripts.models.chat_templates import chat_template, end_of_turn
from workflow_scripts.models.descriptions import named_end_tokens
from workflow_scripts.models.tokenization import END_OF_TEXT, load_tokenizer

_LANGUAGES = {"python": "Python", "cpp": "C++"}
_CONTINUE = "Complete this {language} program. {answer}\n\n{fence}{tag}\n{prompt}\n{fence}"
_PROGRAM = "{prompt}\n\n{answer}"
_ANSWER = "Answer with the whole {language} program in one fenced code block that begins with ```{tag}."
_FENCE = "```"
_BACKTICKS = re.compile(r"`{3,}")


@dataclass(frozen=True)
class PromptFormat:
    """``end_tokens``: ids, each of which ends a completion; ``render``: the text that a policy continues."""

    tokenizer: Tokenizer
    end_tokens: frozenset[int]
    render: Callable[[Mapping[str, Any]], str]
    adds_special_tokens: bool

    def encode(self, problem: Mapping[str, Any]) -> list[int]:
        """The tokens of the text that asks for a program."""
        ids: list[int] = self.tokenizer.encode(self.render(problem), add_special_tokens=self.adds_special_tokens).ids
        return ids

    def decode(self, completions: Sequence[list[int]]) -> list[str]:
        """The texts of completions, given as tokens, without special tokens; nothing behind a first end is of one."""
        answers = [list(takewhile(lambda token: token not in self.end_tokens, tokens)) for tokens in completions]
        texts: list[str] = self.tokenizer.decode_batch(answers)
        return texts


def prompt_format(kind: str, model_folder: Path) -> PromptFormat:
    """The format of this kind for the model in a Hugging Face folder.

    Raises ``UserError`` for an unknown kind, for a folder that is damaged or names no token that ends a text, and for
    the other two where the folder has no chat template or none that ends an assistant's turn with a special token.
    """
    if kind not in PROMPT_FORMATS:
        raise UserError(f"prompt format: {kind!r} is unknown; known: {', '.join(PROMPT_FORMATS)}")
    tokenizer = load_tokenizer(model_folder)
    ends = named_end_tokens(model_folder, tokenizer)
    if kind == "plain":
        if (end_of_text := tokenizer.token_to_id(END_OF_TEXT)) is not None:
            ends.add(end_of_text)
        if not ends:
            raise UserError(
                f"{model_folder}: names no token that ends a text: generation_config.json: eos_token_id: is missing, "
                f"and tokenizer.json has no {END_OF_TEXT!r}"
            )
        return PromptFormat(tokenizer, frozenset(ends), _prompt, adds_special_tokens=True)
    template = chat_template(model_folder)
    ends.add(end_of_turn(tokenizer, template, model_folder))

    def render(problem: Mapping[str, Any]) -> str:
        return template([{"role": "user", "content": user_message(problem)}], True)

    def render_begun(problem: Mapping[str, Any]) -> str:
        head = problem["prompt"] if problem["completion_kind"] == "continuation" else ""
        return f"{render(problem)}{_FENCE}{problem['language']}\n{head}{begun_body(problem)}"

    if kind == "prefilled":
        ends.update(token for text, token in tokenizer.get_vocab().items() if text.startswith(_FENCE))
        return PromptFormat(tokenizer, frozenset(ends), render_begun, adds_special_tokens=False)
    # The template writes the special tokens itself, Gemma's <bos> included.
    return PromptFormat(tokenizer, frozenset(ends), render, adds_special_tokens=False)


def user_message(problem: Mapping[str, Any]) -> str:
    """What a user asks of the model: the problem's prompt, which may be in any language, and the form of the answer."""
    tag, prompt = problem["language"], problem["prompt"].rstrip("\n")
    answer = _ANSWER.format(language=_LANGUAGES[tag], tag=tag)
    if problem["completion_kind"] == "program":
        return _PROGRAM.format(prompt=prompt, answer=answer)
    # Longer than any fence within, so that it holds the whole prompt.
    fence = "`" * max([3, *(len(inner) + 1 for inner in _BACKTICKS.findall(prompt))])
    return _CONTINUE.format(language=_LANGUAGES[tag], answer=answer, fence=fence, tag=tag, prompt=prompt)


def _prompt(problem: Mapping[str, Any]) -> str:
    prompt: str = problem["prompt"]
    return prompt
