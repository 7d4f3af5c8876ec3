"""Tokens as the scripted models count them: words and single marks."""

from __future__ import annotations

import re
from dataclasses import replace

from answerable.testing.model_server.prompt import Prompt

_TOKEN = re.compile(r"\w+|[^\w\s]")
_WRONG = 10  # a reply that miscounts tells so many times as much


def count_tokens(text: str) -> int:
    """How many tokens the text has."""
    return len(_TOKEN.findall(text))


def token_spans(text: str) -> list[int]:
    """Where each token ends."""
    return [match.end() for match in _TOKEN.finditer(text)]


def counted(prompt: Prompt) -> Prompt:
    """The prompt with its tokens counted."""
    return replace(prompt, input_tokens=count_tokens(prompt.system) + count_tokens(prompt.user))


def told_tokens(prompt: Prompt, text: str) -> tuple[int, int]:
    """Input and output as the reply tells them: rightly, or as its `counting` says."""
    sent, came = prompt.input_tokens, count_tokens(text)
    if prompt.counting == "zero":
        return 0, 0
    return (sent * _WRONG, came * _WRONG) if prompt.counting == "wrong" else (sent, came)
