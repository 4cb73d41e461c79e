"""A problem is asked for as the model was trained to be asked, and the end of its answer is known from its template."""

import json
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.processors import TemplateProcessing
from transformers import PreTrainedTokenizerFast
from transformers.utils.chat_template_utils import render_jinja_template

from tests.models.tiny_models import CODE
from workflow_scripts.core.errors import UserError
from workflow_scripts.models.chat_templates import with_fixed_date
from workflow_scripts.models.prompts import PromptFormat, prompt_format, user_message
from workflow_scripts.models.tokenization import END_OF_TEXT, load_tokenizer, train_tokenizer

# The published forms, without the parts for tools and images.
CHATML = """\
{%- if messages[0]['role'] != 'system' %}
{{- '<|im_start|>system\\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"""
GEMMA = """\
{{- bos_token }}
{%- for message in messages %}
{%- if (message.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}
{%- set role = 'model' if message.role == 'assistant' else message.role %}
{{- '<start_of_turn>' + role + '\\n' + message.content | trim + '<end_of_turn>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<start_of_turn>model\\n' }}{%- endif %}"""
BARE = """\
{%- for message in messages %}{{- message.content }}
{%- if message.role == 'assistant' %}{{- eos_token }}{%- endif %}{%- endfor %}"""
# Added in the order of the published vocabularies.
SPECIAL = {CHATML: ["<|im_start|>", "<|im_end|>"], GEMMA: ["<bos>", "<start_of_turn>", "<end_of_turn>"], BARE: []}
COMPLETION: dict[str, Any] = {
    "language": "python",
    "completion_kind": "continuation",
    "prompt": 'def f(x):\n    """求和。"""\n',
    "entry_point": "f",
}


def model_folder(folder: Path, template: str | None, special: list[str] | None = None) -> Path:
    """A tokenizer with the special tokens that the template writes."""
    tokenizer = train_tokenizer(CODE, 300)
    tokenizer.add_special_tokens(SPECIAL[template] if special is None and template else special or [])
    if template == GEMMA:
        bos = tokenizer.token_to_id("<bos>")
        tokenizer.post_processor = TemplateProcessing(single="<bos> $A", special_tokens=[("<bos>", bos)])
    ends = {"bos_token": "<bos>" if template == GEMMA else END_OF_TEXT, "eos_token": END_OF_TEXT}
    wrapped = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token=END_OF_TEXT, **ends)
    wrapped.chat_template = template
    wrapped.save_pretrained(folder)
    return folder


def ends_of(form: PromptFormat) -> set[str]:
    return {form.tokenizer.id_to_token(token) for token in form.end_tokens}


def test_plain_prompts_are_the_problem_and_end_with_end_of_text(tmp_path: Path) -> None:
    plain = prompt_format("plain", model_folder(tmp_path, None))
    ids = plain.encode(COMPLETION)
    assert ids == plain.tokenizer.encode(COMPLETION["prompt"]).ids
    assert ends_of(plain) == {END_OF_TEXT}
    assert plain.decode([ids, ids[:1], []]) == [COMPLETION["prompt"], "def", ""]


def test_qwen_is_asked_in_chatml_with_its_own_system_prompt(tmp_path: Path) -> None:
    chat = prompt_format("chat", model_folder(tmp_path, CHATML))
    ids = chat.encode(COMPLETION)
    tokens = [chat.tokenizer.id_to_token(token) for token in ids]
    assert ends_of(chat) == {END_OF_TEXT, "<|im_end|>"}
    assert (tokens.count("<|im_start|>"), tokens.count("<|im_end|>")) == (3, 2)
    assert chat.tokenizer.decode(ids, skip_special_tokens=False) == (
        "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n"
        f"<|im_start|>user\n{user_message(COMPLETION)}<|im_end|>\n<|im_start|>assistant\n"
    )


