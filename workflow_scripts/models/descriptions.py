"""What the JSON files of a Hugging Face folder say of a model: its architecture, and the tokens that end an answer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json

CONFIGURATION, GENERATION = "config.json", "generation_config.json"
_TOKENIZER_FILES = ("tokenizer_config.json", "special_tokens_map.json")


def read_description(path: Path) -> dict[str, Any]:
    """The object in one of these files; empty where there is no such file."""
    value = read_json(path) if path.is_file() else {}
    if not isinstance(value, dict):
        raise UserError(f"{path}: holds a {type(value).__name__}: expected an object of keys and values")
    return value


def read_configuration(folder: Path) -> dict[str, Any]:
    """The folder's config.json, which names the architecture."""
    path = folder / CONFIGURATION
    if not path.is_file():
        raise UserError(f"{path}: names no model_type: there is no such file; give a folder in Hugging Face format")
    configuration = read_description(path)
    kind = configuration.get("model_type")
    if not isinstance(kind, str):
        raise UserError(f"{path}: names no model_type: {kind!r} in place of a name such as 'qwen2'")
    return configuration


def named_end_tokens(folder: Path, tokenizer: Tokenizer) -> set[int]:
    """Every token of which a file of the folder says that it ends a text; published models name several."""
    configuration = read_description(folder / CONFIGURATION)
    ends = set(_eos_ids(folder / GENERATION, read_description(folder / GENERATION)))
    ends.update(_eos_ids(folder / CONFIGURATION, configuration))
    # Where a model takes several kinds of input, its decoder of text has a part of its own.
    if isinstance(decoder := configuration.get("text_config"), dict):
        ends.update(_eos_ids(folder / CONFIGURATION, decoder))
    for name in _TOKENIZER_FILES:
        token = _eos_token(folder / name)
        if token is not None and (number := tokenizer.token_to_id(token)) is not None:
            ends.add(number)
    return ends


def _eos_ids(path: Path, description: dict[str, Any]) -> Iterator[int]:
    value = description.get("eos_token_id")
    for number in value if isinstance(value, list) else [] if value is None else [value]:
        if type(number) is not int or number < 0:
            raise UserError(f"{path}: eos_token_id: {value!r}: expected the number of a token, a list of them, or null")
        yield number


def _eos_token(path: Path) -> str | None:
    value = read_description(path).get("eos_token")
    content = value.get("content") if isinstance(value, dict) else value
    if content is not None and not isinstance(content, str):
        raise UserError(f"{path}: eos_token: {value!r}: expected a token's text, or null")
    return content
