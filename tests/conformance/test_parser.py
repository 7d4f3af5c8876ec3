"""Every parser keeps the parser's contract."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from answerable.adapters.parsers.chat import ChatParser
from answerable.adapters.parsers.csv import CsvParser
from answerable.adapters.parsers.docx import DocxParser
from answerable.adapters.parsers.html import HtmlParser
from answerable.adapters.parsers.mail import MailParser
from answerable.adapters.parsers.markdown import MarkdownParser
from answerable.adapters.parsers.pdf import PdfParser
from answerable.adapters.parsers.registry import all_parsers
from answerable.adapters.parsers.rst import RstParser
from answerable.adapters.parsers.text import TextParser
from answerable.core.ports import Parser
from answerable.testing import files
from answerable.testing.parser import ParserContract, Sample

MARKDOWN = Sample(
    uri="policies/returns.md",
    title="Returns policy",
    media_type="text/markdown",
    updated=date(2026, 5, 2),
    data="""---
title: Returns policy
updated: 2026-05-02
---
# Returns

Send it back within *30 days*,\nsee [the form](https://example.com/form) or [write](mailto:help@example.com).

## Limits

| Item | Days |
|------|-----:|
| Sale | 17   |

1. Pack it
   - in its box
2. Send it

```python
x  =  1  # kept
```

<!-- secret -->
<div style="display:none">

Hidden words

</div>

> Cafe\u0301 &amp; bar\u200b ~~gone~~
""".encode(),
    says=(
        "Send it back within 30 days, see the form or write (help@example.com).",
        "Item | Days\nSale | 17",
        "1. Pack it\n   - in its box\n2. Send it",
        "x  =  1  # kept",
        "Café & bar",
    ),
    hides=("secret", "Hidden words", "gone", "](", "example.com/form", "**", "```", "<div"),
    headings=(("Returns",), ("Returns", "Limits")),
    kinds=("paragraph", "table", "list", "code", "quote"),
)

HTML = Sample(
    uri="products/hub.html",
    title="Hearth Hub",
    media_type="text/html",
    updated=date(2026, 1, 9),
    data="""<!doctype html><html><head><title>Hearth Hub - TechCorp Help</title>
<meta name="updated" content="2026-01-09"><style>p {color: red}</style></head>
<body><nav>Home Shop</nav><header>Site header</header><aside>Buy more</aside>
<main><h1>Hearth Hub<a class="headerlink" href="#x">\u00b6</a></h1>
<p>Works from 100&nbsp;to 240 V, 10<sup>6</sup> times.<br>Ask <a href="mailto:hub@example.com">us</a>.</p>
<h2>Data</h2>
<table><caption>Sizes</caption><tr><th>Part</th><th>Size</th></tr>
<tr><td rowspan="2">Box</td><td>3 cm</td></tr><tr><td>4 <b>cm</b></td></tr></table>
<ul><li>One<ul><li>Inner</li></ul></li><li hidden>Ghost</li></ul>
<dl><dt>Zigbee</dt><dd>A radio</dd></dl>
<pre>a  b
 c</pre>
<p style="display: none">Ignore all</p><p style="color:#FFF">White words</p><!-- note -->
<script>alert(1)</script></main><footer>Imprint</footer></body></html>""".encode(),
    says=(
        "Works from 100 to 240 V, 10⁶ times.\nAsk us (hub@example.com).",
        "Sizes\nPart | Size\nBox | 3 cm\nBox | 4 cm",
        "- One\n  - Inner",
        "- Zigbee: A radio",
        "a  b\n c",
    ),
    hides=(
        "Home",
        "Site header",
        "Buy more",
        "¶",
        "Ghost",
        "Ignore all",
        "White words",
        "note",
        "alert",
        "Imprint",
    ),
    headings=(("Hearth Hub",), ("Hearth Hub", "Data")),
    kinds=("paragraph", "table", "list", "code"),
)

TEXT = Sample(
    uri="shipping/air.txt",
    title="Batteries in parcels",
    media_type="text/plain",
    data="""Batteries in parcels

Laptops and phones hold lithium batteries. Carriers have rules for\r
them, and these rules change what we can send.

What we send

Loose batteries are never sent by air. Devices with a battery are sent to all countries:
* laptops
* phones, also those
  with two batteries
""".encode("utf-16"),
    says=(
        "Carriers have rules for them, and these rules",
        "Loose batteries are never sent by air.",
        "- laptops\n- phones, also those with two batteries",
    ),
    headings=(("Batteries in parcels",), ("Batteries in parcels", "What we send")),
    kinds=("paragraph", "list"),
)

RST = Sample(
    uri="guide/setup.rst",
    title="Getting started",
    media_type="text/x-rst",
    data=b"""
.. _setup:

===============
Getting started
===============

Read the :ref:`first guide <guide>` and ``run`` it, see `Python <https://python.org>`_.

.. note:: Use a *virtual* environment.

Steps
-----

#. Clone
#. Build::

       make  all

.. toctree::
   :maxdepth: 2

   hidden/page

=====  =====
A      B
=====  =====
one    two
=====  =====
""",
    says=(
        "Read the first guide and run it, see Python.",
        "Note: Use a virtual environment.",
        "1. Clone\n2. Build:",
        "make  all",
        "A | B\none | two",
    ),
    hides=("_setup", "ref:", "``", "hidden/page", "maxdepth", "toctree", "===", "::"),
    headings=(("Getting started",), ("Getting started", "Steps")),
    kinds=("paragraph", "list", "table"),
)

CSV = Sample(
    uri="data/error-codes.csv",
    title="Error codes",
    media_type="text/csv",
    data='code;first_step;note\nE-104;Clean the contacts;\nE-217;"Hold; then\nwait";12 s\n'.encode("cp1252"),
    says=("code: E-104; first step: Clean the contacts\ncode: E-217; first step: Hold; then wait; note: 12 s",),
    kinds=("table",),
)

MAIL = Sample(
    uri="mail/seal.eml",
    title="Re: The seal was open",
    media_type="message/rfc822",
    updated=date(2026, 8, 18),
    data=b"""From: Marek <marek@example.com>
To: Lena <lena@example.com>
Subject: =?utf-8?q?Re=3A_The_seal_was_open?=
Date: Tue, 18 Aug 2026 16:12:07 +0200
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=cut

--cut
Content-Type: multipart/alternative; boundary=in

--in
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Hello Lena,

a broken seal counts as a delivery fault. The caf=E9 voucher:

* is yours

Kind regards
Marek

On Mon, 17 Aug 2026 at 21:02, Lena <lena@example.com> wrote:
> The strip was torn.
>> Is it closed?
--in
Content-Type: text/html

<p>Other words</p>
--in--
--cut
Content-Type: application/pdf
Content-Disposition: attachment; filename="label.pdf"
Content-Transfer-Encoding: base64

JVBERi0=
--cut--
""",
    says=(
        "Hello Lena,",
        "The café voucher:",
        "- is yours",
        "Kind regards\nMarek",
        "The strip was torn.",
        "Is it closed?",
    ),
    hides=("Other words", "JVBERi0", "\n>", "=E9"),
    kinds=("paragraph", "list", "signature", "quote"),
)

CHAT = Sample(
    uri="chats/gift.json",
    title="A gift",
    media_type="application/json",
    updated=date(2026, 11, 20),
    data=b"""{"title": "A gift", "channel": "live chat", "messages": [
{"speaker": "customer", "time": "2026-11-20T18:41:05Z", "text": "Who can return it?"},
{"user": "U1", "ts": "1795200000.000200", "text": "She can, see <https://example.com|the page>."}]}""",
    says=("customer: Who can return it?", "U1: She can, see the page."),
    hides=("https",),
    kinds=("message",),
)

DOCX = Sample(
    uri="policies/trade-in.docx",
    title="Trade-in",
    media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    data=files.docx(
        '<w:p><w:pPr><w:outlineLvl w:val="0"/></w:pPr><w:r><w:t>Trade-in</w:t></w:r></w:p>'
        '<w:p><w:r><w:t xml:space="preserve">Give us your </w:t></w:r>'
        "<w:ins><w:r><w:t>old phone</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:rPr><w:vanish/></w:rPr><w:t>ghost</w:t></w:r>"
        "<w:r><w:t>.</w:t></w:r></w:p>"
        '<w:sdt><w:sdtContent><w:p><w:pPr><w:outlineLvl w:val="1"/></w:pPr><w:r><w:t>Values</w:t></w:r></w:p>'
        "</w:sdtContent></w:sdt>"
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Good</w:t></w:r></w:p></w:tc>"
        "<w:tc><w:p><w:r><w:t>80 %</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
        '<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>'
        "<w:r><w:t>Erase it</w:t></w:r></w:p>"
    ),
    says=("Give us your old phone.", "Good | 80 %", "- Erase it"),
    hides=("gone", "ghost"),
    headings=(("Trade-in",), ("Trade-in", "Values")),
    kinds=("paragraph", "table", "list"),
)

_PAGE = "TechCare plan, page "
PDF = Sample(
    uri="warranty/plan.pdf",
    title="TechCare plan",
    media_type="application/pdf",
    data=files.pdf(
        [
            [
                (_PAGE + "1", 8, 72, 30),
                ("TechCare plan", 20, 72, 760),
                ("The plan starts where the limited warranty ends and adds acci-", 10, 72, 730),
                ("dent cover.", 10, 72, 718),
                ("Prices", 14, 72, 690),
                ("Phones", 10, 75, 655),
                ("$59", 10, 205, 655),
                ("Laptops", 10, 75, 635),
                ("$99", 10, 205, 635),
                ("\u2022 Keep the receipt.", 10, 72, 600),
                ("invisible", 1, 72, 560),
            ],
            [(_PAGE + "2", 8, 72, 30), ("Cancel within 30 days.", 10, 72, 760)],
        ],
        title="TechCare plan",
        rules="".join(f"{x} 630 m {x} 670 l S\n" for x in (72, 200, 300))
        + "".join(f"72 {y} m 300 {y} l S\n" for y in (630, 650, 670)),
    ),
    says=(
        "limited warranty ends and adds accident cover.",
        "Phones | $59\nLaptops | $99",
        "- Keep the receipt.",
        "Cancel within",
    ),
    hides=(_PAGE, "invisible"),
    headings=(("TechCare plan",), ("TechCare plan", "Prices")),
    kinds=("paragraph", "table", "list"),
)


def _contract(name: str, make: Callable[[], Parser], of: Sample) -> type[ParserContract]:
    class _Contract(ParserContract):
        @pytest.fixture
        def parser(self) -> Parser:
            return make()

        @pytest.fixture
        def sample(self) -> Sample:
            return of

    _Contract.__name__ = _Contract.__qualname__ = name
    return _Contract


TestMarkdown = _contract("TestMarkdown", MarkdownParser, MARKDOWN)
TestHtml = _contract("TestHtml", HtmlParser, HTML)
TestText = _contract("TestText", TextParser, TEXT)
TestRst = _contract("TestRst", RstParser, RST)
TestCsv = _contract("TestCsv", CsvParser, CSV)
TestMail = _contract("TestMail", MailParser, MAIL)
TestChat = _contract("TestChat", ChatParser, CHAT)
TestDocx = _contract("TestDocx", DocxParser, DOCX)
TestPdf = _contract("TestPdf", PdfParser, PDF)
TestAllParsers = _contract("TestAllParsers", all_parsers, MARKDOWN)
TestAllParsersOnBytes = _contract("TestAllParsersOnBytes", all_parsers, PDF)
