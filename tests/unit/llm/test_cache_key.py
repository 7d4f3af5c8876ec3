"""Every ingredient of a reply's key changes it, and nothing that is left to chance does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.answer.rendering import Renderer
from answerable.core.document import Chunk
from answerable.core.passage import Passage
from answerable.core.prompt import ContextBlock, Rendered
from answerable.core.query import Filter, Principal, Query, Scope, Turn
from answerable.llm.cache_key import Ground, alike_key, make_key, plain_question
from answerable.prompts.collection import load_library

GROUND = Ground(use="answer", models=("main/openai-compatible/m-1", "second/anthropic/m-2"), index="minilm@1")
TODAY = date(2026, 11, 22)


def a_block(n: int, text: str, *, start: int = 0, title: str = "Returns", day: date = TODAY) -> ContextBlock:
    chunk = Chunk(document_id="doc_1", start=start, end=start + len(text), text=text, headings=("Returns", "Time"))
    return ContextBlock(n=n, passage=Passage(chunk=chunk, score=0.5, title=title, updated_at=day))


A, B = a_block(1, "30 days."), a_block(2, "Not worn.", start=9)
QUERY = Query(
    text="Can I return shoes?",
    tenant="acme",
    language="en",
    principal=Principal(id="p1", groups=("public", "staff")),
    filter=Filter(sources=("docs",), meta={"region": "eu"}),
)
RENDERER = Renderer(prompt=load_library("answer"), scope="A shop.")


def rendered(renderer: Renderer = RENDERER, query: Query = QUERY, *, today: date = TODAY) -> Rendered:
    return renderer.render(query, (A, B), weights={}, today=today)


BASE = rendered()
SCOPE = QUERY.scope


def with_filter(changed: Filter) -> Rendered:
    return replace(BASE, scope=replace(SCOPE, filter=changed))


def with_first(block: ContextBlock) -> Rendered:
    return replace(BASE, blocks=(block, B))


OTHERS = {
    "tenant": replace(BASE, scope=replace(SCOPE, tenant="other")),
    "fewer groups": replace(BASE, scope=replace(SCOPE, groups=("public",))),
    "more groups": replace(BASE, scope=replace(SCOPE, groups=("public", "staff", "board"))),
    "status": with_filter(replace(SCOPE.filter, status=("draft",))),
    "sources": with_filter(replace(SCOPE.filter, sources=("wiki",))),
    "languages": with_filter(replace(SCOPE.filter, languages=("en",))),
    "documents": with_filter(replace(SCOPE.filter, documents=("doc_1",))),
    "metadata": with_filter(replace(SCOPE.filter, meta={"region": "us"})),
    "language": replace(BASE, language="de"),
    "prompt file": replace(BASE, sha256="0" * 64),
    "prompt version": replace(BASE, version="9.9.9"),
    "project's scope": rendered(replace(RENDERER, scope="A bank.")),
    "temperature": replace(BASE, temperature=0.2),
    "length": replace(BASE, max_output_tokens=401),
    "question": replace(BASE, question="Can't I return shoes?"),
    "case": replace(BASE, question="Can I return SHOES?"),
    "order of passages": replace(BASE, blocks=(replace(B, n=1), replace(A, n=2))),
    "fewer passages": replace(BASE, blocks=(A,)),
    "text of a passage": with_first(a_block(1, "31 days.")),
    "place of a passage": with_first(a_block(1, "30 days.", start=40)),
    "title": with_first(a_block(1, "30 days.", title="Old returns")),
    "date of a passage": with_first(a_block(1, "30 days.", day=date(2025, 1, 1))),
}
GROUNDS = {
    "models": replace(GROUND, models=GROUND.models[:1]),
    "order of models": replace(GROUND, models=GROUND.models[::-1]),
    "use": replace(GROUND, use="summary"),
    "embedding model": replace(GROUND, index="minilm@2"),
}


def exact(one: Rendered, ground: Ground = GROUND) -> str:
    key = make_key(one, ground)
    assert key is not None
    return key.exact


@pytest.mark.parametrize("what", OTHERS)
def test_another_request_has_another_key(what: str) -> None:
    assert exact(OTHERS[what]) != exact(BASE)


@pytest.mark.parametrize("what", GROUNDS)
def test_another_ground_has_another_key(what: str) -> None:
    assert exact(BASE, GROUNDS[what]) != exact(BASE)
    assert make_key(BASE, GROUNDS[what]).question != make_key(BASE, GROUND).question  # type: ignore[union-attr]
    assert alike_key(BASE, GROUNDS[what], "m") != alike_key(BASE, GROUND, "m")


def test_no_two_requests_share_a_key() -> None:
    keys = [exact(BASE), *(exact(one) for one in OTHERS.values()), *(exact(BASE, one) for one in GROUNDS.values())]
    assert len(set(keys)) == len(keys) == 1 + len(OTHERS) + len(GROUNDS)


def test_a_fence_and_a_canary_of_their_own_change_nothing() -> None:
    again = rendered()
    assert (again.canary, again.boundary, again.system) != (BASE.canary, BASE.boundary, BASE.system)
    assert make_key(again, GROUND) == make_key(BASE, GROUND)


def test_who_asks_with_which_credential_and_in_which_order_groups_are_named_changes_nothing() -> None:
    groups = replace(BASE, scope=replace(SCOPE, groups=("staff", "public", "staff")))
    other = replace(BASE, principal="p2", key="tk_2", use="answer", weights={"shoe": 2.0})
    assert make_key(groups, GROUND) == make_key(BASE, GROUND) == make_key(other, GROUND)


def test_the_day_counts_where_the_prompt_shows_it() -> None:
    shown = "today" in RENDERER.prompt.names
    assert (exact(rendered(today=date(2026, 11, 23))) != exact(BASE)) is shown


def test_the_key_of_the_question_covers_all_but_the_passages() -> None:
    key = make_key(BASE, GROUND)
    assert key is not None
    of_passages = {"order of passages", "fewer passages", "text of a passage", "place of a passage", "title"}
    for what, other in OTHERS.items():
        same = make_key(other, GROUND).question == key.question  # type: ignore[union-attr]
        assert same is (what in of_passages | {"date of a passage"}), what
    bare = make_key(replace(BASE, blocks=()), GROUND)
    assert bare is not None
    assert bare.question == key.question


def test_a_prompt_that_is_nobodys_or_tells_not_what_it_is_made_of_has_no_key() -> None:
    assert make_key(replace(BASE, scope=None), GROUND) is None
    assert make_key(replace(BASE, basis=""), GROUND) is None


def test_nothing_of_the_question_can_be_read_in_a_key() -> None:
    key = make_key(BASE, GROUND)
    assert key is not None
    assert all(len(one) == 64 and set(one) <= set("0123456789abcdef") for one in (key.exact, key.question))


@given(st.text(max_size=40))
def test_a_question_is_the_same_in_any_width_of_blanks(text: str) -> None:
    plain = plain_question(text)
    assert plain_question(plain) == plain
    assert plain_question(f"  {text}\n") == plain
    assert not any(char.isspace() and char != " " for char in plain)


SCOPES = st.builds(
    Scope,
    tenant=st.sampled_from(["a", "b", "a,b"]),
    groups=st.lists(st.sampled_from(["x", "y", "x,y", '"x'])).map(tuple),
    filter=st.builds(Filter, sources=st.lists(st.sampled_from(["s", "t", "s,t"]), max_size=2).map(tuple)),
)


@given(SCOPES, SCOPES)
def test_two_scopes_share_a_key_only_where_they_allow_the_same(one: Scope, other: Scope) -> None:
    def allowed(scope: Scope) -> tuple[str, set[str], list[str]]:
        return scope.tenant, set(scope.groups), sorted(scope.filter.sources)

    same = exact(replace(BASE, scope=one)) == exact(replace(BASE, scope=other))
    assert same is (allowed(one) == allowed(other))


def test_a_follow_up_in_another_conversation_is_another_question() -> None:
    def key(*history: Turn) -> str:
        query = Query(text="And for laptops?", tenant="acme", history=history)
        prompt = RENDERER.render(query, (), weights={}, today=date(2026, 11, 22))
        made = make_key(prompt, GROUND)
        assert made is not None
        return made.question

    said = [Turn(role="user", text=text) for text in ("How long is the warranty?", "What does shipping cost?")]
    assert len({key(), key(said[0]), key(said[1])}) == 3
    assert key(said[0]) == key(said[0])
