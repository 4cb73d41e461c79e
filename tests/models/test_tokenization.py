"""Any text survives the tokenizer, composed as Qwen2's does (NFC), and a completion's end is one token."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models

from tests.models.tiny_models import CODE, make_tokenizer
from workflow_scripts.core.errors import UserError
from workflow_scripts.models.tokenization import END_OF_TEXT, end_of_text, load_tokenizer, train_tokenizer

TOKENIZER = make_tokenizer()


TEXTS = st.text(max_size=60).filter(lambda text: END_OF_TEXT not in text)


@settings(deadline=None)
@given(TEXTS)
def test_any_text_comes_back(text: str) -> None:
    assert TOKENIZER.decode(TOKENIZER.encode(text).ids) == unicodedata.normalize("NFC", text)


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_a_prompt_and_its_completion_join_without_loss(prompt: str, completion: str) -> None:
    ids = TOKENIZER.encode(prompt).ids + TOKENIZER.encode(completion).ids
    assert TOKENIZER.decode(ids) == unicodedata.normalize("NFC", prompt) + unicodedata.normalize("NFC", completion)


def test_the_end_of_text_is_one_token_and_no_part_of_a_text() -> None:
    assert TOKENIZER.encode(f"return 1{END_OF_TEXT}").ids[-1] == end_of_text(TOKENIZER) == 0
    assert TOKENIZER.encode(END_OF_TEXT).ids == [0]
    assert TOKENIZER.decode([*TOKENIZER.encode("x").ids, 0]) == "x"


def test_training_is_deterministic_and_bounded(tmp_path: Path) -> None:
    texts = [f"{text}{number}" for number in range(40) for text in CODE]
    one, other = train_tokenizer(texts, 270), train_tokenizer(iter(texts), 270)
    assert one.to_str() == other.to_str()
    assert one.get_vocab_size() == 270
    one.save(str(tmp_path / "tokenizer.json"))
    assert load_tokenizer(tmp_path).to_str() == one.to_str()


def test_a_tokenizer_without_an_end_of_text_is_a_users_mistake() -> None:
    with pytest.raises(UserError, match="no token"):
        end_of_text(Tokenizer(models.BPE()))
