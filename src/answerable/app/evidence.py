"""A trace of which nobody has said what is right: what it tells, and whether the corpus has an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from answerable.answer.followup import standalone
from answerable.answer.terms import settle_terms
from answerable.app.gold_pages import hidden_by
from answerable.app.library import Library
from answerable.app.repairs import taken_out
from answerable.app.replaying import query_of, traced
from answerable.app.system import System
from answerable.core.outcome import Outcome
from answerable.core.passage import Passage
from answerable.core.query import Query
from answerable.evals.diagnosis.bench import Part
from answerable.evals.diagnosis.comparison import passages, step_of
from answerable.evals.diagnosis.diagnosis import Diagnosis, Experiment
from answerable.evals.diagnosis.stages import Stage

WAYS = ("by both arms", "by meaning alone", "by words alone")
_MODES = dict(zip(WAYS, ("hybrid", "dense", "lexical"), strict=True))


async def look_for_evidence(system: System, trace: Mapping[str, Any]) -> Diagnosis:
    """Why there was no answer; or, where there was one, what of it a person should look at. Raises ConfigError."""
    async with Library(system=system) as library:
        return await _Search(system=system, library=library, trace=trace, query=query_of(trace)).run()


@dataclass(slots=True, kw_only=True)
class _Search:
    """One look at one trace."""

    system: System
    library: Library
    trace: Mapping[str, Any]
    query: Query
    log: list[Experiment] = field(default_factory=list)

    async def run(self) -> Diagnosis:
        outcome = Outcome(self.trace["outcome"])
        self._signals()
        if outcome.answers:
            return self._found(
                Stage.NONE, "nobody has said what is wrong: give --must, --quote, --outcome or --case"
            )
        if outcome is Outcome.FAILED:
            failure = step_of(self.trace, "failure")
            return self._found(Stage.MODEL, f"failed: {failure.get('message', 'out of time')}")
        blocked = _verdicts(step_of(self.trace, "guard_question"))
        if blocked and await self._answers_without(Part.GUARDS, "without guards"):
            return self._found(Stage.GUARD, f"{blocked} over the question")
        return await self._in_corpus()

    async def _in_corpus(self) -> Diagnosis:
        """Three searches of everything there is, whoever may see it."""
        best, enough = 0.0, self.system.asker.answerability.threshold
        scope = await self.library.everything()
        everywhere = replace(
            self.query, principal=replace(self.query.principal, groups=scope.groups), filter=scope.filter
        )
        for way in WAYS:
            found, estimate = await self._search(everywhere, way)
            best = max(best, estimate)
            first = f"{found[0].uri} first" if found else "nothing"
            self.log.append(Experiment(what=f"is it anywhere? {way}", result=f"{first}, estimate {estimate:.2f}"))
            if estimate >= enough and found:
                return await self._there(found)
        searched = f"not in the corpus (searched {len(WAYS)} ways, best estimate {best:.2f} of {enough:.2f})"
        return self._found(Stage.CORPUS_MISSING, searched)

    async def _search(self, query: Query, way: str) -> tuple[list[Passage], float]:
        asker = self.system.asker
        retriever = replace(asker.retriever, mode=_MODES[way])
        found = await retriever.find(query, standalone(query))
        ranked = await asker.reranker.rerank(query, found.passages, limit=asker.limits.keep)
        weights = settle_terms(found.weights, ranked)
        return ranked, asker.answerability.judge(query, ranked, weights).probability

    async def _there(self, found: Sequence[Passage]) -> Diagnosis:
        """Something that may answer is there: why was it not used?"""
        for one in found:
            view = await self.library.indexed(one.chunk.document_id)
            if view and (hidden := await hidden_by(self.library, self.query, view)):
                stage = Stage.ACL if hidden[0].startswith("acl") else Stage.FILTER
                return self._found(
                    stage, f"{one.uri} may say it, and is hidden from the asker: {', '.join(hidden)}"
                )
        held = {row["chunk"] for row in passages(self.trace)}
        if not held & {one.chunk.id for one in found}:
            return self._found(Stage.RETRIEVAL, f"{found[0].uri} may say it, and was not among the passages")
        if await self._answers_without(Part.THRESHOLD, "whatever the estimate says"):
            return self._found(Stage.ABSTENTION, f"{found[0].uri} was found and may say it; it was held back")
        return self._found(Stage.CORPUS_MISSING, f"the nearest page, {found[0].uri}, was read and does not say it")

    async def _answers_without(self, part: Part, what: str) -> bool:
        _, answer = await traced(self.system, taken_out(self.system.asker, part), self.query)
        self.log.append(Experiment(what=what, result=answer.outcome.value))
        return answer.outcome.answers

    def _signals(self) -> None:
        """What the trace itself says."""
        for what, said in (
            ("was a step cut short?", ", ".join(self.trace["degraded"])),
            ("was a sentence withheld?", ", ".join(sorted({one["reason"] for one in self.trace["withheld"]}))),
            ("did a guard act?", _verdicts(step_of(self.trace, "generate"))),
            (
                "is a passage suspicious?",
                ", ".join(one["uri"] for one in passages(self.trace) if one["marks"].get("suspicion")),
            ),
        ):
            self.log.append(Experiment(what=what, result=said or "no"))

    def _found(self, stage: Stage, why: str) -> Diagnosis:
        return Diagnosis(case=self.trace["id"], stage=stage, why=why, experiments=tuple(self.log))


def _verdicts(step: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{one['name']} {one['action']} ({one['rule'] or one['reason']})" for one in step.get("verdicts", ())
    )
