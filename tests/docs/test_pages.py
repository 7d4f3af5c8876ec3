"""What the pages name is there: commands, options, keys, files; and the decisions have numbers and reasons."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from answerable.config.explain import keys
from tests.docs.reading import named_commands, named_keys, pages, relative_links
from tests.docs.reference import ROOT, commands

PAGES = [path.relative_to(ROOT).as_posix() for path in pages()]
COMMANDS = {name: {option for one in command.params for option in one.opts + one.secondary_opts}
            for name, command in commands()}  # fmt: skip
GROUPS = {name.partition(" ")[0] for name in COMMANDS if " " in name}
KEYS = {key.name for key in keys()}
SECTIONS = {name.partition(".")[0] for name in KEYS}
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
GENERAL = {"--help", "--install-completion", "--show-completion"}


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def missing(words: str, options: set[str]) -> str:
    """What is wrong with a command as a page writes it; empty when nothing is."""
    first = words.partition(" ")[0]
    name = words if first in GROUPS else first
    if first in GROUPS and words == first:
        return ""  # a group by itself shows its help
    if any(known.startswith(f"{name} ") for known in COMMANDS):
        return ""  # a group within a group: its commands are in the reference
    if name not in COMMANDS:
        return f"there is no `answerable {name}`"
    unknown = options - COMMANDS[name] - GENERAL
    return f"`answerable {name}` has no {', '.join(sorted(unknown))}" if unknown else ""


def is_key(name: str) -> bool:
    """A key, a section, or something inside a key that is a table."""
    return any(name == key or key.startswith(f"{name}.") or name.startswith(f"{key}.") for key in KEYS)


@pytest.mark.parametrize("page", PAGES)
def test_every_command_a_page_names_is_there(page):
    wrong = [found for words, options in named_commands(text_of(page)) if (found := missing(words, options))]
    assert not wrong, f"{page}: {wrong}"


@pytest.mark.parametrize("page", PAGES)
def test_every_key_a_page_names_is_there(page):
    wrong = [name for name in named_keys(text_of(page), SECTIONS) if not is_key(name)]
    assert not wrong, f"{page}: {wrong}"


@pytest.mark.parametrize("page", PAGES)
def test_every_link_within_the_repository_leads_somewhere(page):
    folder = (ROOT / page).parent
    targets = [link.partition("#")[0] for link in relative_links(text_of(page))]
    gone = [target for target in targets if target and not (folder / target).exists()]
    assert not gone, f"{page}: {gone}"


def test_the_checks_of_pages_see_what_is_wrong():
    """Held here, so that none of the tests above can pass by reading nothing."""
    page = (
        "Run `answerable fly` or `answerable token fly`, `answerable ask --loud \"--quiet\"`.\n\n"
        "Set `answer.speed`.\n\n"
        "    answerable demo --no-serve   # --not-an-option\n\n"
        "```toml\n[provider.main]\nmodle = 1\n[[source]]\nid = \"a\"\n```\n[there](nowhere.md)\n"
    )  # fmt: skip
    assert [missing(*one) for one in named_commands(page)] == [
        "",
        "there is no `answerable fly`",
        "there is no `answerable token fly`",
        "`answerable ask` has no --loud",
    ]
    assert [name for name in named_keys(page, SECTIONS) if not is_key(name)] == ["answer.speed", "provider.modle"]
    assert relative_links(page) == ["nowhere.md"]


def test_the_pages_name_most_of_what_there_is():
    guides = [page for page in PAGES if not page.startswith(("docs/reference/cli", "docs/decisions"))]
    named = {words for page in guides for words, _ in named_commands(text_of(page))}
    assert {name for name in COMMANDS if " " not in name} - {words.split()[0] for words in named} == set()


def test_decision_numbers_are_unique_and_in_their_titles():
    numbers = Counter(path.name[:4] for path in DECISIONS)
    assert [number for number, count in numbers.items() if count > 1] == []
    for path in DECISIONS:
        assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", path.name), path.name
        assert path.read_text(encoding="utf-8").startswith(f"# {path.name[:4]} "), path.name


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.name[:4])
def test_a_decision_says_what_was_chosen_and_why(path):
    """Context and choice by name; a record of several subjects has heads of its own, one of numbers a table."""
    text = path.read_text(encoding="utf-8")
    heads = re.findall(r"^\*\*[A-Z][^*]*\*\*", text, re.M)
    why = re.search(r"^\|.*\b[Ww]hy\b.*\|$", text, re.M)
    assert ("**Choice.**" in text and "**Context.**" in text) or len(heads) >= 2 or why
    assert len(text.split()) > 80


def test_decisions_named_in_pages_and_code_are_there():
    there = {path.name[:4] for path in DECISIONS}
    files = [*pages(), *(ROOT / "src").rglob("*.py"), ROOT / "pyproject.toml"]
    named = {
        (number, path.name)
        for path in files
        for number in re.findall(r"docs/decisions/(\d{4})", path.read_text(encoding="utf-8"))
    }
    assert named
    assert {(number, name) for number, name in named if number not in there} == set()


def test_the_readme_is_short():
    lines = text_of("README.md").splitlines()
    assert 40 < len(lines) <= 150
