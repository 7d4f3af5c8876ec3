"""What parsers keep of links inside a source, and that it stays small."""

from __future__ import annotations

import json

import pytest

from answerable.adapters.parsers.links import REST, Links
from answerable.adapters.parsers.registry import all_parsers
from answerable.core.document import ANCHORS, CORPUS_ONLY, LINKS_WITHIN
from answerable.core.ports import Raw

MARKDOWN = """# A

[b](b.md#late) [b again](b.md#late) [site](https://x.org) [shop](/shop) [here](#a)

# C {#see}

<a name='old'></a>x
"""
HTML = "<main><h1 id=top>A</h1><p>See <a href='../b.html'>b</a>, <a href='//cdn.x/y'>y</a>.</p></main>"
RST = """A
=

.. _mark:
.. _out: https://x.org

.. toctree::
   :maxdepth: 1

   intro
   Other <o/index>

:doc:`b`, :ref:`far`, `f <b.html#x>`_, `n <out_>`_.
"""


@pytest.mark.parametrize(
    ("name", "text", "links", "anchors"),
    [
        ("a.md", MARKDOWN, ["b.md#late", "#a"], ["see", "old"]),
        ("a.html", HTML, ["../b.html"], ["top"]),
        ("a.rst", RST, ["doc:intro", "doc:o/index", "doc:b", "b.html#x"], ["mark"]),
    ],
)
def test_relative_targets_and_named_places_are_kept(
    name: str, text: str, links: list[str], anchors: list[str]
) -> None:
    meta = all_parsers().parse(Raw(uri=name, data=text.encode(), source="s", tenant="t")).meta
    assert [json.loads(meta[key]) for key in CORPUS_ONLY] == [links, anchors]
    assert meta.get("links", "https://x.org") == "https://x.org"


def test_what_does_not_fit_is_left_out_and_said_to_be() -> None:
    links = Links()
    for n in range(1000):
        links.lead(f"page-{n}.md")
    links.name(["a"])
    links.lead("x" * 500)
    kept = json.loads(links.within[LINKS_WITHIN])
    assert (kept[0], kept[-1], len(links.within[LINKS_WITHIN]) <= 4000) == ("page-0.md", REST, True)
    assert links.within[ANCHORS] == '["a"]'


def test_a_page_without_links_keeps_nothing_whatever_its_front_matter_says() -> None:
    raw = Raw(uri="a.md", data=b"---\nlinks_within: gone.md\n---\nText.\n", source="s", tenant="t")
    assert not set(CORPUS_ONLY) & all_parsers().parse(raw).meta.keys()
