"""Rules about the front matter: who owns a prompt, what it is for, what changed, and whether it loads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from answerable.core.errors import ConfigError
from answerable.prompts.file import parse
from answerable.prompts.lint.draft import Draft
from answerable.prompts.lint.finding import Finding
from answerable.prompts.lint.known import Known

_NOBODY = re.compile(
    r"(?:n/?a|none|nobody|unknown|tbd|todo|tba|fixme|\?+|-+|x+|someone|somebody|team|owner)?", re.I
)
_NOTED = (("owner", "no-owner"), ("purpose", "no-purpose"), ("change", "no-change-note"))


def document(draft: Draft, known: Known) -> Iterator[Finding]:
    """All of them."""
    if draft.front is None:
        yield draft.finding("no-front-matter")
    for key, rule in _NOTED:
        if _NOBODY.fullmatch(draft.value(key)):
            yield draft.finding(rule, key=key)
    yield from _named(draft)
    yield from _raised(draft, known)


def _named(draft: Draft) -> Iterator[Finding]:
    """A prompt is found by the name of its file: prompts/ID.md, prompts/ID@VERSION.md."""
    path, id_ = PurePath(draft.where), draft.value("id")
    if path.parent.name != "prompts" or not id_:
        return
    name, _, version = path.stem.partition("@")
    if name != id_:
        yield draft.finding("wrong-name", f"the file is that of {name}, and its id is {id_}", key="id")
    if version and version != draft.value("version"):
        what = f"the file is that of version {version}, and its version is {draft.value('version')}"
        yield draft.finding("wrong-name", what, key="version")


def loadable(draft: Draft, known: Known) -> Iterator[Finding]:
    """Whether the file is a prompt; only asked where no other rule has said what is wrong with it."""
    try:
        parse(draft.source, where=draft.where, read=known.read)
    except ConfigError as error:
        yield draft.finding("not-loadable", str(error))


def _raised(draft: Draft, known: Known) -> Iterator[Finding]:
    if known.base is None or draft.front is None:
        return
    before = Draft.read(known.base, where=draft.where, read=known.read_base)
    if before.text == draft.text or before.front is None:
        return
    old, new = before.value("version"), draft.value("version")
    if _numbers(new) <= _numbers(old):
        yield draft.finding(
            "version-not-raised",
            f"the text is not that of the base commit, which is {old}; this is {new}",
            key="version",
        )
    elif draft.value("change") and draft.value("change") == before.value("change"):
        yield draft.finding("no-change-note", f"the change note is still that of {old}", key="change")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))
