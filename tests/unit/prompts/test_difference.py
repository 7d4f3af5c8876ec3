"""What differs between two prompts: by meaning, then by line."""

from __future__ import annotations

from answerable.prompts.difference import Changed, bare_differences, differences
from answerable.prompts.file import parse
from answerable.prompts.prompt import Prompt

BEFORE = """---
id: p
version: 1.0.0
owner: Ann
purpose: To answer.
inputs: {question: user, context: document, today: system}
handles:
  empty_context: reply NO_ANSWER
  language: reply in English
change: First.
temperature: 0.1
---
Answer from the sources alone.
It is {{ today }}.

--- user ---
{{ context }}
{{ question }}
"""
AFTER = """---
id: p
version: 1.1.0
owner: Ann
purpose: To answer.
inputs: {question: user, context: operator, scope: operator}
handles:
  empty_context: say so
  multi_step: one by one
change: Second.
---
Answer from the sources alone, and from nothing else at all.
You are for {{ scope }}.

--- user ---
{{ context }}
{{ question }}
"""


def prompt(text: str) -> Prompt:
    return parse(text, where="p.md")


def changed(name: str, before: str, after: str) -> Changed:
    return Changed(name=name, before=before, after=after)


def test_fields_inputs_and_contract_are_told_by_name() -> None:
    found = differences(prompt(BEFORE), prompt(AFTER))
    assert found.fields == (
        changed("version", "1.0.0", "1.1.0"),
        changed("temperature", "0.1", "—"),
        changed("change", "First.", "Second."),
    )
    assert found.inputs == (
        changed("context", "document", "operator"),
        changed("scope", "—", "operator"),
        changed("today", "system", "—"),
    )
    assert found.contract == (
        changed("empty_context", "reply NO_ANSWER", "say so"),
        changed("language", "reply in English", "—"),
        changed("multi_step", "—", "one by one"),
    )


def test_sizes_are_of_both_parts_and_of_what_never_changes() -> None:
    found = differences(prompt(BEFORE), prompt(AFTER))
    assert found.sizes is not None
    before, after = found.sizes
    assert after.fixed > before.fixed > 0
    assert before.whole == before.system + before.user
    assert before.user == after.user


def test_lines_are_a_unified_diff_of_the_two_versions() -> None:
    found = differences(prompt(BEFORE), prompt(AFTER))
    assert found.lines[:2] == ("--- p@1.0.0", "+++ p@1.1.0")
    assert "-Answer from the sources alone." in found.lines
    assert "+You are for {{ scope }}." in found.lines


def test_the_same_text_differs_in_nothing() -> None:
    found = differences(prompt(BEFORE), prompt(BEFORE))
    assert found.none
    assert (found.fields, found.inputs, found.contract, found.lines) == ((), (), (), ())


def test_a_text_that_is_no_prompt_is_compared_line_by_line() -> None:
    found = bare_differences("old\n", BEFORE, names=("p@0.1.0", "p@1.0.0"))
    assert not found.none
    assert found.sizes is None
    assert "-old" in found.lines
