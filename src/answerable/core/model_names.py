"""What a model's name gives away: its maker, whether it stays what it is, and what an alias stands for."""

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
    r"(?:^|[-_.:@/])(latest|preview|exp|experimental|beta|nightly|stable|default|current)\b", re.I
)
_PINNED = re.compile(r"20\d\d-?[01]\d-?[0-3]\d|20\d\d-[01]\d\b|[-@]\d{4}$|@[0-9a-f]{7,}|sha256|:v?\d|[-_]\d{3}$")
_MONTH_FIRST = re.compile(r"-[01]\d-20\d\d$")  # Cohere's
_CLAUDE = re.compile(r"^claude-[a-z]+-(\d+)-(\d+)$")
_CLAUDE_DATELESS = (4, 6)  # from here on an id without a date is one fixed snapshot; platform.claude.com, 2026
_WEIGHTS = re.compile(r"(?:^|[-_:])\d+(?:x\d+)?(?:\.\d+)?b(?:$|[-_:])", re.I)  # open weights say their size
_DATED = re.compile(r"[-@:_.](?:\d[\w.-]*|v\d[\w.-]*)")


def family(model: str) -> str:
    """The maker, as far as the name tells, e.g. `openai` for `gpt-4.1-2026-04-14`; else the name's first word."""
    name = _bare(model)
    match = _FIRST_WORD.match(name)
    if match is None:
        return name
    word = match.group()
    letters = word.rstrip("0123456789")
    return _FAMILIES.get(word) or _FAMILIES.get(letters) or letters


def why_floating(model: str, *, vendor: bool) -> str:
    """Why the same name may be another model tomorrow; empty where it stays what it is.

    `vendor`: served by somebody who decides that. On an own endpoint a name stands for the weights that its
    operator loaded, unless it says `latest` or the like.
    """
    if match := _FLOATING.search(model):
        return f"{match.group(1).lower()!r} stands for whatever was released last"
    if not vendor or _PINNED.search(model) or _MONTH_FIRST.search(model) or _WEIGHTS.search(model):
        return ""
    if match := _CLAUDE.match(_bare(model)):
        return "" if (int(match[1]), int(match[2])) >= _CLAUDE_DATELESS else "an alias of the newest dated version"
    return "it names neither a version nor a date"


def floats(model: str, *, vendor: bool) -> bool:
    """Whether the same name may be another model tomorrow; `vendor` as in `why_floating`."""
    return bool(why_floating(model, vendor=vendor))


def stands_for(asked: str, reported: str) -> bool:
    """Whether `reported` is a dated form of the `asked` alias, e.g. `gpt-x-2026-05-01` of `gpt-x`: not a swap."""
    base = _FLOATING.sub("", _bare(asked))
    told = _bare(reported)
    return told.startswith(base) and bool(_DATED.fullmatch(told[len(base) :]))


def same(asked: str, reported: str) -> bool:
    """Whether both are one name: case, and a path such as `models/` before it, tell nothing."""
    return _bare(asked) == _bare(reported)


def _bare(model: str) -> str:
    return model.lower().rpartition("/")[2]
