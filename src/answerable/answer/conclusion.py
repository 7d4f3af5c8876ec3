"""From a finished composition to the answer a person gets, with its confidence in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from answerable.answer.composition import Composition
from answerable.answer.texts import Texts
from answerable.core.answer import Answer, Confidence
from answerable.core.completion import Completion, Usage
from answerable.core.identity import random_id
from answerable.core.outcome import Outcome
from answerable.core.passage import Passage
from answerable.core.query import Query
from answerable.core.verdict import Verdict

_REASON_OF = {Outcome.PARTIAL: "unknown", Outcome.CONFLICT: "conflict"}


def conclude(
    query: Query,
    composition: Composition,
    *,
    outcome: Outcome,
    passages: Sequence[Passage],
    texts: Texts,
    completion: Completion | None = None,
    verdicts: Sequence[Verdict] = (),
) -> Answer:
    """The answer object; id of the trace, timing and prompt are filled in by the asker."""
    return Answer(
        id=random_id("an"),
        trace_id="",
        text=composition.text,
        outcome=outcome,
        language=query.language,
        claims=tuple(composition.claims),
        citations=tuple(composition.citations),
        passages=tuple(passages),
        withheld=tuple(composition.withheld),
        verdicts=tuple(verdicts),
        confidence=_confidence(query, composition, outcome, texts, completion),
        degraded=completion.degraded if completion else (),
        usage=completion.usage if completion else Usage(),
        cache=completion.cache if completion else "",
        model=_model(completion),
        conversation=query.conversation,
    )


def paid_for(answer: Answer, completion: Completion | None) -> Answer:
    """A non-answer with what the model cost that was asked first."""
    if completion is None:
        return answer
    return replace(answer, usage=completion.usage, cache=completion.cache, model=_model(completion))


def _model(completion: Completion | None) -> str:
    if completion is None:
        return ""
    own_name = completion.provider in ("", completion.model)
    return completion.model if own_name else f"{completion.provider}/{completion.model}"


def _confidence(
    query: Query, composition: Composition, outcome: Outcome, texts: Texts, completion: Completion | None
) -> Confidence:
    """High: quoted or of two documents, current, nothing withheld. Low: stale, in conflict, much withheld."""
    documents = {citation.document_id for citation in composition.citations}
    stale = any(citation.stale for citation in composition.citations)
    quoted = completion is not None and completion.provider == "extractive"
    reasons: list[tuple[str, dict[str, str]]] = [
        ("sources", {"count": str(len(documents))}) if len(documents) > 1 else ("source", {})
    ]
    if quoted:
        reasons.append(("quoted", {}))
    if dates := [citation.updated_at for citation in composition.citations if citation.updated_at]:
        reasons.append(("updated", {"date": max(dates).isoformat()}))
    if stale:
        reasons.append(("stale", {}))
    if composition.withheld:
        count = len(composition.withheld)
        reasons.append(("withheld", {"count": str(count)}) if count > 1 else ("withheld_one", {}))
    if outcome in _REASON_OF:
        reasons.append((_REASON_OF[outcome], {}))
    low = outcome is Outcome.CONFLICT or stale or len(composition.withheld) >= len(composition.claims)
    sure = outcome is Outcome.ANSWERED and not composition.withheld and (quoted or len(documents) > 1)
    return Confidence(
        level="low" if low else "high" if sure else "medium",
        why=tuple(texts.say(f"confidence.{key}", query.language, values) for key, values in reasons),
    )
