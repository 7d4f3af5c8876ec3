"""The beginning of a prompt does not change, so that a provider's cache can serve it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.answer.rendering import Renderer
from answerable.core.document import Chunk
from answerable.core.passage import Passage
from answerable.core.prompt import ContextBlock
from answerable.core.query import Principal, Query
from answerable.prompts.collection import load_library
from answerable.prompts.file import parse
from answerable.prompts.render import fixed_chars, render

RENDERER = Renderer(prompt=load_library("answer"), scope="Returns and deliveries.\nNothing else.")
FIRST = RENDERER.render(
    Query(text="How long?", tenant="acme", language="en"), (), weights={}, today=date(2026, 11, 22)
)
CHUNK = Chunk(document_id="d", start=0, end=12, text="Thirty days.")
LINES = st.text(min_size=1, max_size=60)
FILE = """---
id: p
version: 1.0.0
owner: me
purpose: Try it.
inputs: {{{inputs}}}
---
{system}

--- user ---
{{{{ q }}}}
"""


@settings(max_examples=30)
@given(
    question=LINES, tenant=LINES, person=LINES, day=st.dates(), language=st.sampled_from(["en", "de", "ja", ""])
)
def test_the_fixed_part_is_the_same_for_every_question_tenant_person_day_and_language(
    question, tenant, person, day, language
):
    query = Query(text=question, tenant=tenant, principal=Principal(id=person), language=language)
    block = ContextBlock(n=1, passage=Passage(chunk=CHUNK, score=1.0, title=person))
    other = RENDERER.render(query, (block,), weights={}, today=day)
    assert other.fixed_chars == FIRST.fixed_chars
    assert other.system[: other.fixed_chars].encode() == FIRST.system[: FIRST.fixed_chars].encode()


def test_the_fixed_part_holds_all_rules_and_the_projects_scope_and_nothing_of_the_request():
    fixed, rest = FIRST.system[: FIRST.fixed_chars], FIRST.system[FIRST.fixed_chars :]
    assert fixed.endswith("Scope: Returns and deliveries.\nNothing else.")
    assert FIRST.canary in rest
    assert FIRST.canary not in fixed
    assert rest.startswith("\nToday: 2026-11-22\nBoundary: ")
    assert len(rest) < 300


def test_a_request_still_has_a_boundary_and_a_canary_of_its_own():
    again = RENDERER.render(Query(text="How long?", tenant="acme"), (), weights={}, today=date(2026, 11, 22))
    assert again.canary != FIRST.canary
    assert again.user != FIRST.user


@pytest.mark.parametrize(
    ("system", "fixed", "expected"),
    [
        ("All of it.\nReally.", (), "All of it.\nReally."),
        ("Rules.\nAlways {{ a }}.\nNow {{ b }}.", ("a",), "Rules.\nAlways 1."),
        ("Rules.\nAlways {{ a }}.\nNow {{ b }}.", (), "Rules."),
        ("Rules.\n{% if b %}x{% endif %} {{ a }}", ("a",), "Rules."),
        ("{{ b }} first. {{ a }}", ("a",), ""),
        ("Rules. {# why #}{{ a }}{{ b }}", ("a", "b"), ""),
    ],
)
def test_it_ends_before_the_line_of_the_first_value_that_may_change(system, fixed, expected):
    values = {name: value for name, value in {"a": "1", "b": "2"}.items() if f" {name} " in system} | {"q": "?"}
    prompt = parse(
        FILE.format(inputs=", ".join(f"{name}: system" for name in values), system=system), where="test"
    )
    filled, _ = render(prompt, values)
    assert filled[: fixed_chars(prompt, values, fixed=fixed)] == expected
