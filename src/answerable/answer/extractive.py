"""An answerer without a model: it picks the sentences that answer, quotes them exactly and cites them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace

from answerable.answer.question import AnswerKind, answer_kind, coverage, holds_kind, stem_set
from answerable.core.completion import Attempt, Completion
from answerable.core.deadline import Deadline
from answerable.core.errors import Unreachable
from answerable.core.ports import Embedder
from answerable.core.prompt import ContextBlock, Rendered
from answerable.core.trace import skip
from answerable.text.sentences import sentences

NO_ANSWER = "NO_ANSWER"
NAME = "extractive"
_MIN_WORDS, _MAX_WORDS = 3, 80
_LEANS_BACK = re.compile(
    r"^(?:it|they|this|that|these|those|he|she|its|their|such|however|otherwise|in that case|also"
    r"|dies\w*|sie|er|es|das|este|esta|esto|estos|ello|además)\b",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What makes a sentence an answer; fitted on public questions, see docs/decisions/0007-extractive.md."""

    coverage: float = 1.0
    context: float = 0.6  # question terms in title, headings and neighbors
    kind: float = 0.3
    similarity: float = 1.5
    rank: float = 0.05
    enough: float = 0.6  # a further sentence must score this share of the best
    embedded: int = 12  # how many candidates the embedder looks at


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One sentence of one block: block.passage.chunk.text[start:end]."""

    block: ContextBlock
    start: int
    end: int
    text: str
    stems: frozenset[str]
    around: frozenset[str]
    score: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Extractive:
    """The last of every chain: an LLM in shape, without a model."""

    embedder: Embedder | None = None
    max_sentences: int = 3
    weights: Weights = Weights()

    @property
    def name(self) -> str:
        """What the trace calls it."""
        return NAME

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """Exact sentences of the blocks, each followed by its number; NO_ANSWER when nothing fits."""
        ranked = await self._rank(rendered, deadline)
        chosen = choose(ranked, rendered.weights, limit=self.max_sentences, enough=self.weights.enough)
        text = " ".join(f"{one.text} [{one.block.n}]" for one in chosen) or NO_ANSWER
        attempt = Attempt(provider=NAME, model=NAME, outcome="ok", started_ms=0.0, duration_ms=0.0)
        return Completion(text=text, model=NAME, provider=NAME, attempts=(attempt,))

    async def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncIterator[str | Completion]:
        """The whole text at once, then the completion."""
        completion = await self.complete(rendered, deadline=deadline)
        yield completion.text
        yield completion

    async def _rank(self, rendered: Rendered, deadline: Deadline) -> list[Candidate]:
        kind = answer_kind(rendered.question)
        found = [self._score(one, rendered, kind) for block in rendered.blocks for one in candidates(block)]
        found.sort(key=lambda one: -one.score)
        if self.embedder is None or not found:
            return found
        head, rest = found[: self.weights.embedded], found[self.weights.embedded :]
        similar = await self._similarities(rendered.question, head, deadline)
        head = [
            replace(one, score=one.score + self.weights.similarity * like)
            for one, like in zip(head, similar, strict=True)
        ]
        return [*sorted(head, key=lambda one: -one.score), *rest]

    async def _similarities(self, question: str, head: Sequence[Candidate], deadline: Deadline) -> list[float]:
        """Cosine of each candidate with the question; all 0 where there is no time or no embedder to ask."""
        assert self.embedder is not None  # noqa: S101 - the caller has looked
        texts = [f"{one.block.passage.chunk.heading}: {one.text}" for one in head]
        try:
            async with asyncio.timeout(deadline.share(at_most_s=1.5, keep_s=0.3)):
                asked = await self.embedder.embed([question], kind="query")
                vectors = await self.embedder.embed(texts, kind="passage")
        except (Unreachable, TimeoutError):
            skip("extractive_lexical_only")
            return [0.0] * len(head)
        return [float(value) for value in vectors @ asked[0]]

    def _score(self, one: Candidate, rendered: Rendered, kind: AnswerKind) -> Candidate:
        w = self.weights
        own = coverage(rendered.weights, one.stems)
        around = coverage(rendered.weights, one.around - one.stems)
        score = w.coverage * own + w.context * around + w.rank / one.block.n
        if holds_kind(one.text, kind, one.block.passage.language):
            score += w.kind
        if one.text.endswith("?"):
            score -= 0.5
        return replace(one, score=score)


def candidates(block: ContextBlock) -> list[Candidate]:
    """The sentences of a block that could stand alone."""
    passage = block.passage
    text = passage.chunk.text
    spans = sentences(text, passage.language)
    own = [stem_set(text[start:end], passage.language) for start, end in spans]
    heading = stem_set(" ".join((passage.title, *passage.chunk.headings)), passage.language)
    found = []
    for place, (start, end) in enumerate(spans):
        piece = text[start:end]
        if not _MIN_WORDS <= len(piece.split()) <= _MAX_WORDS or piece in passage.chunk.headings:
            continue
        around = heading.union(*own[max(0, place - 1) : place + 2])
        found.append(Candidate(block=block, start=start, end=end, text=piece, stems=own[place], around=around))
    return found


def choose(
    ranked: Sequence[Candidate], weights: Mapping[str, float], *, limit: int, enough: float
) -> list[Candidate]:
    """The best sentence, then others nearly as good that add something, in the order of their documents."""
    if not ranked:
        return []
    chosen = [ranked[0]]
    covered = set(ranked[0].stems)
    for one in ranked[1:]:
        if len(chosen) >= limit or one.score < enough * ranked[0].score:
            break
        gain = coverage(weights, one.stems - covered)
        if gain >= 0.1 and not _repeats(one, chosen):
            chosen.append(one)
            covered |= one.stems
    if len(chosen) < limit and (before := _antecedent(chosen[0], ranked)) and before not in chosen:
        chosen.append(before)
    return sorted(chosen, key=lambda one: (one.block.n != chosen[0].block.n, one.block.n, one.start))


def _repeats(one: Candidate, chosen: Sequence[Candidate]) -> bool:
    return any(len(one.stems & other.stems) >= 0.8 * min(len(one.stems), len(other.stems)) for other in chosen)


def _antecedent(one: Candidate, ranked: Sequence[Candidate]) -> Candidate | None:
    """The sentence before one that leans on it (`It also …`)."""
    if not _LEANS_BACK.match(one.text):
        return None
    before = [other for other in ranked if other.block.n == one.block.n and other.end <= one.start]
    return max(before, key=lambda other: other.end, default=None)