def test_gemma_is_asked_with_one_beginning_of_the_text(tmp_path: Path) -> None:
    chat = prompt_format("chat", model_folder(tmp_path, GEMMA))
    ids = chat.encode(COMPLETION)
    # The tokenizer itself would put another one in front, as the published one does.
    assert chat.tokenizer.encode("f").tokens == ["<bos>", "f"]
    assert ends_of(chat) == {END_OF_TEXT, "<end_of_turn>"}
    assert [chat.tokenizer.id_to_token(token) for token in ids].count("<bos>") == 1
    assert chat.tokenizer.decode(ids, skip_special_tokens=False) == (
        f"<bos><start_of_turn>user\n{user_message(COMPLETION)}<end_of_turn>\n<start_of_turn>model\n"
    )


def test_a_tiny_model_can_rehearse_a_chat(tmp_path: Path) -> None:
    chat = prompt_format("chat", model_folder(tmp_path, BARE))
    assert ends_of(chat) == {END_OF_TEXT}
    assert chat.decode([chat.encode(COMPLETION)]) == [user_message(COMPLETION)]


def test_an_answer_that_is_begun_goes_on_from_the_prompt_and_ends_with_the_fence(tmp_path: Path) -> None:
    folder = model_folder(tmp_path, CHATML, ["<|im_start|>", "<|im_end|>", "```", "```\n"])
    begun = prompt_format("prefilled", folder)
    asked = prompt_format("chat", folder).render(COMPLETION)
    assert begun.render(COMPLETION) == f"{asked}```python\n{COMPLETION['prompt']}   "
    whole = {**COMPLETION, "completion_kind": "program"}
    assert begun.render(whole).endswith("assistant\n```python\n")
    assert ends_of(begun) == {END_OF_TEXT, "<|im_end|>", "```", "```\n"}


@pytest.mark.parametrize(
    ("file", "content", "named"),
    [
        ("generation_config.json", '{"eos_token_id": [0, OTHER]}', True),
        ("generation_config.json", '{"eos_token_id": OTHER}', True),
        ("generation_config.json", '{"eos_token_id": null}', False),
        ("generation_config.json", "{}", False),
        ("config.json", '{"model_type": "qwen2", "eos_token_id": [OTHER]}', True),
        ("config.json", '{"model_type": "qwen2", "text_config": {"eos_token_id": OTHER}}', True),
        ("special_tokens_map.json", '{"eos_token": "<|other|>"}', True),
        ("special_tokens_map.json", '{"eos_token": {"content": "<|other|>", "lstrip": false}}', True),
        ("special_tokens_map.json", '{"eos_token": "<of no vocabulary>"}', False),
    ],
)
def test_every_token_that_the_folder_names_ends_an_answer(tmp_path: Path, file: str, content: str, named: bool) -> None:
    folder = model_folder(tmp_path, CHATML, special=[*SPECIAL[CHATML], "<|other|>"])
    other = load_tokenizer(folder).token_to_id("<|other|>")
    (folder / file).write_text(content.replace("OTHER", str(other)))
    expected = {END_OF_TEXT, "<|other|>"} if named else {END_OF_TEXT}
    assert ends_of(prompt_format("plain", folder)) == expected
    chat = prompt_format("chat", folder)
    assert ends_of(chat) == expected | {"<|im_end|>"}
    first, rest = (chat.tokenizer.encode(text).ids for text in ("first", "rest"))
    for end in chat.end_tokens:
        assert chat.decode([[*first, end, *rest], [end, *rest], first]) == ["first", "", "first"]


@pytest.mark.parametrize("value", ["2", [1, "2"], [[1]], {"a": 1}, -1, True, 1.5])
@pytest.mark.parametrize("file", ["generation_config.json", "config.json"])
def test_ends_that_are_no_tokens_are_named(tmp_path: Path, file: str, value: Any) -> None:
    folder = model_folder(tmp_path, None)
    (folder / file).write_text(json.dumps({"eos_token_id": value}))
    with pytest.raises(UserError) as caught:
        prompt_format("plain", folder)
    assert str(caught.value).startswith(f"{folder}/{file}: eos_token_id: {value!r}: expected the number of a token")


def test_an_end_of_text_that_is_no_text_is_named(tmp_path: Path) -> None:
    folder = model_folder(tmp_path, None)
    (folder / "tokenizer_config.json").write_text('{"eos_token": [1]}')
    with pytest.raises(UserError, match=r"/tokenizer_config\.json: eos_token: \[1\]: expected a token's text"):
        prompt_format("plain", folder)


