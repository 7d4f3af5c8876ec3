"""Rankings of chunks, and what they are worth at a budget of tokens: recall, precision and IoU of the gold spans.

As in Chroma's "Evaluating Chunking Strategies for Retrieval" (Smith and Troynikov 2024), section Metrics: with e
the gold and r all that was retrieved, what was retrieved twice counted twice,
recall = |e ∩ r| / |e|, precision = |e ∩ r| / |r|, IoU = |e ∩ r| / (|e| + |r| - |e ∩ r|).
They are counted in characters, as the report's own code does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from chunking_sets import Corpus, Question
from numpy.typing import NDArray

from answerable.adapters.bm25 import idf, saturation
from answerable.core.document import Chunk
from answerable.ingest.ruler import Ruler
from answerable.text.stems import term_frequencies

BUDGETS = (500, 1000, 2000)  # tokens
FEW = 5  # chunks: what the report retrieves
DEPTH = 50  # candidates of an arm, as the answer path has them
Scores = NDArray[np.float64]  # shape (questions, chunks)


def bm25(texts: Sequence[str], questions: Sequence[Question]) -> Scores:
    """Scores by the shipped formula; texts are what is embedded, too."""
    counts = [term_frequencies(text) for text in texts]
    lengths = [count.total() for count in counts]
    average = sum(lengths) / max(len(lengths), 1)
    postings: dict[str, list[tuple[int, float]]] = {}
    for n, count in enumerate(counts):
        for term, frequency in count.items():
            postings.setdefault(term, []).append((n, saturation(frequency, lengths[n], average)))
    scores = np.zeros((len(questions), len(texts)))
    for row, question in enumerate(questions):
        for term in term_frequencies(question.text):
            found = postings.get(term, [])
            for n, weight in found:
                scores[row, n] += weight * idf(len(texts), len(found))
    return scores


def fused(lexical: Scores, dense: Scores) -> tuple[Scores, NDArray[np.bool_]]:
    """Half and half after min-max over each arm's best 50, as the answer path does; and which are candidates."""
    scores, candidates = np.zeros(lexical.shape), np.zeros(lexical.shape, dtype=bool)
    for arm in (lexical, dense):
        for row in range(len(arm)):
            best = np.argsort(-arm[row], kind="stable")[:DEPTH]
            kept = arm[row, best]
            scores[row, best] += (kept - kept.min()) / max(float(kept.max() - kept.min()), 1e-9) / 2
            candidates[row, best] = True
    return scores, candidates


def smoothed(scores: Scores, chunks: Sequence[Chunk], weights: Sequence[float]) -> Scores:
    """Each chunk's score averaged with its neighbors' in the document: weights[0] for those beside it …"""
    sums, total = scores.copy(), np.ones(len(chunks))
    order = sorted(range(len(chunks)), key=lambda n: (chunks[n].document_id, chunks[n].start))
    for distance, weight in enumerate(weights, start=1):
        for left, right in zip(order, order[distance:], strict=False):
            if chunks[left].document_id == chunks[right].document_id:
                sums[:, left] += weight * scores[:, right]
                sums[:, right] += weight * scores[:, left]
                total[[left, right]] += weight
    return np.asarray(sums / total)


def ranked(scores: Scores, chunks: Sequence[Chunk]) -> Iterator[list[Chunk]]:
    """For each question the chunks, best first."""
    for row in scores:
        yield [chunks[n] for n in np.argsort(-row, kind="stable")[:300]]


def with_parents(ranking: Sequence[Chunk], known: Mapping[str, Chunk], *, share: float) -> list[Chunk]:
    """Children give way to their parent where `share` of them are among the best 50; 0: always. Level by level."""
    best, top = list(ranking), max((one.level for one in known.values()), default=0)
    for level in range(top if share else 1):
        found: dict[str, int] = {}
        for one in best[:DEPTH]:
            if one.level == level and one.parent:
                found[one.parent] = found.get(one.parent, 0) + 1
        merged: dict[str, Chunk] = {}
        for one in best:
            enough = one.parent and found.get(one.parent, 0) >= max(1, share * int(one.meta.get("siblings", "1")))
            up = known[one.parent] if one.parent and one.level == level and enough else one
            merged.setdefault(up.id, up)
        best = list(merged.values())
    return best


@dataclass(frozen=True)
class Measured:
    """Recall, precision and IoU, each of shape (questions, budgets + 1): the last column is of five chunks."""

    recall: Scores
    precision: Scores
    iou: Scores


def measure(corpus: Corpus, rankings: Sequence[Sequence[Chunk]], rulers: Mapping[str, Ruler]) -> Measured:
    """At each budget, the last chunk cut off where it ends; and of the first five chunks, whole."""
    names = {one.id: name for name, one in corpus.documents.items()}
    shape = (len(corpus.questions), len(BUDGETS) + 1)
    recall, precision, iou = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for row, (question, ranking) in enumerate(zip(corpus.questions, rankings, strict=True)):
        wanted = {at for start, end in question.spans for at in range(start, end)}
        taken = [list(_within(ranking, budget, names, rulers)) for budget in BUDGETS]
        taken.append([(names[one.document_id], one.start, one.end) for one in ranking[:FEW]])
        for column, spans in enumerate(taken):
            size = sum(end - start for _, start, end in spans)
            here = [(start, end) for name, start, end in spans if name == question.document]
            both = len(wanted.intersection(*[set().union(*(range(start, end) for start, end in here))]))
            recall[row, column] = both / len(wanted)
            precision[row, column] = both / max(size, 1)
            iou[row, column] = both / (len(wanted) + size - both)
    return Measured(recall, precision, iou)


def _within(
    ranking: Sequence[Chunk], budget: int, names: Mapping[str, str], rulers: Mapping[str, Ruler]
) -> Iterator[tuple[str, int, int]]:
    left = budget
    for chunk in ranking:
        if left <= 0:
            return
        name = names[chunk.document_id]
        ruler = rulers[name]
        end = chunk.end if chunk.tokens <= left else ruler.marks[ruler.index(chunk.start) + left]
        yield name, chunk.start, end
        left -= chunk.tokens
