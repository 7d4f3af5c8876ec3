"""Pseudonyms of persons: a keyed hash whose key changes, so that after a while nobody can tell who it was.

HMAC-SHA-256 (RFC 2104), cut to 128 bits, of tenant and person under the key of the time of what happened.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from answerable.core.event import Event, event_id_of
from answerable.core.event_names import LINKED
from answerable.core.person_key import PersonKey, Rotation

BYTES = 16
_MARK = "\x1f"  # parts the tenant from the person: no name has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Pseudonyms:
    """The keys that there are, by their first moment. `pepper` is a secret that the database does not have."""

    rotation: Rotation
    keys: Mapping[datetime, PersonKey] = field(default_factory=dict)
    pepper: bytes = field(default=b"", repr=False)

    @classmethod
    def over(cls, rotation: Rotation, keys: Iterable[PersonKey], pepper: bytes = b"") -> Pseudonyms:
        """From the keys as they are stored."""
        return cls(rotation=rotation, keys={one.starts: one for one in keys}, pepper=pepper)

    def of(self, tenant: str, person: str, at: datetime) -> bytes | None:
        """The person's pseudonym at a moment; None where there is no key for it."""
        key = self.keys.get(self.rotation.span(at)[0])
        return None if key is None else self._hashed(key, tenant, person)

    def link(self, tenant: str, person: str, at: datetime) -> Event | None:
        """That the pseudonym is the same person's as the one before; None where there is no key of before.

        It is one event, however often it is told. It says so to whoever makes tasks: `links_of`.
        """
        starts = self.rotation.span(at)[0]
        own = self.of(tenant, person, at)
        before = max((one for one in self.keys if one < starts), default=None)
        if own is None or before is None:
            return None
        earlier = self._hashed(self.keys[before], tenant, person).hex()
        made = event_id_of(starts, tenant, LINKED, own.hex(), earlier)
        return Event(name=LINKED, tenant=tenant, at=starts, id=made, person=own, props={"earlier": earlier})

    def every(self, tenant: str, person: str) -> list[bytes]:
        """Under every key that there is: where the person can still be found."""
        return [self._hashed(self.keys[one], tenant, person) for one in sorted(self.keys)]

    def _hashed(self, key: PersonKey, tenant: str, person: str) -> bytes:
        secret = hmac.digest(self.pepper, key.secret, "sha256") if self.pepper else key.secret
        return hmac.digest(secret, f"{tenant}{_MARK}{person}".encode(), "sha256")[:BYTES]


def links_of(events: Iterable[Event]) -> dict[bytes, bytes]:
    """From each pseudonym to the one before it, of events `person.linked`."""
    return {
        one.person: bytes.fromhex(str(one.props["earlier"]))
        for one in events
        if one.name == LINKED and one.person is not None
    }


def first_known(person: bytes, links: Mapping[bytes, bytes]) -> bytes:
    """The earliest pseudonym of the same person: equal for two where they are one."""
    seen = {person}
    while (before := links.get(person)) is not None and before not in seen:
        person = before
        seen.add(person)
    return person
