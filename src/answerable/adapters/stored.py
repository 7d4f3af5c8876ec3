"""What every store does alike: refuse what cannot be kept, pick a document by reference, form passages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from answerable.core.document import CORPUS_ONLY, Chunk, Document
from answerable.core.errors import ModelMismatch, NotFound, ParseError
from answerable.core.passage import Passage
from answerable.core.ports import DocumentView, EmbeddingModel, Vectors


def check_storable(
    document: Document,
    chunks: Sequence[Chunk],
    vectors: Vectors,
    model: EmbeddingModel,
    tokens: Sequence[bytes] = (),
) -> None:
    """Raise ModelMismatch unless there is a vector of the model's dimension for each chunk, and a code for each or
    for none; ParseError for text that is not Unicode text: a NUL or half a surrogate pair."""
    if vectors.shape != (len(chunks), model.dim):
        raise ModelMismatch(
            f"{len(chunks)} chunks of {model.dim} dimensions need vectors of that shape, not {vectors.shape}"
        )
    if len(tokens) not in (0, len(chunks)):
        raise ModelMismatch(f"{len(chunks)} chunks need as many token codes or none, not {len(tokens)}")
    for text in (document.text, document.title, document.uri):
        if "\0" in text or not _encodable(text):
            raise ParseError(
                f"{document.uri!r} holds a NUL or half a character",
                hint="save the file as UTF-8 text",
                reason="malformed",
            )


def mismatch(held: str, model: EmbeddingModel) -> ModelMismatch:
    """The error for vectors of `model` in an index that holds another's."""
    return ModelMismatch(
        f"the index holds vectors of {held}, these are of {model.key}",
        hint="re-embed the whole index, or set the embedding model back",
    )


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def select_document(found: Iterable[tuple[str, str]], reference: str) -> str:
    """The id among (id, uri) pairs that the reference means: an id, else a uri, else a unique prefix of an id.

    Raises NotFound when it means none or several.
    """
    pairs = list(found)
    exact = [one for one, _ in pairs if one == reference] or [one for one, uri in pairs if uri == reference]
    matches = exact or [one for one, _ in pairs if reference and one.startswith(reference)]
    if len(matches) == 1:
        return matches[0]
    hint = "give more of the id" if matches else "list the documents to see their ids"
    raise NotFound(f"{'several documents match' if matches else 'no document'} {reference!r}", hint=hint)


def passage(document: Document, chunk: Chunk, *, version: int, arm: str = "", score: float = 0.0) -> Passage:
    """The chunk as one arm of the search found it; without an arm, as it is."""
    return Passage(
        chunk=chunk,
        score=score,
        found_by=(arm,) if arm else (),
        scores={arm: score} if arm else {},
        title=document.title,
        uri=document.uri,
        source=document.source,
        language=document.language,
        updated_at=document.updated_at,
        review_by=document.review_by,
        trust=document.trust,
        version=version,
        meta={key: value for key, value in document.meta.items() if key not in CORPUS_ONLY},
    )


def document_view(
    document: Document, chunks: Sequence[Chunk], *, version: int, text: str | None = None
) -> DocumentView:
    """The document with its chunks by level and place; `text` stands in for the document's own."""
    return DocumentView(
        id=document.id,
        uri=document.uri,
        source=document.source,
        title=document.title,
        text=document.text if text is None else text,
        version=version,
        language=document.language,
        status=document.status,
        trust=document.trust,
        owner=document.owner,
        updated_at=document.updated_at.isoformat() if document.updated_at else None,
        review_by=document.review_by.isoformat() if document.review_by else None,
        media_type=document.media_type,
        meta=document.meta,
        chunks=tuple(sorted(chunks, key=lambda chunk: (chunk.level, chunk.start, chunk.end))),
    )
