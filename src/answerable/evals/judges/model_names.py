"""What a model's name gives away: whether it is a judge in its own case, and whether it stays what it is."""

from __future__ import annotations

import re

# Names that belong to one maker; a family that is not here is known by its first word.
_FAMILIES = {
    "gpt": "openai", "chatgpt": "openai", "o1": "openai", "o3": "openai", "o4": "openai", "davinci": "openai",
    "claude": "anthropic",
    "gemini": "google", "gemma": "google", "palm": "google",
    "mistral": "mistral", "mixtral": "mistral", "ministral": "mistral", "magistral": "mistral",
    "codestral": "mistral", "pixtral": "mistral",
    "qwen": "alibaba", "qwq": "alibaba",
    "llama": "meta", "command": "cohere", "aya": "cohere", "phi": "microsoft", "nova": "amazon", "titan": "amazon",
}  # fmt: skip
_FIRST_WORD = re.compile(r"^[a-z]+(?:\d(?=[-_.:]|$))?")
_FLOATING = re.compile(
    r"(?:^|[-_.:@/])(?:latest|preview|exp|experimental|beta|nightly|stable|default|current)\b", re.I
)
_PINNED = re.compile(r"20\d\d-?[01]\d-?[0-3]\d|20\d\d-[01]\d\b|[-@]\d{4}$|@[0-9a-f]{7,}|sha256|:v?\d|[-_]\d{3}$")


def family(model: str) -> str:
    """The maker, as far as the name tells, e.g. `openai` for `gpt-4.1-2026-04-14`; else the name's first word."""
    name = model.lower().rpartition("/")[2]
    match = _FIRST_WORD.match(name)
    if match is None:
        return name
    word = match.group()
    letters = word.rstrip("0123456789")
    return _FAMILIES.get(word) or _FAMILIES.get(letters) or letters


def floats(model: str, *, vendor: bool) -> bool:
    """Whether the same name may be another model tomorrow. `vendor`: served by its maker, who decides that.

    On an own endpoint a name stands for the weights that its operator loaded, unless it says `latest` or the like.
    """
    if _FLOATING.search(model):
        return True
    return vendor and not _PINNED.search(model)


def concerns(judges: dict[str, bool], answerers: list[str]) -> list[str]:
    """What speaks against these judges, in sentences. `judges`: model → whether its vendor serves it.

    Judges rate their own words higher (Panickssery et al. 2024, arXiv:2404.13076).
    """
    found = []
    for judge, vendor in judges.items():
        if judge in answerers:
            found.append(f"{judge} judges its own answers: take another model for the judge")
        elif family(judge) in {family(one) for one in answerers}:
            found.append(f"{judge} is of the same family as the model that answers ({family(judge)})")
        if floats(judge, vendor=vendor):
            found.append(f"{judge} may change under its name: pin a version, or yesterday's check says nothing")
    return found
