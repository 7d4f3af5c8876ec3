"""No field of the API is a vector or a raw score: they help to read an index backwards."""

from types import SimpleNamespace

from answerable.adapters.fakes.happenings import MemoryHappenings
from answerable.api import WebSettings, create_api

HIDDEN = ("vector", "embedding", "score", "distance", "logit")


def test_no_field_of_the_api_is_a_vector_or_a_score() -> None:
    system = SimpleNamespace(tokens=None, attempts=None, tolls=None, happenings=MemoryHappenings())
    schemas = create_api(system, WebSettings()).openapi()["components"]["schemas"]
    fields = {name for one in schemas.values() for name in one.get("properties", {})}
    assert len(fields) > 100
    assert [name for name in fields if any(word in name.lower() for word in HIDDEN)] == []
