"""How a scripted judge weighs an answer: by the words and figures that its passages have, too."""

from __future__ import annotations

import re

from answerable.testing.model_server.behaviors.sight import about, content, plain_sentences, token_of
from answerable.testing.model_server.prompt import Prompt
from answerable.text.language import detect_language
from answerable.text.sentences import sentences

ENOUGH = 0.5  # of a sentence's stems, that one passage has
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_MARK = re.compile(r"\[\d+\]")
_LIMIT = re.compile(r"\b(?:do not say|does not say|sagen nicht|no dicen)\b", re.I)


def verdict(prompt: Prompt, heading: str) -> str:
    """YES, or NO for one sentence that no passage has. `heading`: of the answer."""
    told, passages = section(prompt, heading), section(prompt, r"(?:FIRST: )?PASSAGE \d+, TEXT")
    return "YES" if _share(told, passages) == 1.0 else "NO"


def better(prompt: Prompt) -> str:
    """FIRST or SECOND, by the share of sentences that the passages have; SAME."""
    first = _share(section(prompt, "FIRST: THE ANSWER"), section(prompt, r"FIRST: PASSAGE \d+, TEXT"))
    second = _share(section(prompt, "SECOND: THE ANSWER"), section(prompt, r"SECOND: PASSAGE \d+, TEXT"))
    return "SAME" if first == second else "FIRST" if first > second else "SECOND"


def section(prompt: Prompt, heading: str) -> str:
    """All marked lines under the headings that begin so."""
    token = re.escape(token_of(prompt))
    found = re.findall(rf"^{heading}[^\n]*\n((?:{token}\|[^\n]*\n?)+)", prompt.user, re.M)
    return re.sub(rf"^{token}\| ?", "", "\n".join(found), flags=re.M).strip()


def _share(told: str, passages: str) -> float:
    """Of the answer's sentences, those that are held; a verdict or an order in it is held by nothing."""
    found = [" ".join(told[start:end].split()) for start, end in sentences(told)]
    claims = [one for one in found if not _LIMIT.search(one)]
    if not claims or not passages:
        return 0.0
    known = set(_NUMBER.findall(passages))
    return sum(_is_held(_MARK.sub("", one), passages, known) for one in claims) / len(claims)


def _is_held(claim: str, passages: str, known: set[str]) -> bool:
    if not plain_sentences(claim):
        return False
    figures = set(_NUMBER.findall(claim))
    if not figures <= known:
        return False
    own, other = (detect_language(text, ("en", "de", "es"), default="en") for text in (claim, passages))
    if own != other:
        return bool(figures)
    asked = content(claim, own)
    return not asked or len(about(asked, passages, own)) >= ENOUGH * len(asked)
