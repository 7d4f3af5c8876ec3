"""Template payloads are text wherever they stand: a question, a passage, a page of ours."""

from __future__ import annotations

from datetime import date

import pytest

from answerable.answer.rendering import Renderer
from answerable.core.document import Chunk
from answerable.core.passage import Passage
from answerable.core.prompt import ContextBlock
from answerable.core.query import Query
from answerable.evals.redteam.page import to_html
from answerable.evals.redteam.record import RedteamRun, RunHead, TrialRow
from answerable.evals.redteam.summary import summarize
from answerable.prompts.collection import Prompts

PAYLOADS = (
    "{{7*7}}",
    "{{ 7 * 7 }}",
    "{% for x in (1, 2) %}owned{% endfor %}",
    "{% include '/etc/passwd' %}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ config }}",
    "{# comment #}",
    "{{ self }}",
    "{{ boundary }} {{ canary }}",
    "%(system)s {system} {0.__class__}",
    "__import__('os').system('id')",
)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_in_a_value_a_passage_and_a_page_stays_text(payload):
    chunk = Chunk(document_id="d", start=0, end=len(payload), text=payload)
    blocks = [ContextBlock(n=1, passage=Passage(chunk=chunk, score=1.0, title=payload))]
    made = Renderer(prompt=Prompts().get("answer")).render(
        Query(text=payload, tenant="t", language="en"), blocks, weights={}, today=date(2026, 11, 23)
    )
    assert made.user.count(payload) >= 2
    assert payload not in made.system

    head = RunHead(id="rt_1", at="2026-11-23", target=payload, detectors=True, packs=())
    row = TrialRow(
        id="x", pack="p", family="direct", surface="question", language="en", form="plain", position="",
        outcome="answered", breaches=("goal",), question=payload, shown=payload,
    )  # fmt: skip
    page = to_html(summarize(RedteamRun(head=head, rows=(row,))), project=payload, today=date(2026, 11, 23))
    shown = page.replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">")
    assert shown.count(payload) >= 4
