"""How many tokens a text may have, where nobody has counted them: an estimate that errs on the high side."""

from __future__ import annotations

import re

from answerable.core.completion import Usage
from answerable.core.prompt import Rendered

_WORD = re.compile(r"[A-Za-z\u00c0-\u07ff]+")  # letters of one byte in UTF-8, and of two: ü, é, я, ع
_WIDEST = re.compile(r"[\U00010000-\U0010ffff]")  # four bytes: an emoji is up to three tokens
_A_MESSAGE = 4  # role and separators of one message (OpenAI's cookbook counts 3 and sometimes a name)
_A_REPLY = 3  # every reply is primed with so many


def token_count(text: str) -> int:
    """Tokens of a text: four ASCII letters of a word, two accented ones, one digit, mark or wide character each.

    Byte-pair vocabularies in use hold most short English words whole, cut other words every three to four letters,
    take digits one to three at a time and wide scripts about one character each. Not under the real count, in
    what was tried, and up to twice as much: docs/decisions/0155-*.md has the figures.
    """
    words = _WORD.findall(text)
    letters = sum(map(len, words))
    singles = len("".join(text.split())) - letters + text.count("\n")
    if text.isascii():
        return singles + sum([(len(word) + 3) >> 2 for word in words])
    return singles + 2 * len(_WIDEST.findall(text)) + sum([(len(word.encode()) + 3) >> 2 for word in words])


def prompt_tokens(rendered: Rendered) -> int:
    """Tokens of what a model is sent, with what the messages around it cost."""
    parts = [text for text in (rendered.system, rendered.user) if text]
    return sum(token_count(text) + _A_MESSAGE for text in parts) + _A_REPLY


def estimated_usage(rendered: Rendered, text: str) -> Usage:
    """What a call has used that brought `text` so far, where the provider did not say."""
    return Usage(input=prompt_tokens(rendered), output=token_count(text), estimated=True)
