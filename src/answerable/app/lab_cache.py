"""Whether a semantic cache may be switched on here: measured with this project's embedding model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from answerable.app.cases import pairs_file, places
from answerable.app.embedding import close_embedder, embedding_key, make_embedder
from answerable.app.project import Project
from answerable.app.semantic_lock import MOST_WRONG, CacheLock, lock_path, write_lock
from answerable.core.errors import ConfigError
from answerable.core.ports import Embedder, Vectors
from answerable.evals.cases.files import read_suite
from answerable.evals.pairs import read_pairs
from answerable.lab.cache import CacheReport, Judged, Rate, by_kind, by_threshold, to_html
from answerable.lab.near_misses import QuestionPair, from_questions, shipped, suite_hash
from answerable.llm.sameness import VERSION, meaning

_BATCH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheVerdict:
    """What `lab cache` found; `lock` is None where the cache may not be switched on."""

    report: CacheReport
    embedding: str
    suite: str
    own_questions: int
    lock: CacheLock | None
    file: Path | None = None

    @property
    def text(self) -> str:
        """In one sentence."""
        held = self.report.held_out
        if self.lock is None:
            return f"not safe: wrong hits {held.text} on held-out near misses, not under {100 * MOST_WRONG:g} %"
        return f"may be switched on: wrong hits {held.text} on held-out near misses"

    def as_json(self) -> dict[str, Any]:
        """Everything that was measured."""
        return {
            "verdict": self.text,
            "threshold": self.report.threshold,
            "embedding": self.embedding,
            "guards": VERSION,
            "suite": self.suite,
            "own_questions": self.own_questions,
            "held_out": rate_json(self.report.held_out),
            "all": rate_json(self.report.wrong()),
            "by_likeness": rate_json(self.report.wrong(guarded=False)),
            "paraphrases": rate_json(self.report.right()),
            "kinds": by_kind(self.report),
            "thresholds": by_threshold(self.report),
            "lock": str(self.file) if self.file else None,
        }


def rate_json(rate: Rate) -> dict[str, float]:
    """k, n and the upper bound."""
    return {"k": rate.k, "n": rate.n, "upper": round(rate.upper, 6)}


async def try_cache(
    project: Project, *, threshold: float | None = None, out: Path | None = None, say: Callable[[str], None]
) -> CacheVerdict:
    """Measure, write the page, and the lock where the bound holds; one that no longer holds goes."""
    questions = own_questions(project)
    pairs = [*shipped(), *from_questions(questions, languages=project.settings.project.languages)]
    wanted = project.settings.cache.semantic.threshold if threshold is None else threshold
    embedder = make_embedder(project)
    try:
        say(f"{len(pairs)} pairs of questions, of these {len(pairs) - len(shipped())} from the project's own")
        report = CacheReport(threshold=wanted, judged=await judge(pairs, embedder))
        key = embedding_key(embedder)
    finally:
        await close_embedder(embedder)
    found = _verdict(report, key, suite_hash(pairs), own=len(questions))
    page = out or project.state / "lab" / "cache.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(to_html(report, verdict=found.text), encoding="utf-8")
    say(f"page: {page}")
    path = lock_path(project)
    if found.lock is None:
        path.unlink(missing_ok=True)
        return found
    write_lock(path, found.lock)
    return CacheVerdict(
        report=report, embedding=key, suite=found.suite, own_questions=len(questions), lock=found.lock, file=path
    )


async def judge(pairs: Sequence[QuestionPair], embedder: Embedder) -> tuple[Judged, ...]:
    """Each pair's cosine, as the embedder sees questions, and whether the rules take the two for one."""
    texts = list(dict.fromkeys(text for pair in pairs for text in (pair.one, pair.other)))
    parts = [await embedder.embed(texts[at : at + _BATCH], kind="query") for at in range(0, len(texts), _BATCH)]
    vectors: Vectors = np.concatenate(parts) if parts else np.zeros((0, 1), dtype=np.float32)
    rows = {text: n for n, text in enumerate(texts)}
    return tuple(
        Judged(
            pair=pair,
            cosine=float(vectors[rows[pair.one]] @ vectors[rows[pair.other]]),
            alike=meaning(pair.one, pair.language) == meaning(pair.other, pair.language),
        )
        for pair in pairs
    )


def own_questions(project: Project) -> list[str]:
    """Of the project's cases and judged pairs."""
    try:
        suites = [path for path in places(project).suites if path.exists()]
    except ConfigError:
        return []  # no suites are configured: there are no cases
    filed, _ = read_suite(suites)
    found = [one.case.question for one in filed]
    path = pairs_file(project)
    return [*found, *(one.question for one in read_pairs(path))] if path.exists() else found


def _verdict(report: CacheReport, key: str, suite: str, *, own: int) -> CacheVerdict:
    held = report.held_out
    lock = (
        CacheLock(
            threshold=report.threshold,
            guards=VERSION,
            embedding=key,
            suite=suite,
            n=held.n,
            wrong=held.k,
            upper=held.upper,
        )
        if held.upper < MOST_WRONG
        else None
    )
    return CacheVerdict(report=report, embedding=key, suite=suite, own_questions=own, lock=lock)
