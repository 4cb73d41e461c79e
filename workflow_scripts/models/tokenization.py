"""The byte-level BPE tokenizer of the tiny base models."""

from collections.abc import Iterable
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from workflow_scripts.core.digests import check_seal
from workflow_scripts.core.errors import UserError

END_OF_TEXT = "<|endoftext|>"

# Qwen2's own split (transformers, models/qwen2/tokenization_qwen2.py): loading a Qwen2 folder with AutoTokenizer builds
# this one whatever the folder says, so any other would give other tokens there than in training.
SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def train_tokenizer(texts: Iterable[str], vocabulary_size: int) -> Tokenizer:
    """A byte-level BPE tokenizer with ``END_OF_TEXT`` as token 0 and 256 bytes in its alphabet."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    split = pre_tokenizers.Split(Regex(SPLIT), behavior="isolated")
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, byte_level])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary_size,
        special_tokens=[END_OF_TEXT],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def end_of_text(tokenizer: Tokenizer) -> int:
    """The id of ``END_OF_TEXT``; a tokenizer without it is a ``UserError``."""
    token = tokenizer.token_to_id(END_OF_TEXT)
    if token is None:
        raise UserError(f"tokenizer: no token {END_OF_TEXT!r}, which ends every completion here")
    return token


def load_tokenizer(model_folder: Path | str) -> Tokenizer:
    """The tokenizer of a Hugging Face model folder; one that is missing or damaged is a ``UserError``."""
    path = Path(model_folder) / "tokenizer.json"
    if not path.is_file():
        raise UserError(f"{path.parent}: holds no tokenizer.json; give a folder in Hugging Face format")
    check_seal(path.parent, weights=False)
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises no narrower one
        raise UserError(f"{path}: no tokenizer can be made from it: {' '.join(str(error).split())}") from None
