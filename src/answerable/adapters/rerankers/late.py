"""Reranking by late interaction: each token of the question looks for itself among the passage's tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from answerable.adapters.rerankers.matching import Weights, best, distinct, match
from answerable.adapters.token_signs import best_matches, is_readable
from answerable.core.errors import Unreachable
from answerable.core.passage import Passage
from answerable.core.ports import QuestionTokens, TokenCodes, TokenEncoder
from answerable.core.query import Query
from answerable.core.trace import skip
from answerable.text.stems import stems
from answerable.text.words import words

_NOTHING: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class LateInteraction:
    """Fused score + late, coverage and proximity, each by its weight, brought back to [0, 1].

    `late` is the mean, over the question's tokens by the rarity of their words, of each token's highest cosine to
    a token of the passage (Khattab and Zaharia 2020, section 3.3, with weights); in [0, 1], and comparable from
    one question to another. It is read from the codes that ingestion keeps, in one round trip; no model runs but
    for the question's own pass, which the search has made. A passage without a code counts as the average of the
    others, and lacks `late` in its scores. The weights: docs/decisions/0100-late-interaction.md.
    """

    encoder: TokenEncoder
    codes: TokenCodes
    late: float = 2.0
    coverage: float = 0.2
    proximity: float = 0.2
    depth: int = 30  # how many are scored anew; the others stay behind them

    async def rerank(self, query: Query, passages: Sequence[Passage], *, limit: int) -> list[Passage]:
        """The best `limit`, best first; ties keep the order they came in. Without codes, words alone decide."""
        kept = distinct(passages)
        head, tail = kept[: self.depth], kept[self.depth :]
        found = match(query.text, head)
        ids = [passage.chunk.id for passage in head]  # hashed at each look
        late = await self._late(query, ids, head, found.weights)
        usual = float(np.mean(list(late.values()))) if late else 0.0
        scored = []
        for passage, chunk_id, covered, near in zip(head, ids, found.coverage, found.proximity, strict=True):
            own = {"late": late[chunk_id]} if chunk_id in late else {}
            total = self._total(passage.score, own.get("late", usual), covered, near)
            scored.append((total, passage, {"coverage": covered, "proximity": near, **own}))
        rest = [(self._total(passage.score, 0.0, 0.0, 0.0), passage, _NOTHING) for passage in tail]
        return best([*sorted(scored, key=lambda one: -one[0]), *rest], limit=limit)

    async def _late(
        self, query: Query, ids: Sequence[str], passages: Sequence[Passage], weights: Weights
    ) -> dict[str, float]:
        """By chunk id, of those that have a code; of none where the question has no words that count."""
        if not any(weights.values()):
            return {}
        try:
            known = await self.codes.codes(tenant=query.tenant, chunk_ids=ids)
        except Unreachable:
            skip("no_token_codes")
            return {}
        asked = await self.encoder.question(query.text)
        dim = asked.vectors.shape[1]
        read = {chunk_id: code for chunk_id, code in known.items() if is_readable(code, dim)}
        languages = tuple(dict.fromkeys(passage.language for passage in passages))
        own = token_weights(query.text, asked.spans, languages, weights)
        return dict(zip(read, late_scores(asked, own, list(read.values())), strict=True)) if own.any() else {}

    def _total(self, fused: float, late: float, covered: float, near: float) -> float:
        total = fused + self.late * late + self.coverage * covered + self.proximity * near
        return total / (1.0 + self.late + self.coverage + self.proximity)


def late_scores(question: QuestionTokens, weights: NDArray[np.float64], codes: Sequence[bytes]) -> list[float]:
    """The weighted mean of the tokens' best matches in each code, in [0, 1]. weights: one a token, not all 0."""
    if not codes:
        return []
    told = weights > 0
    matches = best_matches(question.vectors[told], codes)
    means = matches @ (weights[told] / weights[told].sum())
    return [float(one) for one in np.clip(means, 0.0, 1.0)]


def token_weights(
    text: str, spans: Sequence[tuple[int, int]], languages: Sequence[str], weights: Weights
) -> NDArray[np.float64]:
    """For each token the weight of the word that it begins in, its highest stem's; shape (tokens,)."""
    found = np.zeros(len(spans))
    said = words(text)
    place = 0
    for number, (start, _) in enumerate(spans):
        while place < len(said) and said[place][2] <= start:
            place += 1
        if place < len(said) and said[place][1] <= start:
            found[number] = _weight(said[place][0], languages, weights)
    return found


def _weight(word: str, languages: Sequence[str], weights: Weights) -> float:
    return max((weights.get(one, 0.0) for language in languages for one in stems(word, language)), default=0.0)
