"""Topics made anew, and the questions that nobody thought of: gaps, and kinds of input that no case has."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from answerable.adapters.postgres.topics import PostgresTopics
from answerable.app.cases import places
from answerable.app.system import System
from answerable.core.ports import Embedder, Happening
from answerable.core.query import EVALUATION
from answerable.evals.cases.files import read_suite
from answerable.monitor.clustering import clusters, directions
from answerable.monitor.topic_names import PERSONS, topic_names
from answerable.monitor.topics import Topic, Topics, topic_id

__all__ = ["Asked", "Group", "gaps", "make_topics", "new_inputs", "topics_of"]

Floats = npt.NDArray[np.float32]

_MOST_QUESTIONS = 8_000  # the newest ones
_MOST_CASES = 2_000
_BATCH = 128
_REACH = 0.02  # of a topic's questions that may lie outside of it
_LEAST = 5  # questions of a topic
_FAR = 0.35  # distance to every case from which on a question is of a new kind
_GROUPS, _EXAMPLES = 20, 5
_REFUSED = ("abstained",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question with what is needed to group it."""

    text: str
    person: str
    outcome: str
    trace: str
    vector: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Questions that are alike. `persons` and `size` count them; `examples` and `traces` are of the most typical.

    `distance` is the center's to the nearest case, in [0, 2]; None without cases. `nearest` are documents' titles.
    """

    name: str
    size: int
    persons: int
    examples: tuple[str, ...]
    traces: tuple[str, ...]
    distance: float | None
    nearest: tuple[str, ...] = ()


async def make_topics(system: System, *, now: datetime) -> Topics:
    """The topics that questions are told by from now on. Raises DatabaseUnreachable."""
    asked = await _asked(system, now)
    tenant, model = system.settings.project.tenant, system.embedder.model.key
    kept = PostgresTopics(system.database)
    old = await kept.newest(tenant=tenant, model=model)
    before = None if old is None else Topics.from_json(old)
    cases = await _case_vectors(system)
    made = topics_of(asked, cases, model=model, now=now, most=system.settings.drift.topics).following(before)
    await kept.keep(tenant=tenant, version=made.version, topics=made.as_json())
    ids, were = {one.id for one in made.topics}, {one.id for one in before.topics} if before else set[str]()
    props = {
        "version": made.version,
        "topics": len(ids),
        "kept": len(ids & were),
        "born": len(ids - were),
        "gone": len(were - ids),
        "questions": len(asked),
    }
    system.happenings.write(Happening(name="topics.made", tenant=tenant, at=now, props=props))
    return made


def topics_of(asked: Sequence[Asked], cases: Floats, *, model: str, now: datetime, most: int) -> Topics:
    """Topics of questions, with fresh ids. A cluster of fewer than five questions, or persons, is none."""
    rows = _stacked(asked, cases.shape[1])
    labels = clusters(rows, most=most)
    centers = directions(rows, labels)
    names = topic_names([one.text for one in asked], [one.person for one in asked], labels.tolist())
    topics: list[Topic] = []
    kept: list[int] = []
    for n, name in enumerate(names):
        mine = np.flatnonzero(labels == n)
        persons = len({asked[int(one)].person for one in mine})
        if len(mine) < _LEAST or persons < PERSONS:
            continue
        reach = float(np.quantile(rows[mine] @ centers[n], _REACH))
        topics.append(Topic(id=topic_id(centers[n]), name=name, size=len(mine), persons=persons, reach=reach))
        kept.append(n)
    where = centers[kept] if kept else np.zeros((0, cases.shape[1]), dtype=np.float32)
    return Topics(model=model, made_at=now, topics=tuple(topics), centers=where, cases=cases)


async def gaps(system: System, *, now: datetime) -> list[Group]:
    """What people asked and got no answer to, by kind, the largest first; with the documents that are nearest."""
    asked = [one for one in await _asked(system, now) if one.outcome in _REFUSED]
    groups = _groups(asked, await _case_vectors(system))
    found = []
    for one in groups[:_GROUPS]:
        query = system.query(one.examples[0])
        near = await system.search(query, limit=3)
        titles = tuple(dict.fromkeys(passage.title for passage in near))
        found.append(replace(one, nearest=titles))
    return found


async def new_inputs(system: System, *, now: datetime) -> list[Group]:
    """Kinds of questions that are far from every case of the evaluation: what nobody thought of, at most 20."""
    cases = await _case_vectors(system)
    asked = await _asked(system, now)
    if not len(cases):
        return _groups(asked, cases)[:_GROUPS]
    far = [one for one in asked if 1.0 - float((cases @ one.vector).max()) >= _FAR]
    return _groups(far, cases)[:_GROUPS]


def _groups(asked: Sequence[Asked], cases: Floats) -> list[Group]:
    if not asked:
        return []
    rows = _stacked(asked, cases.shape[1])
    labels = clusters(rows, most=500)
    centers = directions(rows, labels)
    names = topic_names([one.text for one in asked], [one.person for one in asked], labels.tolist())
    return [
        _group(asked, rows, np.flatnonzero(labels == n), centers[n], name, cases) for n, name in enumerate(names)
    ]


def _group(
    asked: Sequence[Asked], rows: Floats, mine: npt.NDArray[np.intp], center: Floats, name: str, cases: Floats
) -> Group:
    typical = [asked[one] for one in mine[np.argsort(-(rows[mine] @ center), kind="stable")][:_EXAMPLES]]
    return Group(
        name=name,
        size=len(mine),
        persons=len({asked[one].person for one in mine}),
        examples=tuple(one.text for one in typical),
        traces=tuple(one.trace for one in typical),
        distance=1.0 - float((cases @ center).max()) if len(cases) else None,
    )


async def _asked(system: System, now: datetime) -> list[Asked]:
    """The newest questions of the configured days, embedded anew: the log keeps no vectors."""
    since = now - timedelta(days=system.settings.drift.topic_days)
    rows = await system.reviews.asked(tenant=system.settings.project.tenant, since=since, until=now)
    rows = [one for one in rows if one["question"] and one["principal"] != EVALUATION][-_MOST_QUESTIONS:]
    vectors = await _embedded(system.embedder, [one["question"] for one in rows])
    return [
        Asked(
            text=one["question"],
            person=one["principal"],
            outcome=one["outcome"],
            trace=one["id"],
            vector=vector,
        )
        for one, vector in zip(rows, vectors, strict=True)
    ]


async def _case_vectors(system: System) -> Floats:
    """Of the questions that the evaluation asks; none in a project that has no cases yet."""
    there = [one for one in places(system.project).suites if one.exists()]
    filed, _ = await asyncio.to_thread(read_suite, there)
    return await _embedded(system.embedder, list(dict.fromkeys(one.case.question for one in filed))[:_MOST_CASES])


async def _embedded(embedder: Embedder, texts: Sequence[str]) -> Floats:
    if not texts:
        return np.zeros((0, embedder.model.dim), dtype=np.float32)
    parts = [await embedder.embed(texts[n : n + _BATCH], kind="query") for n in range(0, len(texts), _BATCH)]
    return np.concatenate(parts).astype(np.float32)


def _stacked(asked: Sequence[Asked], dimensions: int) -> Floats:
    if not asked:
        return np.zeros((0, dimensions), dtype=np.float32)
    return np.stack([one.vector for one in asked]).astype(np.float32)
