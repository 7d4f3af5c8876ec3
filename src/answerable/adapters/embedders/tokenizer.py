"""The embedding model's own tokens: where they are in a text, and their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from answerable.core.errors import IntegrityError
from answerable.text.stopwords import STOPWORDS


class WordPieceTokenizer:
    """Counts and locates tokens as the model sees them. Safe to use from several threads."""

    def __init__(self, path: Path, *, max_tokens: int = 256) -> None:
        from tokenizers import Tokenizer  # 0.1 s to import; the CLI's --help should not pay it

        try:
            self._tokenizer = Tokenizer.from_file(str(path))
        except Exception as exc:  # the library raises bare Exception
            raise IntegrityError(f"{path} is not a tokenizer: {exc}", hint="get the file again") from exc
        self._tokenizer.no_truncation()  # the file asks for 128 tokens and padding; the reference overrides both
        self._tokenizer.no_padding()
        self._max = max_tokens

    def offsets(self, text: str) -> Sequence[tuple[int, int]]:
        """The [start, end) characters of each token, in order, without special tokens, however long the text."""
        found: list[tuple[int, int]] = self._tokenizer.encode(_sound(text), add_special_tokens=False).offsets
        return found

    def ids(self, text: str) -> list[int]:
        """Token numbers with [CLS] and [SEP], cut to the model's maximum as the reference does."""
        found: list[int] = self._tokenizer.encode(_sound(text)).ids
        return found if len(found) <= self._max else [*found[: self._max - 1], found[-1]]

    @cached_property
    def telling(self) -> NDArray[np.bool_]:
        """For each token number, whether it is one that a question may look for; shape (vocabulary,).

        Special tokens, punctuation and English stop words are not: they are four in ten of a text's tokens.
        """
        said = {number: token for token, number in self._tokenizer.get_vocab().items()}
        return np.array([_is_telling(said.get(number, "[gap]")) for number in range(max(said) + 1)])


def _is_telling(token: str) -> bool:
    special = token.startswith("[") and token.endswith("]")
    return not special and token not in STOPWORDS["en"] and any(char.isalnum() for char in token)


def _sound(text: str) -> str:
    """The text with each lone surrogate, which has no UTF-8 form, as one question mark: places stay the same."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
