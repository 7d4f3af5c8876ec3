"""What a sentence makes of its subject: a duty, a permission, a ban, or a plain yes or no."""

from __future__ import annotations

import re
from functools import lru_cache

_NOT = {
    "en": r"\b(?:not|never|cannot|no longer)\b|n['’]t\b",
    "de": r"\b(?:nicht|nie|niemals|kein\w*)\b",
    "es": r"\b(?:no|nunca|jamás|tampoco)\b",
}
_NO_THING = {
    "en": r"\b(?:no|without|neither|none|nobody|nothing)\b",
    "de": r"\b(?:ohne|weder|niemand|nichts)\b",
    "es": r"\b(?:sin|ning[uú]n\w*|nadie|nada)\b",
}
_BANNED = {
    "en": r"\b(?:prohibited|forbidden|banned|ineligible|unavailable|(?:must|may) not|cannot|(?:can|mustn)['’]t)\b",
    "de": r"\b(?:verboten|untersagt|unzulässig)\b",
    "es": r"\b(?:prohibid\w+)\b",
}
_DUTY = {
    "en": r"\b(?:must|ha(?:ve|s) to|needs? to|(?:is|are) required|mandatory|obligatory|compulsory)\b",
    "de": r"\b(?:muss|müssen|verpflichtet|verpflichtend|erforderlich|pflicht)\b",
    "es": r"\b(?:deben?|obligatori\w+|tienen? que|necesari\w+)\b",
}
_FREED = {
    "en": r"\b(?:optional|voluntary|(?:do|does)(?: not|n['’]t) (?:have|need) to|not required"
    r"|not (?:mandatory|necessary)|need not)\b",
    "de": r"\b(?:freiwillig|optional|(?:muss|müssen)\b[^.;]{0,40}\bnicht"
    r"|nicht (?:erforderlich|nötig|verpflichtend))\b",
    "es": r"\b(?:opcional\w*|voluntari\w+|no (?:deben?|tienen? que|es (?:necesari|obligatori)\w+))\b",
}
_PERMITTED = {
    "en": r"\b(?:may|can|allowed|permitted|eligible|entitled|available|accepted|welcome)\b",
    "de": r"\b(?:dürfen|darf|können|kann|erlaubt|gestattet|berechtigt|zulässig|verfügbar|möglich)\b",
    "es": r"\b(?:pueden?|permitid\w+|admitid\w+|disponibles?|acept\w+)\b",
}
# Bounds and emphasis that only look like a negation.
_BOUND = re.compile(
    r"\b(?:no|not|never) (?:more|less|fewer|later|earlier|faster|longer) than\b"
    r"|\b(?:not even|nicht einmal|ni siquiera)\b"
    r"|\bnot only\b|\bno later\b|\bnicht (?:mehr|länger|weniger) als\b|\bno más de\b",
    re.I,
)
# A negation in a relative clause says which ones are meant, not what is so of them.
_RELATIVE = re.compile(
    r"\b(?:that|which|who|whose|que|[,;] (?:die|der|das))\s+(?:\w+\s+){0,2}(?:not|nicht|no|nunca|never)\b", re.I
)
_CLASHES = frozenset(
    frozenset(pair)
    for pair in (
        ("must", "optional"),
        ("must", "must_not"),
        ("may", "must_not"),
        ("yes", "no"),
        ("may", "no"),
        ("yes", "must_not"),
    )
)


@lru_cache(maxsize=8192)
def modality(text: str, language: str = "en") -> str:
    """must | optional | may | must_not | yes | no; `mixed` where several negations make it hard to tell."""
    said = language if language in _NOT else "en"
    text = _BOUND.sub(" ", text)
    negations = len(re.findall(_NOT[said], text, re.I)) + len(re.findall(_NO_THING[said], text, re.I))
    banned = bool(re.search(_BANNED[said], text, re.I))
    if negations > 1 or _RELATIVE.search(text):
        return "mixed"
    if re.search(_FREED[said], text, re.I):
        return "optional"
    if banned:
        return "must_not"
    if re.search(_DUTY[said], text, re.I):
        return "must_not" if negations else "must"
    if re.search(_PERMITTED[said], text, re.I):
        return "must_not" if negations else "may"
    return "no" if negations else "yes"


def modal_at(text: str, language: str) -> int:
    """Where the words of duty, permission or negation begin; the text's end where there are none."""
    said = language if language in _NOT else "en"
    text = _BOUND.sub(lambda match: " " * len(match.group()), text)
    found = (re.search(each[said], text, re.I) for each in (_FREED, _BANNED, _DUTY, _PERMITTED, _NOT))
    return min((match.start() for match in found if match), default=len(text))


def clash(mine: str, theirs: str) -> bool:
    """Whether the two cannot both be so. `May` and `must` can, and so can `optional` and `must not`."""
    return frozenset((mine, theirs)) in _CLASHES


@lru_cache(maxsize=64)
def negated_things(language: str) -> re.Pattern[str]:
    """Matches `no fuel surcharge` and gives what there is none of as group `thing`."""
    said = {"en": "no", "de": r"keine?\w*", "es": r"sin|ning[uú]n\w*"}.get(language, "no")
    return re.compile(rf"\b(?:{said})\s+(?P<thing>[^\W\d_][\w-]*(?:\s+[^\W\d_][\w-]*){{0,2}})", re.I)
