"""The key of a reply: everything that decided it, hashed.

Made from a prompt's parts, never from its text, which has a fence and a canary of its own in each request.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass

from answerable.core.identity import sha256_hex
from answerable.core.ports import CacheKey
from answerable.core.prompt import ContextBlock, Rendered

_FORM = "1"  # of the keys; another one voids all that was kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a route's replies depend on besides their prompts: what is asked there, and what was searched with."""

    use: str  # answer …
    models: tuple[str, ...]  # the chain's, in order, each with its provider
    index: str  # the embedding model's key; the generation is the store's affair


_ANY = Ground(use="", models=(), index="")


def make_key(rendered: Rendered, ground: Ground) -> CacheKey | None:
    """None for a prompt that may not be answered from a cache: nobody's, or one that does not tell its parts.

    A prompt without passages has a key, too: for what was said earlier.
    """
    if rendered.scope is None or not rendered.basis:
        return None
    partition = _partition(rendered, ground)
    question = plain_question(rendered.question)
    context = [_block(block) for block in rendered.blocks]
    return CacheKey(
        tenant=rendered.scope.tenant,
        exact=_digest("exact", partition, question, context),
        question=_digest("question", partition, question),
        chunk_ids=tuple(block.passage.chunk.id for block in rendered.blocks),
    )


def asked_key(rendered: Rendered) -> str:
    """For the book of calls: equal where one reply could serve, by whatever model; empty where none can."""
    key = make_key(rendered, _ANY) if rendered.blocks else None
    return key.exact if key else ""


def alike_key(rendered: Rendered, ground: Ground, meaning: str) -> str:
    """The key under which replies to the same question in other words are found."""
    return _digest("alike", _partition(rendered, ground), meaning)


def plain_question(text: str) -> str:
    """As written, but for the spelling of accents and the width of blanks. Case stays: `US` is not `us`."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _partition(rendered: Rendered, ground: Ground) -> str:
    """All but question and context: who may read what, in which language, said how, by which models."""
    scope = rendered.scope
    assert scope is not None  # noqa: S101 - make_key has looked
    wanted = scope.filter
    return _digest(
        _FORM,
        [ground.use, list(ground.models), ground.index],
        [scope.tenant, sorted(set(scope.groups))],
        [sorted(one) for one in (wanted.status, wanted.sources, wanted.languages, wanted.documents)],
        sorted(wanted.meta.items()),
        [rendered.prompt_id, rendered.version, rendered.sha256, rendered.basis, rendered.language],
        [rendered.temperature, rendered.max_output_tokens],
    )


def _block(block: ContextBlock) -> list[object]:
    """What a model is shown of it. A chunk's id covers its document, its place and its text."""
    passage = block.passage
    return [block.n, passage.chunk.id, passage.title, passage.section, str(passage.updated_at)]


def _digest(*parts: object) -> str:
    return sha256_hex(json.dumps(parts, separators=(",", ":")))
