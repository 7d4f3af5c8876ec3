"""An answerer without a model: it picks the sentences that answer, quotes them exactly and cites them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace

from answerable.answer.candidates import Candidate, candidates, is_correspondence
from answerable.answer.deadlines import within
from answerable.answer.question import answer_kind, coverage, holds_kind, parts, stem_set
from answerable.core.completion import Attempt, Completion
from answerable.core.deadline import Deadline
from answerable.core.degraded import EXTRACTIVE_LEXICAL_ONLY
from answerable.core.errors import Unreachable
from answerable.core.ports import Embedder, Vectors
from answerable.core.prompt import Rendered
from answerable.core.trace import skip
from answerable.text.sentences import sentences

NO_ANSWER = "NO_ANSWER"
NAME = "extractive"
MIN_GAIN = 0.1  # of the question, that a further sentence has to cover anew
CLOSE = 0.85  # of the best score: so close a second sentence may be the better one, so both are shown
PATIENCE = 0.375  # of the whole time, 1.5 s at the least: a run with a longer deadline measures the same when busy
KEEP_S = 0.15  # for choosing among them and showing them
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
    question: float = -0.5  # a sentence that asks does not answer
    correspondence: float = -0.3  # letters and chats answer only what no page does
    enough: float = 0.6  # a further sentence must score this share of the best
    embedded: int = 12  # how many candidates the embedder looks at


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
        asked = parts(rendered.question, language=rendered.language)
        every = [one for block in rendered.blocks for one in candidates(block)]
        ranked = [sayable(part) for part in await self._rank(asked, every, rendered, deadline)]
        chosen = self._choose(ranked, rendered.weights)
        text = "\n\n".join(_marked(one, rendered.language) for one in chosen) or NO_ANSWER
        attempt = Attempt(provider=NAME, model=NAME, outcome="ok", started_ms=0.0, duration_ms=0.0)
        return Completion(text=text, model=NAME, provider=NAME, attempts=(attempt,))

    async def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncIterator[str | Completion]:
        """The whole text at once, then the completion."""
        completion = await self.complete(rendered, deadline=deadline)
        yield completion.text
        yield completion

    async def _rank(
        self, asked: Sequence[str], every: Sequence[Candidate], rendered: Rendered, deadline: Deadline
    ) -> list[list[Candidate]]:
        """For each part of the question the candidates, best first."""
        ranked = []
        for part in asked:
            weights = _weights_of(part, asked, rendered)
            scored = [replace(one, score=self._score(one, part, weights)) for one in every]
            ranked.append(sorted(scored, key=lambda one: -one.score))
        if self.embedder is None or not every:
            return ranked
        likeness = await self._likeness(asked, ranked, deadline)
        return [
            sorted((self._closer(one, likeness, place) for one in part), key=lambda one: -one.score)
            for place, part in enumerate(ranked)
        ]

    def _score(self, one: Candidate, part: str, weights: Mapping[str, float]) -> float:
        w, passage = self.weights, one.block.passage
        score = w.coverage * coverage(weights, one.stems) + w.context * coverage(weights, one.around - one.stems)
        score += w.rank / one.block.n
        if holds_kind(one.text, answer_kind(part), passage.language):
            score += w.kind
        if one.text.endswith("?"):
            score += w.question
        return score + w.correspondence if is_correspondence(passage) else score

    def _closer(self, one: Candidate, likeness: Mapping[_Place, Sequence[float]], part: int) -> Candidate:
        like = likeness.get(_place(one))
        return one if like is None else replace(one, score=one.score + self.weights.similarity * like[part])

    async def _likeness(
        self, asked: Sequence[str], ranked: Sequence[Sequence[Candidate]], deadline: Deadline
    ) -> dict[_Place, Sequence[float]]:
        """Cosines with each part for the best candidates; none where there is no time or nobody to ask."""
        each = max(4, self.weights.embedded // len(ranked))
        head = list({_place(one): one for part in ranked for one in part[:each]}.values())
        texts = [f"{one.block.passage.chunk.heading}: {one.text}" for one in head]
        try:
            limit_s = deadline.share(at_most_s=max(1.5, PATIENCE * deadline.total_s), keep_s=KEEP_S)
            questions, vectors = await within(limit_s, self._embed(asked, texts))
        except (Unreachable, TimeoutError):
            skip(EXTRACTIVE_LEXICAL_ONLY)
            return {}
        return {_place(one): list(map(float, row)) for one, row in zip(head, vectors @ questions.T, strict=True)}

    async def _embed(self, asked: Sequence[str], texts: Sequence[str]) -> tuple[Vectors, Vectors]:
        assert self.embedder is not None  # noqa: S101 - the caller has looked
        questions = await self.embedder.embed(list(asked), kind="query")
        return questions, await self.embedder.embed(list(texts), kind="passage")

    def _choose(self, ranked: Sequence[Sequence[Candidate]], weights: Mapping[str, float]) -> list[Candidate]:
        if len(ranked) == 1:
            return choose(ranked[0], weights, limit=self.max_sentences, enough=self.weights.enough)
        chosen: list[Candidate] = []
        for part in ranked:
            chosen += [one for one in part[:1] if not _repeats(one, chosen)]
        return chosen[: self.max_sentences + 1]


_Place = tuple[int, int]


def _place(one: Candidate) -> _Place:
    return one.block.n, one.start


def _weights_of(part: str, asked: Sequence[str], rendered: Rendered) -> dict[str, float]:
    """A part is asked about its own words, and about the codes that the question names anywhere."""
    if len(asked) == 1:
        return dict(rendered.weights)
    own = stem_set(part, rendered.language)
    codes = {one for one in rendered.weights if any(char.isdigit() for char in one) and len(one) > 3}
    return {one: weight for one, weight in rendered.weights.items() if one in own | codes} or dict(
        rendered.weights
    )


def _marked(one: Candidate, language: str) -> str:
    """The quote with its number after every sentence that a reader of the draft will see in it."""
    spans = sentences(one.text, language)
    return " ".join(f"{one.text[start:end]} [{one.block.n}]" for start, end in spans)


def sayable(ranked: Sequence[Candidate]) -> list[Candidate]:
    """What may be quoted; nothing where what may not is the better answer by far: the next best would be wrong."""
    quotable = [one for one in ranked if one.quotable]
    if not quotable or quotable[0].score < CLOSE * ranked[0].score:
        return []
    return quotable


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
        close = len(chosen) == 1 and one.score >= CLOSE * ranked[0].score
        if (gain >= MIN_GAIN or close) and not _repeats(one, chosen):
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
