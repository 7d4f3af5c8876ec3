"""Facets carry a scope exactly."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from answerable.adapters.stores.facets import conditions, facet, facets
from answerable.core.query import Filter, Scope

VALUES = st.text(max_size=80)


@given(VALUES, VALUES)
def test_two_values_have_two_words(one: str, other: str):
    assert (facet("acl", one) == facet("acl", other)) == (one == other)


@given(VALUES)
def test_a_word_is_short_plain_and_never_blank(value: str):
    word = facet("source", value)
    assert word.isascii()
    assert not any(letter.isspace() for letter in word)
    assert len(word) <= len("source=") + 64


@given(st.lists(VALUES, max_size=3), st.dictionaries(VALUES, VALUES, max_size=3), st.lists(VALUES, max_size=3))
def test_a_scope_lets_through_what_it_should(acl: list[str], meta: dict[str, str], groups: list[str]):
    held = set(facets(document="doc_1", source="docs", status="published", language="en", acl=acl, meta=meta))
    scope = Scope(tenant="acme", groups=tuple(groups), filter=Filter(sources=("docs", "wiki"), meta=meta))
    let_through = all(not held.isdisjoint(one) for one in conditions(scope))
    assert let_through == (not set(acl).isdisjoint(groups))


def test_every_field_of_a_scope_is_a_condition():
    wanted = Filter(status=("draft",), sources=("a",), languages=("de",), documents=("d",), meta={"k": "v"})
    assert conditions(Scope(tenant="acme", groups=("x", "y"), filter=wanted)) == [
        ["acl=x", "acl=y"],
        ["status=draft"],
        ["source=a"],
        ["language=de"],
        ["document=d"],
        ["meta=k:v"],
    ]
