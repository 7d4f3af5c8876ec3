"""Learning a reranker from the project's judged pairs, and putting it in place where it helps."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from answerable.adapters.rerankers.features import FEATURES, features
from answerable.adapters.rerankers.learned import DEPTH
from answerable.adapters.rerankers.weights_file import HeldOut, WeightsFile
from answerable.answer.followup import standalone
from answerable.app.judged import Judged, judged_pairs
from answerable.app.lab_pairs import Origin
from answerable.app.reranking import SHIPPED
from answerable.app.system import System
from answerable.config.edit import Edit, toml_value
from answerable.core.errors import ConfigError
from answerable.lab.combiner import Candidates, Trained, train
from answerable.lab.helping import Held, too_few

NAME = "learned"
FILE = "reranker.json"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """What came of it. Without `file` nothing was written, and `why` says why."""

    what: str
    base: str
    n: int
    left_out: tuple[str, ...]
    held: Held | None = None
    weights: tuple[tuple[str, float], ...] = ()
    file: Path | None = None
    why: str = ""
    edits: tuple[Edit, ...] = ()


async def learn_reranker(system: System, *, origin: Origin, seed: int, out: Path | None, say: Say) -> Learning:
    """Learn, test on held-out questions, and write the weights where they are better. Raises ConfigError."""
    base = base_name(system)
    judged, left_out = await judged_pairs(system, origin)
    say(f"{len(judged)} judged questions in the index")
    questions = []
    for one in judged:
        found = await _candidates(system, base, one)
        if found is None:
            left_out.append(f"{one.pair.id}: no gold among its candidates")
        else:
            questions.append(found)
    made = Learning(what="reranker", base=base, n=len(questions), left_out=tuple(left_out))
    if why := too_few([one.cluster for one in questions]):
        return replace(made, why=why)
    trained = train(questions, seed=seed)
    named = tuple(zip(FEATURES, (float(one) for one in trained.weights), strict=True))
    if not trained.held.helps:
        why = "on questions that it had not seen it is not better: nothing is written"
        return replace(made, held=trained.held, weights=named, why=why)
    path = out or system.project.base / "lab" / FILE
    _write(path, base, questions, trained)
    return replace(made, held=trained.held, weights=named, file=path, edits=_edits(system, path))


def base_name(system: System) -> str:
    """The reranker that weights are learned on top of: the configured one, or what the learned one stands on."""
    name = system.settings.retrieval.reranker
    section = system.settings.reranker.get(name)
    if section is None or section.kind != "learned":
        return name
    return WeightsFile.read(system.project.path(section.path or "")).base or SHIPPED


async def _candidates(system: System, base: str, one: Judged) -> Candidates | None:
    """None where no gold chunk is among the candidates, or nothing else is."""
    found = await system.asker.retriever.find(one.query, standalone(one.query))
    ranked = await system.rerankers.bare(base).rerank(one.query, found.passages, limit=len(found.passages))
    table = features(one.query, found.passages, ranked)[:DEPTH]
    relevant = np.array([passage.chunk.id in one.ids for passage in ranked[:DEPTH]], dtype=np.bool_)
    if not relevant.any() or relevant.all():
        return None
    return Candidates(id=one.pair.id, cluster=one.pair.cluster_id, features=table, relevant=relevant)


def _write(path: Path, base: str, questions: Sequence[Candidates], trained: Trained) -> None:
    difference = trained.held.difference
    try:
        WeightsFile(
            base=base,
            weights=dict(zip(FEATURES, (round(float(one), 6) for one in trained.weights), strict=True)),
            pairs_sha256=_hash(questions),
            held_out=HeldOut(
                n=difference.n,
                clusters=difference.clusters,
                base=trained.held.before,
                learned=trained.held.after,
                difference=difference.mean,
                low=difference.interval.low,
                high=difference.interval.high,
                p=difference.p,
            ),
            made=datetime.now(UTC).date(),
        ).write(path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}", hint="--out FILE.json") from error


def _hash(questions: Sequence[Candidates]) -> str:
    digest = hashlib.sha256()
    for one in questions:
        digest.update(f"{one.id}/{one.cluster}/".encode() + one.features.tobytes() + one.relevant.tobytes())
    return digest.hexdigest()


def _edits(system: System, path: Path) -> tuple[Edit, ...]:
    table = toml_value({"kind": "learned", "path": relative(system, path)})
    return (
        Edit(section="reranker", key=NAME, value=table),
        Edit(section="retrieval", key="reranker", value=toml_value(NAME)),
    )


def relative(system: System, path: Path) -> str:
    """As the configuration names a file: relative to it where that can be."""
    try:
        return path.resolve().relative_to(system.project.base.resolve()).as_posix()
    except ValueError:
        return path.resolve().as_posix()