def test_a_folder_that_names_no_end_is_refused(tmp_path: Path) -> None:
    Tokenizer(WordLevel({"a": 0}, unk_token="a")).save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(UserError, match=f"{tmp_path}: names no token that ends a text: generation_config"):
        prompt_format("plain", tmp_path)
    (tmp_path / "generation_config.json").write_text('{"eos_token_id": 0}')
    assert prompt_format("plain", tmp_path).end_tokens == {0}


# As Llama 3's template finds the date.
DATED = """{%- if not date_string is defined %}
    {%- if strftime_now is defined %}{%- set date_string = strftime_now("%d %b %Y") %}
    {%- else %}{%- set date_string = "never" %}{%- endif %}
{%- endif %}
{%- macro again() %}{{ strftime_now(format='%A, %-d %B %y') }}{% endmacro %}
{{- 'Today Date: ' + date_string + '; ' + again() + '\n' }}
{%- for message in messages %}{{- message.content }}
{%- if message.role == 'assistant' %}{{- eos_token }}{%- endif %}{%- endfor %}"""


def test_a_template_that_prints_todays_date_prints_the_same_on_every_day(tmp_path: Path) -> None:
    chat = prompt_format("chat", model_folder(tmp_path, DATED, special=[]))
    assert chat.render(COMPLETION) == f"Today Date: 26 Jul 2024; Friday, 26 July 24\n{user_message(COMPLETION)}"


def test_fixing_the_date_changes_nothing_else_of_a_template() -> None:
    assert with_fixed_date(CHATML) == CHATML
    definition = with_fixed_date("strftime_now").removesuffix("strftime_now")
    for template in ("\n  {{ 1 }}\n", "  {%- if true %}x{% endif %}", "\n\nx\n", "{{- 'x\n' }}"):
        plain, dated = (render_jinja_template([[]], chat_template=form) for form in (template, definition + template))
        assert plain[0] == dated[0]


@pytest.mark.parametrize("template", ["{% if %}", "{{ 1 + none }}", "{{ 1 / 0 }}", "{{ messages[7].content }}"])
def test_a_template_that_fails_is_one_line(tmp_path: Path, template: str) -> None:
    with pytest.raises(UserError, match=f"{tmp_path}: its chat template refuses a conversation: ") as caught:
        prompt_format("chat", model_folder(tmp_path, template, special=[]))
    assert "\n" not in str(caught.value)


def test_what_a_user_asks_holds_the_prompt_and_the_form_of_the_answer() -> None:
    fence = "Answer with the whole Python program in one fenced code block that begins with ```python."
    assert user_message(COMPLETION) == (
        f'Complete this Python program. {fence}\n\n```python\ndef f(x):\n    """求和。"""\n```'
    )
    program = COMPLETION | {"completion_kind": "program", "language": "cpp", "prompt": "Print 1.\n\n"}
    assert user_message(program) == (
        "Print 1.\n\nAnswer with the whole C++ program in one fenced code block that begins with ```cpp."
    )
    fenced = COMPLETION | {"prompt": "# Prints\n# ```\n# 1\n# ```\n"}
    assert "````python\n# Prints\n# ```\n# 1\n# ```\n````" in user_message(fenced)


def test_models_that_cannot_chat_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"base: tokenizer_config\.json: chat_template: is missing, .* use 'plain'"):
        prompt_format("chat", model_folder(tmp_path / "base", None))
    with pytest.raises(UserError, match="open: its chat template ends an assistant's turn with no special token"):
        prompt_format("chat", model_folder(tmp_path / "open", CHATML, special=[]))
    refusing = "{{ raise_exception('no assistants') }}"
    with pytest.raises(UserError, match="refusing: its chat template refuses a conversation: no assistants"):
        prompt_format("chat", model_folder(tmp_path / "refusing", refusing, special=[]))
    with pytest.raises(UserError, match="prompt format: 'chatty' is unknown; known: plain, chat"):
        prompt_format("chatty", tmp_path)
