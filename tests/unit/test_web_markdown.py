"""A sentence's tree has five kinds of nodes, loses no word, and leads nowhere but where it may."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from answerable.web.markdown import Links, Node, leads_to, links, nodes, plain, with_nodes
from answerable.web.pages import Look, create_pages
from answerable.web.settings import WebSettings

DOCS = "docs.example.com"
ALLOWED = Links(hosts=frozenset({DOCS}), cited=frozenset({"https://carrier.example/track"}))
PIECES = (*"<>[]()!`\\/&#;:\"' \n*_1a.@%?|~-", "https://evil.example", f"https://{DOCS}/a", "<img ", "](", "![")
REFUSED = (
    "https://evil.example/x",
    "http://evil.example",
    "//docs.example.com/x",
    "/\\docs.example.com",
    "\\\\docs.example.com\\x",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java&#115;cript:alert(1)",
    "data:text/html;base64,PHNjcmlwdD4=",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://docs.example.com/1",
    "mailto:a@docs.example.com",
    "https://docs.example.com@evil.example/",
    "https://user:word@docs.example.com/",
    "https://docs.example.com\\@evil.example/",
    "https://docs.example.com.evil.example/",
    "https://evil.example%2f.docs.example.com/",
    "https://docs.example.com%40evil.example/",
    "https://d\u043ecs.example.com/",  # a Cyrillic o
    "https://docs\u3002example.com/",  # an ideographic full stop
    "https://docs.example.com/\u202ea",
    "https:docs.example.com",
    "https:/docs.example.com/",
    "https:///docs.example.com/",
    "https://docs.example.com:x/",
    "https://[::1]/",
    "https://docs.example.com./",
    "/relative",
    "#anchor",
    "https://carrier.example/track?q=SECRET",
    "https://carrier.example/trac",
)


def walked(tree: Iterable[Node]) -> Iterator[Node]:
    for one in tree:
        yield one
        if isinstance(one, dict):
            yield from walked(child for tag in ("em", "strong", "a") for child in one.get(tag, ()))


def text_of(tree: Iterable[Node]) -> str:
    return "".join(one if isinstance(one, str) else str(one.get("code", "")) for one in walked(tree))


@pytest.mark.parametrize("target", REFUSED)
@pytest.mark.parametrize("form", ["[a]({})", "[a](<{}>)", "<{}>", "![a]({})", "[a]({} 'title')", "[**a**]({})"])
def test_a_link_to_elsewhere_is_text(target: str, form: str) -> None:
    tree = nodes(form.format(target), allowed=ALLOWED)
    assert not [one for one in walked(tree) if isinstance(one, dict) and "a" in one]


def test_the_host_of_a_refused_link_is_shown() -> None:
    assert nodes("See [the form](https://evil.example/x?d=1).") == ["See the form (evil.example)."]
    assert nodes("See [the form](https://ev\u0456l.example/).") == ["See the form (…)."]


def test_a_link_to_an_allowed_host_or_a_cited_address_is_one_and_names_its_host() -> None:
    for target, host in ((f"https://{DOCS}/a?b=c#d", DOCS), ("https://carrier.example/track", "carrier.example")):
        link = {"a": ["form"], "href": target, "host": host}
        assert nodes(f"The [form]({target}) [1].", known=[1], allowed=ALLOWED) == [
            "The ",
            link,
            " ",
            {"cite": 1},
            ".",
        ]


def test_a_host_is_not_vouched_for_by_a_cited_page_of_it() -> None:
    sources = [{"n": 1, "uri": "https://evil.example/page", "quote": "Track at https://carrier.example/track."}]
    allowed = links((), sources)
    assert allowed.allows("https://evil.example/page")
    assert allowed.allows("https://carrier.example/track")
    assert not allowed.allows("https://evil.example/page?d=SECRET")
    assert not allowed.allows("https://evil.example/other")


def test_the_allowed_kinds_and_markup_of_others_as_text() -> None:
    assert nodes("*a* **b** `c` [1] [2]", known=[1]) == [
        {"em": ["a"]}, " ", {"strong": ["b"]}, " ", {"code": "c"}, " ", {"cite": 1}, " [2]",
    ]  # fmt: skip
    assert nodes("![chart](/files/a.png)") == ["chart"]
    for text in ("<script>alert(1)</script>", "<img src=x onerror=y>", "[a][r]", "&lt;b&gt;", "| a | b |", "# h"):
        assert nodes(text) == [text]


def test_an_image_never_is_one_and_a_citation_never_is_in_a_link() -> None:
    inner = nodes(f"[![x](https://{DOCS}/i.png) [1]](https://{DOCS}/)", known=[1], allowed=ALLOWED)
    assert text_of(inner).startswith("x ")
    assert {"cite": 1} in inner


def test_citations_of_no_source_and_of_plain_text() -> None:
    assert plain("A [1], b [7] and [x].", {1}) == ["A ", {"cite": 1}, ", b [7] and [x]."]


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_pieces_in_any_order_make_allowed_kinds_alone_and_links_that_may_be(text: str) -> None:
    for one in walked(nodes(text, known=[1], allowed=ALLOWED)):
        if isinstance(one, str):
            continue
        (kind,) = set(one) - {"href", "host"}
        assert kind in ("em", "strong", "code", "a", "cite")
        if kind == "a":
            assert ALLOWED.allows(one["href"])
            assert leads_to(one["href"], one["host"])


@settings(deadline=None, max_examples=100)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_a_link_of_ours_is_one_for_markdown_as_everybody_reads_it(text: str) -> None:
    """No reading of ours may see a link where CommonMark sees other text, such as code."""
    ours = [one["href"] for one in walked(nodes(text, allowed=ALLOWED)) if isinstance(one, dict) and "a" in one]
    (line,) = MarkdownIt("commonmark", {"html": False}).parseInline(text)
    theirs = [str(child.attrs["href"]) for child in line.children or [] if child.type == "link_open"]
    assert set(ours) <= set(theirs)


def test_a_long_sentence_is_shown_as_it_is() -> None:
    assert nodes("*a* " * 2000) == ["*a* " * 2000]


def test_the_page_without_scripts_draws_the_tree_and_nothing_else() -> None:
    text = f"- *Hi* <b>x</b> [form](https://{DOCS}/a) [bad](https://evil.example/) `<i>` [1]."
    claim = {"span": [0, len(text)], "kind": "fact", "support": "supported", "citations": [1]}
    source = {"n": 1, "title": "<u>T</u>", "section": "", "uri": "a.md", "quote": "", "url": "/sources/d"}
    record = with_nodes(
        {
            "text": text, "claims": [claim], "sources": [source], "outcome": "answered", "language": "en",
            "confidence": {"level": "high", "why": []}, "degraded": [], "next_steps": [], "model": "",
            "prompt": None,
            "timing_ms": {"total": 1.0}, "trace": "t",
        },
        [DOCS],
    )  # fmt: skip
    page = create_pages(WebSettings()).chat(Look(language="en"), question="?", record=record)
    sentence = page[page.index('<span class="sentence') :]
    assert "<em>Hi</em> &lt;b&gt;x&lt;/b&gt; " in sentence
    assert f'<a href="https://{DOCS}/a" rel="noopener noreferrer nofollow">form</a> ({DOCS})' in sentence
    assert "bad (evil.example) <code>&lt;i&gt;</code>" in sentence
    assert '<a class="cite" href="/sources/d" aria-label="' in sentence
    assert '&lt;u&gt;T&lt;/u&gt;">1</a>.' in sentence
    broken = {
        **record,
        "claims": [{**claim, "nodes": [{"a": ["x"], "href": "javascript:1", "host": DOCS}, {"b": 1}]}],
    }
    page = create_pages(WebSettings()).chat(Look(language="en"), question="?", record=broken)
    assert "javascript:" not in page
