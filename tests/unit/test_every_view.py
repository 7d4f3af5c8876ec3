"""No text of a stranger is ever markup: every field of every template, by enumeration of the files that there are.

Two looks. Each template is rendered with an object that has every attribute, and whose every text is an attack:
the page must have the very elements that it has with harmless text. And each place where a template writes a value
is read: between elements or in quotes, in no script and no style, and as an address only through what is listed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, Template, meta

import answerable
from answerable.text.page import render_page
from answerable.web.pages import coded

PACKAGE = Path(answerable.__file__).parent
TEMPLATES = sorted(path for path in PACKAGE.rglob("templates/*.html") if "cli" not in path.parts)
ATTACK = (
    "\"'><img src=//evil.example/x onerror=alert(1)><script>alert(1)</script>"
    "</textarea></title><a href=javascript:1>"
)
PLAIN = "a harmless word"
_VALUE = re.compile(r"\{\{-?(.*?)-?\}\}", re.S)
_CONTROL = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.S)
ADDRESSES = frozenset({"href", "src", "action", "formaction", "data", "poster", "srcset", "ping", "background"})
# What may be a whole address, and why: made by ours alone, or asked whether it leads where it may.
MADE_HERE = {
    "asset(name)", "asset(script)", "asset('icon.svg')", "asset('app.css')", "asset('icons.svg')",  # our files
    "contact",  # outside_link of the configuration's own
    "link",  # answer.html: source_link or outside_link
    "one.url", "by_number[node.cite].url",  # core/address.py
    "node.href",  # nodes.html: under leads_to
}  # fmt: skip
MARKUP_MADE_IN = {  # files that say of a text that it is markup: constants, style sheets, and drawings that escape
    "web/pages.py", "text/page.py", "lab/page.py", "monitor/page.py",
}  # fmt: skip
CONSTANT = {  # values that the template itself writes out
    ("evals/gate/templates/compare.html", "name"),  # of the four kinds of difference
    (
        "evals/gate/templates/compare.html",
        '" checked" if (name == "regressed" and counts.regressed) or (name == "case" and not counts.regressed)',
    ),
}
HTML_WITHOUT_TEMPLATE = {
    "lab/cache.py",
    "evals/gate/stopped_text.py",
}  # html.escape on every text, each file's own


class Hostile:
    """Has every attribute and item, can be called, counted and compared; as text it is `said`.

    A loop over it goes round once; what a loop gave is a pair.
    """

    def __init__(self, said: str, *, yes: bool, depth: int = 0, pair: bool = False) -> None:
        self.said, self.yes, self.depth, self.pair = said, yes, depth, pair

    def deeper(self, *_: object, **__: object) -> Hostile:
        return Hostile(self.said, yes=self.yes, depth=self.depth + 1)

    def __getattr__(self, name: str) -> Hostile:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.deeper()

    __call__ = __getitem__ = __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = deeper
    __truediv__ = __rtruediv__ = __mod__ = __neg__ = __round__ = __abs__ = deeper

    def __iter__(self) -> Iterator[Hostile]:
        one = Hostile(self.said, yes=self.yes, depth=self.depth + 1, pair=True)
        return iter([one, one] if self.pair else [one] if self.depth < 6 else [])

    def __str__(self) -> str:
        return self.said

    def __len__(self) -> int:
        return 2

    def __int__(self) -> int:
        return 1

    __index__ = __int__

    def __float__(self) -> float:
        return 1.0

    def __bool__(self) -> bool:
        return self.yes

    def __contains__(self, _: object) -> bool:
        return self.yes

    def __eq__(self, _: object) -> bool:
        return self.yes

    def __lt__(self, _: object) -> bool:
        return self.yes

    __gt__ = __le__ = __ge__ = __lt__

    def __hash__(self) -> int:
        return 1


class Shape(HTMLParser):
    """A page's elements with the names of their attributes, and its addresses."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.elements.append(("comment", ()))


def rendered(path: Path, said: str, *, yes: bool) -> str:
    hostile = Hostile(said, yes=yes)
    template, names, unknown = compiled(path)
    template.environment.filters.update(dict.fromkeys(unknown, hostile.deeper))  # looked up as it renders
    return template.render(dict.fromkeys(names, hostile))


