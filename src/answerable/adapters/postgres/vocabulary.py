"""The words of an index: written with the documents that bring them, looked up for a question's unknown ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from answerable.adapters.postgres.binary import Numbers
from answerable.adapters.postgres.database import Connection
from answerable.adapters.postgres.lexical import term_number
from answerable.adapters.postgres.statements import statements
from answerable.core.document import Chunk, Document, embedding_text
from answerable.text.spelling import asked_keys, keys
from answerable.text.stems import stem
from answerable.text.vocabulary import plain_words

_SQL = statements("vocabulary")


async def add_document(conn: Connection, tenant: str, document: Document, chunks: Sequence[Chunk]) -> None:
    """The words of the searched chunks, in the transaction that writes them."""
    texts = (embedding_text(document, one) for one in chunks if one.level == 0)
    await _add(conn, tenant, document.language, plain_words(texts, document.language))


async def add_missing(conn: Connection, tenant: str) -> bool:
    """The words of an index that was filled before words were kept; returns whether there were any to add."""
    row = await (await conn.execute(_SQL["lacks_words"], {"tenant": tenant})).fetchone()
    if row is None or not row["lacks"]:
        return False
    found: dict[str, set[str]] = defaultdict(set)
    after = 0
    while rows := await (await conn.execute(_SQL["read_texts"], {"tenant": tenant, "after": after})).fetchall():
        for one in rows:
            texts = (one["title"], *one["headings"], one["text"])
            found[one["language"]] |= plain_words(texts, one["language"])
        after = rows[-1]["no"]
    for language in sorted(found):
        await _add(conn, tenant, language, found[language])
    return True


def alike_values(tenant: str, words: Sequence[str], language: str) -> dict[str, Any]:
    """The parameters of find_alike."""
    asked = [(n, term_number(key)) for n, word in enumerate(words) for key in asked_keys(word)]
    return {
        "tenant": tenant,
        "language": language,
        "places": Numbers.int4(n for n, _ in asked),
        "keys": Numbers(np.array([key for _, key in asked], dtype=np.int64)),
    }


async def _add(conn: Connection, tenant: str, language: str, words: Iterable[str]) -> None:
    ordered = sorted(words)
    terms = Numbers(np.array([term_number(stem(one, language)[:64]) for one in ordered], dtype=np.int64))
    values: Mapping[str, Any] = {"tenant": tenant, "language": language, "words": ordered, "terms": terms}
    fresh = await (await conn.execute(_SQL["add_words"], values)).fetchall()
    pairs = [(term_number(key), row["no"]) for row in fresh for key in keys(row["word"])]
    if pairs:
        columns = np.array(pairs, dtype=np.int64)
        keyed = {"tenant": tenant, "keys": Numbers(columns[:, 0].copy()), "words": Numbers(columns[:, 1].copy())}
        await conn.execute(_SQL["add_word_keys"], keyed)
