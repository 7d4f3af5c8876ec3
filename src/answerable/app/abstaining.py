"""Which threshold is in force, and whether a certificate stands behind it.

`[abstain] threshold`, set by hand, wins, and promises nothing. Else abstain.lock, while it holds. A void one
promises nothing either; the stricter of its thresholds and the shipped one is then used (docs/decisions/0084).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import answerable
from answerable.answer.abstention import Answerability, Bar
from answerable.answer.ask import Asker
from answerable.app.embedding import embedding_key
from answerable.app.project import Project
from answerable.app.reranker_key import reranker_key
from answerable.core.identity import sha256_hex
from answerable.core.ports import Reviews
from answerable.evals.abstain.drift import void_reasons
from answerable.evals.abstain.lock import FILE, Lock, read_lock

_RECENT = 500  # answers since the calibration whose scores are compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The certificate of a project, as it is now."""

    path: Path
    lock: Lock | None = None
    voids: tuple[str, ...] = ()  # why it does not hold
    by_hand: float | None = None  # the configured threshold, which goes before it

    @property
    def state(self) -> str:
        """none | valid | void | unused."""
        if self.lock is None:
            return "none"
        if self.voids:
            return "void"
        return "valid" if self.by_hand is None else "unused"

    @property
    def warning(self) -> str:
        """What whoever starts the system must be told; empty: nothing."""
        if self.state != "void" or self.lock is None:
            return ""
        used = "the configured threshold" if self.by_hand is not None else "the stricter threshold"
        return f"{FILE} is void: {'; '.join(self.voids)}. Answers promise nothing; {used} is used"

    def applied(self, own: Answerability) -> Answerability:
        """The thresholds in force; `own` has the shipped one, or the one set by hand."""
        lock = self.lock
        if lock is None or self.by_hand is not None:
            return own
        strictest = max(own.threshold, lock.strictest)
        valid = lock.id if not self.voids else ""
        bars = {
            one.group: Bar(
                threshold=one.threshold if valid else max(own.threshold, one.threshold),
                certificate=valid,
                expires=lock.expires,
            )
            for one in lock.promises
        }
        if lock.by:
            return replace(own, threshold=strictest, bars=bars)
        everything = next(iter(bars.values()))
        return replace(own, threshold=everything.threshold, certificate=valid, expires=lock.expires)


def fingerprint(project: Project, asker: Asker) -> dict[str, str]:
    """What makes the scores and the answers, part by part: a change of any voids a certificate."""
    settings, own, prompt = project.settings, asker.answerability, asker.renderer.prompt
    retrieval, answer = settings.retrieval, settings.answer
    route = next((one.chain for one in settings.route if one.use == "answer"), ("extractive",))
    models = [f"{name}:{settings.provider[name].model}" if name in settings.provider else name for name in route]
    weights = (own.bias, own.cosine, own.sentence, own.lexical_bias, own.lexical_sentence)
    return {
        "version": answerable.__version__,
        "embedding": embedding_key(asker.retriever.embedder),
        "retrieval": f"{retrieval.mode} {retrieval.dense_weight:g} {retrieval.top_k}/{retrieval.keep}",
        "ranking": f"{retrieval.smoothing:g} {retrieval.per_document}",
        "reading": f"{retrieval.typo_tolerance} {retrieval.decompose}",
        "filter": sha256_hex(repr(sorted(retrieval.filter.items())))[:12],
        "reranker": reranker_key(project),
        "chunking": sha256_hex(repr((settings.chunking, [one.chunking for one in settings.source])))[:12],
        "answerability": " ".join(f"{one:g}" for one in weights),
        "prompt": f"{prompt.id}@{prompt.version} {prompt.sha256[:12]}",
        "scope": sha256_hex(asker.renderer.scope)[:12],
        "models": " ".join(models),
        "answer": f"{answer.verify} {answer.on_conflict} {answer.temperature:g} {answer.context_tokens} "
        f"{answer.max_output_tokens} {answer.cite_max_per_sentence}",
    }


async def find_standing(project: Project, asker: Asker, reviews: Reviews) -> Standing:
    """Read abstain.lock and see whether it still holds. Raises ConfigError for one that cannot be read."""
    path, by_hand = project.path(FILE), project.settings.abstain.threshold
    lock = read_lock(path)
    if lock is None:
        return Standing(path=path, by_hand=by_hand)
    rows = await reviews.scores(tenant=project.settings.project.tenant, since=lock.made, limit=_RECENT)
    recent = [score for score, language in rows if lock.covers(score, language)]
    voids = void_reasons(lock, fingerprint=fingerprint(project, asker), now=datetime.now(UTC), recent=recent)
    return Standing(path=path, lock=lock, voids=voids, by_hand=by_hand)
