"""Learning a change of the embedding from the project's judged pairs, and putting it in place where it helps."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import numpy as np

from answerable.adapters.embedders.change_file import ChangeNote, write_change
from answerable.answer.followup import standalone
from answerable.answer.fusion import fuse
from answerable.app.embedding import bare
from answerable.app.gold_pages import embedded
from answerable.app.judged import Judged, judged_pairs
from answerable.app.lab_pairs import Origin
from answerable.app.lab_reranking import Learning, Say, relative
from answerable.app.system import System
from answerable.config.edit import Edit, toml_value
from answerable.core.errors import ConfigError
from answerable.core.identity import sha256_hex
from answerable.core.passage import Passage
from answerable.core.ports import Vectors
from answerable.evals.metrics.ranking import ndcg
from answerable.lab.adaptation import Adapted, Change, Pairing, adapt
from answerable.lab.helping import too_few

At = Literal["query", "both"]
FILE = "embedding.safetensors"
_DEPTH = 50  # candidates of each arm that make the pool
_HARD = 8  # of each question's nearest passages that are no gold, to learn against
_TOGETHER = 256  # texts


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pool:
    """All candidates of all questions with their vectors: what is searched while learning."""

    judged: tuple[Judged, ...]
    queries: Vectors
    passages: tuple[Passage, ...]
    vectors: Vectors
    lexical: tuple[tuple[Passage, ...], ...]  # of each question

    def quality(self, change: Change, rows: Sequence[int], *, both: bool, weight: float) -> list[float]:
        """nDCG@10 of what retrieval finds in its configured mode, the gold chunks alike."""
        vectors = change.apply(self.vectors) if both else self.vectors
        scores = change.apply(self.queries[list(rows)]) @ vectors.T
        return [self._quality(row, scores[place], weight) for place, row in enumerate(rows)]

    def _quality(self, row: int, scores: Vectors, weight: float) -> float:
        best = np.argsort(-scores, kind="stable")[:_DEPTH]
        near = [replace(self.passages[place], score=float(scores[place])) for place in best]
        found = fuse(near, self.lexical[row], weight=weight, limit=2 * _DEPTH)
        return ndcg([one.chunk.id for one in found], dict.fromkeys(self.judged[row].ids, 1), k=10) or 0.0

    def pairing(self) -> Pairing:
        """What is learned from: every question's gold, and the nearest passages of each that are not."""
        gold = np.array([[one.chunk.id in each.ids for one in self.passages] for each in self.judged])
        near = np.argsort(-(self.queries @ self.vectors.T), axis=1)[:, :_HARD]
        keep = np.unique(np.concatenate([np.flatnonzero(gold.any(axis=0)), near.ravel()]))
        return Pairing(
            queries=self.queries,
            passages=self.vectors[keep],
            gold=gold[:, keep],
            clusters=tuple(one.pair.cluster_id for one in self.judged),
        )


async def learn_embedding(
    system: System, *, at: At, origin: Origin, seed: int, out: Path | None, say: Say
) -> Learning:
    """Learn, test on held-out questions, and write the change where it is better. Raises ConfigError."""
    judged, left_out = await judged_pairs(system, origin)
    usable = tuple(one for one in judged if one.gold)
    left_out += [f"{one.pair.id}: no chunk holds half of its words" for one in judged if not one.gold]
    model = bare(system.embedder).model.key
    made = Learning(what="embedding adapter", base=model, n=len(usable), left_out=tuple(left_out))
    if why := too_few([one.pair.cluster_id for one in usable]):
        return replace(made, why=why)
    say(f"{len(usable)} judged questions in the index")
    if system.settings.retrieval.mode == "lexical":
        raise ConfigError("retrieval.mode is lexical: no embedding is used", hint='set it to "hybrid" or "dense"')
    pool = await _pool(system, usable)
    say(f"{len(pool.passages)} passages to tell apart")
    both, weight = at == "both", system.settings.retrieval.dense_weight
    pairing = pool.pairing()
    found = adapt(
        pairing,
        lambda change, rows: pool.quality(change, rows.tolist(), both=both, weight=weight),
        both=both,
        seed=seed,
    )
    if not found.held.helps:
        why = "on questions that it had not seen it is not better: nothing is written"
        return replace(made, held=found.held, why=why)
    path = out or system.project.base / "lab" / FILE
    _write(path, found, pairing, model=model, at=at)
    return replace(made, held=found.held, file=path, edits=_edits(system, path, at))


async def _pool(system: System, judged: tuple[Judged, ...]) -> _Pool:
    texts = [standalone(one.query) for one in judged]
    queries = await bare(system.embedder).embed(texts, kind="query")
    found = {one.chunk.id: one for each in judged for one in each.gold}
    lexical = []
    for one, text, vector in zip(judged, texts, queries, strict=True):
        async with system.store.snapshot(one.query.scope) as view:
            worded = (
                await view.lexical(text, limit=_DEPTH, language=one.query.language)
                if system.settings.retrieval.mode == "hybrid"
                else []
            )
            near = await view.dense(vector, limit=_DEPTH)
        lexical.append(tuple(worded))
        found.update({passage.chunk.id: passage for passage in (*worded, *near)})
    passages = tuple(found[key] for key in sorted(found))
    vectors = await _vectors(system, [embedded(one) for one in passages])
    return _Pool(judged=judged, queries=queries, passages=passages, vectors=vectors, lexical=tuple(lexical))


async def _vectors(system: System, texts: Sequence[str]) -> Vectors:
    """Of the bare model: those that ingestion kept, else made now."""
    embedder, tenant = bare(system.embedder), system.settings.project.tenant
    keys = [sha256_hex(text) for text in texts]
    known = await system.ledger.cached(tenant=tenant, model=embedder.model, keys=keys)
    missing = [text for key, text in zip(keys, texts, strict=True) if key not in known]
    for start in range(0, len(missing), _TOGETHER):
        group = missing[start : start + _TOGETHER]
        made = await embedder.embed(group, kind="passage")
        known |= {sha256_hex(text): row for text, row in zip(group, made, strict=True)}
    return np.stack([known[key] for key in keys]).astype(np.float32)


def _write(path: Path, found: Adapted, pairing: Pairing, *, model: str, at: At) -> None:
    difference = found.held.difference
    note = ChangeNote(
        model=model,
        at=at,
        pairs_sha256=hashlib.sha256(pairing.queries.tobytes() + pairing.gold.tobytes()).hexdigest(),
        n=difference.n,
        clusters=difference.clusters,
        before=found.held.before,
        after=found.held.after,
        difference=difference.mean,
        low=difference.interval.low,
        high=difference.interval.high,
        p=difference.p,
        made=datetime.now(UTC).date(),
    )
    try:
        write_change(path, found.change.left, found.change.right, note)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}", hint="--out FILE.safetensors") from error


def _edits(system: System, path: Path, at: At) -> tuple[Edit, ...]:
    return (
        Edit(section="embedding", key="adapter", value=toml_value(relative(system, path))),
        Edit(section="embedding", key="adapter_at", value=toml_value(at)),
    )
