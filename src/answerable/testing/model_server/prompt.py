"""What a scripted model was asked: the prompt's two parts, and the numbered passages and question inside them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

# A section path may hold `>`: only the end of the line ends the opening tag.
_SOURCE = re.compile(r'<source n="(\d+)"([^\n]*)>\n(.*?)\n</source', re.DOTALL)
_QUESTION = re.compile(r"<question[^>\n]*>\s*(.*?)\s*</question", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One numbered passage of the context."""

    n: int
    attributes: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One call's input, and what the reply is to say of itself besides its text."""

    model: str
    system: str
    user: str
    stream: bool = False
    include_usage: bool = True
    marked_chars: int = 0  # of the system part: what the client marked for the cache (Anthropic's protocol)
    input_tokens: int = 0
    cached_tokens: int = 0  # of these: read from the prompt cache
    written_tokens: int = 0  # of these: put into it, where the protocol tells so
    counting: Literal["right", "missing", "zero", "wrong"] = "right"
    fingerprint: str = "fp_scripted"

    @property
    def sources(self) -> list[Source]:
        """The passages, in order."""
        return [
            Source(n=int(match[1]), attributes=match[2].strip(), text=match[3])
            for match in _SOURCE.finditer(self.user)
        ]

    @property
    def question(self) -> str:
        """The fenced question; without a fence, everything outside the passages."""
        found = _QUESTION.findall(self.user)
        return str(found[-1]) if found else _SOURCE.sub("", self.user).strip()
