"""What differs between two versions of a prompt: first what it means, then line by line."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from answerable.prompts.prompt import FAILURES, Prompt
from answerable.prompts.render import fixed_chars
from answerable.text.tokens import token_count

_FIELDS = ("id", "version", "owner", "purpose", "route", "temperature", "max_output_tokens", "change")
_ABSENT = "—"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A thing by name, before and after; "—" where one has none."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Of a prompt without its values, in tokens as this program estimates them."""

    system: int
    user: int
    fixed: int  # of the system part: the same in every request, so that a provider can cache it

    @property
    def whole(self) -> int:
        """Both parts."""
        return self.system + self.user


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """Everything that is not the same. `sizes` None: a side is no valid prompt; only the lines are compared."""

    before: str  # what each side is called
    after: str
    fields: tuple[Changed, ...]
    inputs: tuple[Changed, ...]  # name → whose words
    contract: tuple[Changed, ...]  # failure → how it is handled
    includes: tuple[Changed, ...]  # name → the first digits of its hash
    sizes: tuple[Size, Size] | None
    lines: tuple[str, ...]  # a unified diff of the two texts, includes put in, without line ends

    @property
    def none(self) -> bool:
        """Whether the two are the same text."""
        return not self.lines


def differences(before: Prompt, after: Prompt) -> Differences:
    """Of one prompt's two versions, or of two prompts."""
    return Differences(
        before=before.ref,
        after=after.ref,
        fields=_changed(_fields(before), _fields(after), _FIELDS),
        inputs=_changed(_inputs(before), _inputs(after)),
        contract=_changed(before.handles, after.handles, FAILURES),
        includes=_changed(_includes(before), _includes(after)),
        sizes=(size_of(before), size_of(after)),
        lines=_lines(before.text, after.text, before.ref, after.ref),
    )


def bare_differences(before: str, after: str, *, names: tuple[str, str]) -> Differences:
    """Of two texts of which one is no valid prompt: line by line, and no more."""
    return Differences(
        before=names[0],
        after=names[1],
        fields=(),
        inputs=(),
        contract=(),
        includes=(),
        sizes=None,
        lines=_lines(before, after, *names),
    )


def _lines(before: str, after: str, name: str, other: str) -> tuple[str, ...]:
    old, new = before.splitlines(), after.splitlines()
    return tuple(difflib.unified_diff(old, new, fromfile=name, tofile=other, lineterm=""))


def _changed(
    before: Mapping[str, str], after: Mapping[str, str], first: tuple[str, ...] = ()
) -> tuple[Changed, ...]:
    names = [*first, *sorted((before.keys() | after.keys()) - set(first))]
    pairs = [(name, before.get(name, _ABSENT), after.get(name, _ABSENT)) for name in names]
    return tuple(Changed(name=name, before=old, after=new) for name, old, new in pairs if old != new)


def _fields(prompt: Prompt) -> dict[str, str]:
    values = {name: getattr(prompt, name) for name in _FIELDS}
    return {name: str(value) for name, value in values.items() if value not in (None, "")}


def _inputs(prompt: Prompt) -> dict[str, str]:
    return {one.name: one.trust.value for one in prompt.inputs}


def _includes(prompt: Prompt) -> dict[str, str]:
    return {name: sha256[:12] for name, sha256 in prompt.includes.items()}


def size_of(prompt: Prompt) -> Size:
    """Of the templates as they stand: markup counts as its words."""
    blank = dict.fromkeys(prompt.names, "")
    fixed = prompt.system[: fixed_chars(prompt, blank)]
    return Size(system=token_count(prompt.system), user=token_count(prompt.user), fixed=token_count(fixed))
