"""From readings to verdicts: what counts of what was said, where two readers differ, and who decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from answerable.core.evaluation import Answered
from answerable.core.review import Item, Reading, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """An item with what counts of what was said of it."""

    item: Item
    readings: tuple[Reading, ...]  # the latest of each reader, none withdrawn, oldest first
    decision: Reading | None = None  # the adjudicator's

    @property
    def complete(self) -> bool:
        """Read by as many as it has seats for."""
        return len(self.readings) >= len(self.item.seats)

    @property
    def disputed(self) -> tuple[str, ...]:
        """Criteria on which its readers differ, in their order, whether somebody has decided or not."""
        names = dict.fromkeys(name for one in self.readings for name in one.verdicts)
        return tuple(name for name in names if len(set(self.said(name).values())) > 1)

    @property
    def waits_for_decision(self) -> bool:
        """Whether an adjudicator is wanted."""
        return self.complete and bool(self.disputed) and self.decision is None

    def said(self, criterion: str) -> dict[str, Answered]:
        """Reader → verdict."""
        return {one.reader: one.verdicts[criterion] for one in self.readings if criterion in one.verdicts}

    def verdict(self, criterion: str) -> Answered | None:
        """The adjudicator's word, else what its readers agree on; None until it is read and settled."""
        if self.decision is not None and criterion in self.decision.verdicts:
            return self.decision.verdicts[criterion]
        said = set(self.said(criterion).values())
        return said.pop() if self.complete and len(said) == 1 else None

    @property
    def severity(self) -> str:
        """The worst that somebody saw in it, S1 to S4, or nothing; the adjudicator's word where there is one."""
        seen = [self.decision] if self.decision else self.readings
        return min((one.severity for one in seen if one.severity), default="")


def dossiers(items: Iterable[Item], readings: Sequence[Reading]) -> list[Dossier]:
    """One an item, in the items' order, from all that was ever said (oldest first)."""
    latest: dict[tuple[str, str, Role], Reading] = {}
    for one in readings:
        latest.pop((one.item, one.reader, one.role), None)  # the newest word is also the newest in order
        latest[one.item, one.reader, one.role] = one
    standing: dict[str, list[Reading]] = {}
    for one in latest.values():
        if not one.withdrawn:
            standing.setdefault(one.item, []).append(one)
    return [_dossier(item, standing) for item in items]


def _dossier(item: Item, standing: Mapping[str, Sequence[Reading]]) -> Dossier:
    own = standing.get(item.id, ())
    decisions = [one for one in own if one.role is Role.ADJUDICATOR]
    return Dossier(
        item=item,
        readings=tuple(one for one in own if one.role is Role.READER),
        decision=decisions[-1] if decisions else None,
    )
