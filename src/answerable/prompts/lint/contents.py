"""Rules about what must not be in a prompt: scales, credentials, hidden text, heat, names of models."""

from __future__ import annotations

import math
from collections.abc import Iterator

from answerable.core.model_names import why_floating
from answerable.prompts.lint.draft import Draft
from answerable.prompts.lint.finding import Finding
from answerable.prompts.lint.known import Known
from answerable.prompts.lint.scale import scale
from answerable.text.canonical import canonicalize
from answerable.text.tokens import token_count

FACTUAL = ("answer", "rewrite", "decompose", "judge", "rerank", "guard", "summary", "probe")
MAX_TEMPERATURE = 0.3
MAX_TOKENS = 2000  # of the body; the shipped answer prompt has about 700
_MODEL_KEYS = ("model", "models", "provider")


def contents(draft: Draft, known: Known) -> Iterator[Finding]:
    """All of them."""
    yield from _scales(draft)
    yield from _hot(draft)
    yield from _models(draft)
    yield from _hidden(draft)
    for start, end, kind in known.secrets(draft.text) if known.secrets else ():
        yield draft.finding("secret", f"holds a credential: {kind}", at=start, width=end - start)
    if (count := token_count(draft.read_by_model[draft.body :])) > MAX_TOKENS:
        yield draft.finding("too-long", f"is about {count:,} tokens long, over {MAX_TOKENS:,}", at=draft.body)


def _scales(draft: Draft) -> Iterator[Finding]:
    if span := scale(draft.read_by_model):
        start, end = span
        what = f"asks for a verdict on a scale: {' '.join(draft.text[start:end].split())!r}"
        yield draft.finding("scale-judge", what, at=start, width=end - start)


def _hot(draft: Draft) -> Iterator[Finding]:
    given = (draft.front or {}).get("temperature")
    if not isinstance(given, int | float) or not math.isfinite(given) or draft.route not in FACTUAL:
        return
    if given > MAX_TEMPERATURE:
        what = f"temperature {given:g} on the route {draft.route}, over {MAX_TEMPERATURE}"
        yield draft.finding("hot-temperature", what, key="temperature")


def _models(draft: Draft) -> Iterator[Finding]:
    for key in _MODEL_KEYS:
        if (model := draft.value(key)) and (why := why_floating(model, vendor=True)):
            yield draft.finding("floating-model", f"{model} may be another model tomorrow: {why}", key=key)


def _hidden(draft: Draft) -> Iterator[Finding]:
    start = 0
    for line in draft.text.split("\n"):
        if removed := canonicalize(line).removed:
            yield draft.finding("invisible-text", f"holds what nobody sees: {', '.join(removed)}", at=start)
        start += len(line) + 1
