"""The words of an index: read from its new chunks when it is tended, looked up for a question's unknown ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from answerable.adapters.postgres.binary import Numbers, Texts
from answerable.adapters.postgres.database import Connection
from answerable.adapters.postgres.lexical import term_number
from answerable.adapters.postgres.statements import statements
from answerable.text.spelling import asked_keys, keys
from answerable.text.stems import stem
from answerable.text.vocabulary import plain_words

_SQL = statements("vocabulary")
_BITS = 14  # of a key's hash that name its bucket: ten keys in each at 16,000 words, six hundred at a million
_ENTRY = np.dtype([("key", ">i4"), ("word", ">i8")])
_TOGETHER = 20_000  # words


async def add_new(conn: Connection, tenant: str, *, after: int, upto: int) -> bool:
    """The words of the chunks above `after`, up to `upto`; False where another transaction is at it."""
    held = await (await conn.execute(_SQL["lock_words"], {"tenant": tenant})).fetchone()
    if not held or not held["mine"]:
        return False
    found: dict[str, set[str]] = defaultdict(set)
    page = {"tenant": tenant, "after": after, "upto": upto}
    while rows := await (await conn.execute(_SQL["read_texts"], page, binary=True)).fetchall():
        for one in rows:
            found[one["language"]].update(
                one["title"].split(), *map(str.split, one["headings"]), one["text"].split()
            )
        page["after"] = rows[-1]["no"]
    for language in sorted(found):
        await _add(conn, tenant, language, sorted(plain_words(found[language], language)))
    await conn.execute(_SQL["set_mark"], {"tenant": tenant, "upto": upto})
    return True


class AskedWords:
    """Words that were asked for, by the hashes of the keys under which those like them are kept."""

    def __init__(self, words: Sequence[str], language: str) -> None:
        pairs = [(key, n) for n, word in enumerate(words) for key in _hashes(asked_keys(word), language)]
        self._words = words
        self._keys = np.array([key for key, _ in pairs], dtype=np.int32)
        self._places = np.array([n for _, n in pairs], dtype=np.int64)

    @property
    def buckets(self) -> Numbers:
        """Where to look."""
        return Numbers(np.unique(_bucket(self._keys)))

    def near(self, sent: Iterable[bytes]) -> dict[int, set[str]]:
        """From the buckets' keys: the numbers of words that share one, and with which of the asked words."""
        held = np.frombuffer(b"".join(sent), dtype=_ENTRY)
        found: dict[int, set[str]] = defaultdict(set)
        for entry in held[np.isin(held["key"], self._keys)]:
            for place in self._places[self._keys == entry["key"]]:
                found[int(entry["word"])].add(self._words[place])
        return found


async def _add(conn: Connection, tenant: str, language: str, words: Sequence[str]) -> None:
    for at in range(0, len(words), _TOGETHER):
        some = words[at : at + _TOGETHER]
        terms = Numbers(np.array([term_number(stem(one, language)[:64]) for one in some], dtype=np.int64))
        values: Mapping[str, Any] = {"tenant": tenant, "language": language, "words": Texts(some), "terms": terms}
        new = await (await conn.execute(_SQL["add_words"], values, binary=True)).fetchall()
        pairs = [(key, row["no"]) for row in new for key in _hashes(keys(row["word"]), language)]
        if pairs:
            await conn.execute(_SQL["add_keys"], {"tenant": tenant, **_packed(np.array(pairs, dtype=_ENTRY))})


def _packed(entries: NDArray[np.void]) -> dict[str, Numbers | Texts]:
    buckets = _bucket(entries["key"].astype(np.int32))
    order = np.argsort(buckets, kind="stable")
    held, starts = np.unique(buckets[order], return_index=True)
    parts = np.split(entries[order], starts[1:])
    return {"buckets": Numbers(held), "keys": Texts.blobs([one.tobytes() for one in parts])}


def _bucket(hashes: NDArray[np.int32]) -> NDArray[np.int32]:
    return hashes >> (32 - _BITS)


def _hashes(found: Iterable[str], language: str) -> list[int]:
    """32 bits each, signed. Keys that are alike differ: a CRC tells bursts of 32 bits apart."""
    seed = crc32(language.encode())
    return [(crc32(one.encode(), seed) ^ 0x80000000) - 0x80000000 for one in found]
