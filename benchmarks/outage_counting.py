"""Which events of given answers are in the log, counted by the answer's id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
from asking import Told
from psycopg import sql

from answerable.app.database import open_server
from answerable.app.project import Project

ENDS = ("answer.shown", "answer.abstained")
PATIENCE_MS = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """`answers` got an id; each should have one question.asked and one end. `lost`: events that are not there."""

    answers: int
    events: int
    lost: int
    twice: int

    def row(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)


async def count_events(folder: Path, told: Sequence[Told]) -> Counted:
    """Of the answers whose ids clients have seen."""
    ids = sorted({one.answer_id for one in told if one.answer_id})
    async with (
        open_server(Project.open(folder / "answerable.toml")) as server,
        await psycopg.AsyncConnection.connect(server.owner_url) as conn,
    ):
        await conn.execute(sql.SQL("SET lock_timeout = {}").format(PATIENCE_MS))
        query = sql.SQL("SELECT answer, name, count(*) FROM {} WHERE answer = ANY(%s) GROUP BY 1, 2")
        table = sql.Identifier(server.schema, "event")
        rows = await (await conn.execute(query.format(table), (ids,))).fetchall()
    asked = {row[0]: row[2] for row in rows if row[1] == "question.asked"}
    ended: dict[str, int] = {}
    for answer, name, count in rows:
        if name in ENDS:
            ended[answer] = ended.get(answer, 0) + count
    return Counted(
        answers=len(ids),
        events=sum(row[2] for row in rows),
        lost=sum((one not in asked) + (one not in ended) for one in ids),
        twice=sum(count - 1 for there in (asked, ended) for count in there.values()),
    )


def waiting_files(folder: Path) -> int:
    """Batches of events on disk that wait for the database."""
    return sum(1 for one in folder.rglob("*.jsonl") if "events" in one.parts and "rejected" not in one.parts)
