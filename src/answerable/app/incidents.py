"""Incidents as a face uses them: opening and closing, who saw what, and stored answers without what is blocked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from answerable.answer.nonanswer import NonAnswers
from answerable.core.errors import ConfigError, NotFound
from answerable.core.identity import random_id
from answerable.core.incident import Blocked, Exposure, Incident
from answerable.core.outcome import Outcome
from answerable.core.passage import Passage
from answerable.core.ports import Happening, Happenings, Incidents
from answerable.guards.fused import Fused
from answerable.guards.incidents import IncidentGuard, Posted
from answerable.text.phrases import Phrases, folded

MESSAGE_CHARS = 500
_WORDS = "escalated.incident"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentDesk:
    """One system's. What it changes itself holds here at once, and elsewhere within a second."""

    incidents: Incidents
    posted: Posted
    non_answers: NonAnswers
    happenings: Happenings

    @property
    def guard(self) -> Fused:
        """That stops questions and sentences."""
        return Fused(guard=self._guard)

    @property
    def _guard(self) -> IncidentGuard:
        texts = self.non_answers.texts
        return IncidentGuard(posted=self.posted, words=lambda language: texts.say(_WORDS, language))

    async def open(
        self, *, tenant: str, kind: Blocked, value: str, reason: str, message: Mapping[str, str], by: str
    ) -> Incident:
        """Take it out of use. Raises NotFound, and ConfigError for a topic without a word and a long message."""
        _check(kind, value, message)
        wanted = Incident(id=random_id("in"), kind=kind, value=value.strip(), reason=reason, message=message)
        one = await self.incidents.open(tenant=tenant, incident=wanted, by=by)
        self._tell("incident.opened", tenant, one, by)
        return one

    async def close(self, *, tenant: str, reference: str, by: str) -> Incident:
        """Put it back into use. Raises NotFound."""
        one = await self.incidents.close(tenant=tenant, reference=reference, by=by)
        self._tell("incident.closed", tenant, one, by)
        return one

    async def listed(self, *, tenant: str, every: bool = False) -> list[Incident]:
        """Newest first."""
        return await self.incidents.listed(tenant=tenant, every=every)

    async def get(self, *, tenant: str, reference: str) -> Incident:
        """By id or unique beginning of it, closed ones too. Raises NotFound."""
        known = await self.incidents.listed(tenant=tenant, every=True)
        found = [one for one in known if reference and one.id.startswith(reference)]
        exact = [one for one in found if one.id == reference]
        if len(exact or found) != 1:
            raise NotFound(
                f"there is no incident {reference!r}", hint="`answerable incident list --all` names them"
            )
        return (exact or found)[0]

    async def found(self, tenant: str, passages: Sequence[Passage]) -> list[Passage]:
        """Those that no incident is about."""
        blocks = await self.posted.blocks(tenant)
        return [one for one in passages if blocks.said(one.chunk.text, (one.chunk.document_id,)) is None]

    async def seen(self, *, tenant: str, incident: Incident) -> list[Exposure]:
        """Every stored answer that it touches, newest first."""
        return await self.incidents.seen(tenant=tenant, incident=incident, matches=_matcher(incident))

    async def stored(self, tenant: str, record: dict[str, Any]) -> dict[str, Any]:
        """An answer object as it is, or of one that is blocked the frame with the incident's message."""
        found = (await self.posted.blocks(tenant)).stored(record)
        if found is None:
            return record
        language = str(record.get("language") or "")
        steps = self.non_answers.ways(Outcome.ESCALATED, language)
        return {
            **record,
            "claims": [],
            "sources": [],
            "conditions": [],
            "conflicts": [],
            "text": self._guard.message(found, language),
            "outcome": Outcome.ESCALATED.value,
            "confidence": {"level": "none", "why": []},
            "next_steps": [{"kind": one.kind, "label": one.label, "target": one.target} for one in steps],
        }

    async def shown(self, tenant: str, texts: Sequence[str]) -> list[str]:
        """Those of the texts that no incident is about."""
        blocks = await self.posted.blocks(tenant)
        return [one for one in texts if blocks.asked(one) is None]

    async def close_down(self) -> None:
        """Stop reading."""
        await self.posted.close()

    def _tell(self, name: str, tenant: str, one: Incident, by: str) -> None:
        self.posted.forget()
        props = {"incident": one.id, "kind": one.kind.value, "value": one.value[:300], "by": by[:300]}
        self.happenings.write(Happening(name=name, tenant=tenant, props=props))


def _check(kind: Blocked, value: str, message: Mapping[str, str]) -> None:
    if not value.strip() or len(value) > 2000:
        raise ConfigError("an incident blocks something of 1 to 2000 characters", hint="--block topic 'a|b'")
    if kind is Blocked.TOPIC:
        try:
            Phrases(value)
        except ValueError as exc:
            raise ConfigError(f"the topic {value!r} has no word", hint="--block topic 'battery recall'") from exc
    for text in message.values():
        if len(text) > MESSAGE_CHARS:
            raise ConfigError(f"a message has more than {MESSAGE_CHARS} characters")


def _matcher(incident: Incident) -> Callable[[str], bool]:
    if incident.kind is not Blocked.TOPIC:
        return lambda text: False
    phrases = Phrases(incident.value)
    return lambda text: phrases.within(folded(text))
