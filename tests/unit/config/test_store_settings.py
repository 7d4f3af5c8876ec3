"""What [store] refuses."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from answerable.config.store import StoreSection


def test_vectors_lie_in_postgres_unless_told_otherwise():
    assert StoreSection().kind == "pgvector"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "qdrant"}, "needs store.url"),
        ({"kind": "weaviate", "url": "localhost:8080"}, "needs store.url"),
        ({"kind": "pinecone"}, "needs store.api_key"),
        ({"kind": "pinecone", "api_key": "pcsk_bare"}, "does not belong into the file"),
        ({"kind": "milvus"}, "Input should be"),
        ({"prefix": "Über"}, "pattern"),
        ({"collection": "x"}, "Extra inputs"),
    ],
)
def test_what_cannot_work_is_refused(given: dict[str, str], said: str):
    with pytest.raises(ValidationError, match=said):
        StoreSection(**given)
