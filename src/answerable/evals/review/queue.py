"""What somebody reads next: their own seats and free ones; for an adjudicator, what others differ on."""

from __future__ import annotations

from collections.abc import Sequence

from answerable.core.review import Hold, Role
from answerable.evals.review.seats import ANYBODY
from answerable.evals.review.verdicts import Dossier


def open_for(reader: str, files: Sequence[Dossier], holds: Sequence[Hold], *, role: Role) -> list[Dossier]:
    """The items that somebody may open now, in the order in which they should; what they have open comes first."""
    mine = {one.item for one in holds if one.reader == reader and one.role is role}
    wanted = _to_decide if role is Role.ADJUDICATOR else _to_read
    found = [one for one in files if wanted(one, reader)]
    return sorted(found, key=lambda one: one.item.id not in mine)


def seats_of(file: Dossier, role: Role) -> int:
    """How many may read it in this role."""
    return 1 if role is Role.ADJUDICATOR else len(file.item.seats)


def due_by_reader(files: Sequence[Dossier]) -> dict[str, tuple[int, int]]:
    """Reader → (seats read, seats assigned); free seats under the empty name, read once somebody took them."""
    found: dict[str, tuple[int, int]] = {}
    for file in files:
        readers = [one.reader for one in file.readings]
        guests = [one for one in readers if one not in file.item.seats]
        for seat in file.item.seats:
            done = seat in readers if seat else bool(guests and guests.pop())
            read, due = found.get(seat, (0, 0))
            found[seat] = (read + done, due + 1)
    return found


def _to_read(file: Dossier, reader: str) -> bool:
    if any(one.reader == reader for one in file.readings):
        return False
    return reader in file.item.seats or (ANYBODY in file.item.seats and not file.complete)


def _to_decide(file: Dossier, reader: str) -> bool:
    """Who read it does not decide."""
    return file.waits_for_decision and all(one.reader != reader for one in file.readings)
