"""What must never come out: pages of a tenant that the asker is not of, told by a word that nothing else has."""

from __future__ import annotations

from answerable.core.document import Chunk, Document
from answerable.core.passage import Passage

TENANT = "fault-drill-foreign"
MARK = "ZQFOREIGN7"


def foreign_passages(like: str) -> list[Passage]:
    """Passages of the foreign tenant that seem to answer anything: each sentence has the question's own words."""
    text = f"{MARK} says of this: {like.rstrip('?!. ')} is 4711 {MARK}."
    document = Document(source="foreign", uri="foreign.md", title=MARK, text=text, tenant=TENANT)
    chunk = Chunk(document_id=document.id, start=0, end=len(text), text=text, headings=(MARK,), tokens=20)
    return [
        Passage(
            chunk=chunk,
            score=1.0,
            found_by=("dense", "lexical"),
            scores={"dense": 1.0, "lexical": 99.0},
            title=MARK,
            uri=document.uri,
            source=document.source,
        )
    ]