@cache
def compiled(path: Path) -> tuple[Template, frozenset[str], frozenset[str]]:
    """The template, the values it asks for, and the filters that its own page would give it."""
    environment = Environment(
        autoescape=True, loader=FileSystemLoader(path.parent), trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["coded"] = coded
    environment.policies["json.dumps_function"] = lambda value, **_: f'"{value}"'
    unknown = set(re.findall(r"\|\s*(\w+)", path.read_text("utf-8"))) - set(environment.filters)
    environment.filters.update(dict.fromkeys(unknown, str))
    return environment.get_template(path.name), frozenset(names_of(environment, path)), frozenset(unknown)


def names_of(environment: Environment, path: Path) -> set[str]:
    """Every value that the template, or one that it includes, asks for."""
    found, waiting = set(), [path]
    while waiting:
        tree = environment.parse(waiting.pop().read_text("utf-8"))
        found |= meta.find_undeclared_variables(tree)
        others = (path.parent / one for one in meta.find_referenced_templates(tree) if one)
        waiting += [one for one in others if one != path]
    return found


@pytest.mark.parametrize("yes", [True, False])
@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_page_has_the_same_elements_whatever_its_texts_say(path: Path, yes: bool) -> None:
    attacked, plain = (Shape(rendered(path, said, yes=yes)) for said in (ATTACK, PLAIN))
    assert attacked.elements == plain.elements
    assert "img" not in {tag for tag, _ in attacked.elements}
    if yes and "{% macro" not in path.read_text("utf-8"):
        assert "onerror=alert(1)" in "".join(attacked.texts)


class Places(HTMLParser):
    """Where a template writes values: (what is wrong with the place, the value)."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.values: list[str] = []
        self.faults: list[tuple[str, str]] = []
        self.within = ""
        self.feed(_VALUE.sub(self._kept, _CONTROL.sub("", source)))
        self.close()

    def _kept(self, match: re.Match[str]) -> str:
        self.values.append(match.group(1).strip())
        return f"VALUE{len(self.values) - 1}E"

    def _named(self, text: str) -> list[str]:
        return [self.values[int(number)] for number in re.findall(r"value(\d+)e", text, re.I)]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.within = tag if tag in ("script", "style") else self.within
        self.faults += [("names an element", one) for one in self._named(tag)]
        raw = self.get_starttag_text() or ""
        for name, value in attrs:
            self.faults += [("names an attribute", one) for one in self._named(name)]
            for one in self._named(value or ""):
                self._look(tag, name, value or "", one, raw)

    def _look(self, tag: str, name: str, value: str, one: str, raw: str) -> None:
        if name.startswith("on") or name in ("style", "srcdoc"):
            self.faults.append((f"in {name}", one))
        if f'="{value}"' not in raw.replace("&amp;", "&"):
            self.faults.append((f"in {name} without quotes", one))
        if name in ADDRESSES and re.match(r"value\d+e", value, re.I) and one not in MADE_HERE:
            self.faults.append((f"a whole address of {tag}", one))

    def handle_endtag(self, tag: str) -> None:
        self.within = "" if tag == self.within else self.within

    def handle_data(self, data: str) -> None:
        allowed = {"script": {"boot|tojson", "script"}, "style": {"style"}}
        if self.within:
            self.faults += [
                (f"in {self.within}", one) for one in self._named(data) if one not in allowed[self.within]
            ]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_template_writes_values_only_where_escaping_holds(path: Path) -> None:
    source = path.read_text("utf-8")
    name = str(path.relative_to(PACKAGE))
    assert [fault for fault in Places(source).faults if (name, fault[1]) not in CONSTANT] == []
    assert not re.search(r"\|\s*safe|autoescape|\|\s*forceescape|Markup", source)


@pytest.mark.parametrize(
    "bad",
    [
        "<p title={{ x }}>", '<a href="{{ x }}">', '<p onclick="{{ x }}">', "<script>{{ x }}</script>",
        '<p style="{{ x }}">', "<{{ x }}>", "<p {{ x }}>", "<style>{{ x }}</style>", '<img src="{{ x }}">',
    ],
)  # fmt: skip
def test_the_reading_of_places_sees_a_bad_one(bad: str) -> None:
    assert Places(bad).faults


def calls(name: str) -> set[str]:
    """Files of the package that call something of that name."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text("utf-8")
        if f"{name}(" in text:
            called = (node.func for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
            if any(getattr(one, "id", getattr(one, "attr", "")) == name for one in called):
                found.add(str(path.relative_to(PACKAGE)))
    return found


def test_html_comes_from_templates_with_escaping_and_from_nowhere_else() -> None:
    assert calls("Markup") == MARKUP_MADE_IN
    assert calls("Environment") == {"web/pages.py", "text/page.py"}
    for name in calls("Environment"):
        assert "autoescape=True" in (PACKAGE / name).read_text("utf-8")
    written = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if "testing" not in path.parts and re.search(r"<!doctype|<html", path.read_text("utf-8"), re.I)
    }
    assert written == HTML_WITHOUT_TEMPLATE
    assert calls("HTMLResponse") == {"api/browser.py", "api/session.py"}
    assert calls("FileResponse") == set()  # no bytes of a stranger are served: sources are shown as text


def test_a_page_that_is_one_file_lets_nothing_in_but_its_own_style_and_script_by_their_hashes(
    tmp_path: Path,
) -> None:
    (tmp_path / "one.html").write_text(
        "{{ policy }}\n<style>{{ style }}</style><script>{{ script }}</script>{{ said }}"
    )
    (tmp_path / "one.css").write_text("p { color: red; }")
    bare, _ = render_page(tmp_path, "one", {"said": ""}).split("\n")
    (tmp_path / "one.js").write_text("let a = 1 < 2;")
    said, page = render_page(tmp_path, "one", {"said": ATTACK, "policy": "none"}).split("\n")
    policy = unescape(said)
    assert "script-src" not in bare
    assert re.findall(r"(\w+-src) '(\w+)-", policy) == [("style-src", "sha256"), ("script-src", "sha256")]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert page.startswith("<style>p { color: red; }</style><script>let a = 1 < 2;</script>")
    assert page.count("<") == 5  # none is the attack's


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_view_writes_its_own_policy_style_or_script(path: Path) -> None:
    text = path.read_text("utf-8")
    assert "default-src" not in text
    assert re.findall(r"<style[^>]*>(?!\{\{ style \}\})|<script>(?!\{\{ script \}\})|\sstyle=", text) == []


def test_scripts_make_elements_and_never_parse_html() -> None:
    for path in sorted((PACKAGE / "web" / "static").glob("*.js")):
        found = re.findall(
            r"\.(?:innerHTML|outerHTML|srcdoc)\b|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment"
            r"|\beval\(|new Function|setHTML|import\((?![\"'])",
            path.read_text("utf-8"),
        )
        assert found == [], path.name
