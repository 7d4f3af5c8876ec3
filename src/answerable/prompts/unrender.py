"""A rendered prompt taken apart again: which words are the prompt file's, and whose the others are.

The inverse of rendering, from the text and its boundary alone. It serves pages that show whose words a part is. It
proves that no value can leave its place: what was put in is what is found, whatever it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from answerable.core.errors import ConfigError
from answerable.core.prompt import Piece
from answerable.prompts.fence import CALLED, Style, read_about
from answerable.prompts.prompt import Prompt, Trust
from answerable.prompts.render import template

_SLOT = re.compile(r"\{\{ *(\w+) *\}\}")
_HEAD = re.compile(r'<([a-z][\w-]*)(?: (\w+)|((?: \w+="[^"\n]*")+) boundary="(\w+)")>\n')
_LOGIC = re.compile(r"\{[%#]|\{\{(?! *\w+ *\}\})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Some of a rendered text. `name` and `trust` are the input's; empty and None: the prompt file's own words.

    `pieces` are what a user or a document said, without the fence that `text` shows.
    """

    text: str
    name: str = ""
    trust: Trust | None = None
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrendered:
    """Both parts; the texts of a part's stretches, one behind the other, are the part."""

    system: tuple[Stretch, ...]
    user: tuple[Stretch, ...]

    def values(self) -> Mapping[str, str | tuple[Piece, ...]]:
        """What was put in, by input: a text, or the pieces behind a fence."""
        held = [one for one in (*self.system, *self.user) if one.name]
        fenced = (Trust.USER, Trust.DOCUMENT)
        return {one.name: one.pieces if one.trust in fenced else one.text for one in held}


def unrender(prompt: Prompt, *, system: str, user: str, boundary: str) -> Unrendered:
    """Raises ConfigError where the text does not come from this prompt, and for a prompt with template logic."""
    parts = []
    for kind, source, text in (("system", prompt.system, system), ("user", prompt.user, user)):
        reading = _Reading(prompt=prompt, boundary=boundary, text=text, segments=_segments(template(source)))
        found = next(reading.read(0, 0), None)
        if found is None:
            raise ConfigError(f"the {kind} part is not one of {prompt.ref} ({prompt.where})")
        parts.append(tuple(one for one in found if one.text))
    return Unrendered(system=parts[0], user=parts[1])


@lru_cache(maxsize=64)
def _segments(source: str) -> tuple[str, ...]:
    """Literal, input, literal, … literal."""
    if _LOGIC.search(source):
        raise ConfigError(
            "a prompt with template logic cannot be taken apart", hint="use plain {{ values }} alone"
        )
    return tuple(_SLOT.split(source))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """Of one part, from the left. Each way to read it is tried until one reaches the end."""

    prompt: Prompt
    boundary: str
    text: str
    segments: tuple[str, ...]

    def read(self, segment: int, at: int) -> Iterator[list[Stretch]]:
        """Every way in which the rest can be read: a literal, and the value behind it."""
        literal = self.segments[segment]
        if not self.text.startswith(literal, at):
            return
        own, at = Stretch(text=literal), at + len(literal)
        if segment == len(self.segments) - 1:
            if at == len(self.text):
                yield [own]
            return
        for value, end in self._values(segment + 1, at):
            for rest in self.read(segment + 2, end):
                yield [own, value, *rest]

    def _values(self, segment: int, at: int) -> Iterator[tuple[Stretch, int]]:
        name, following = self.segments[segment], self.segments[segment + 1]
        trust = next(one.trust for one in self.prompt.inputs if one.name == name)
        if trust in (Trust.USER, Trust.DOCUMENT):
            pieces, end = self._fenced(name, at, following)
            yield Stretch(text=self.text[at:end], name=name, trust=trust, pieces=pieces), end
            return
        for end in self._ends(at, following, lines=trust is Trust.OPERATOR):
            yield Stretch(text=self.text[at:end], name=name, trust=trust), end

    def _ends(self, at: int, following: str, *, lines: bool) -> Iterator[int]:
        """Where a value that is not fenced may end: before the literal that follows, the last place first."""
        line_end = self.text.find("\n", at)
        limit = len(self.text) if lines or line_end < 0 else line_end
        end = self.text.rfind(following, at, limit + len(following)) if following else limit
        while end >= at:
            yield end
            end = self.text.rfind(following, at, end - 1 + len(following)) if following and end > at else -1

    def _fenced(self, name: str, at: int, following: str) -> tuple[tuple[Piece, ...], int]:
        pieces: list[Piece] = []
        between = "\n\n" if self.prompt.style is Style.MARKS else "\n"
        read = self._marked if self.prompt.style is Style.MARKS else self._tagged
        begin = at
        while found := read(name, begin):
            piece, at = found
            pieces.append(piece)
            begin = at + len(between)
            if self.text[at:begin] != between or (between == "\n\n" and self._follows(following, at)):
                break
        return tuple(pieces), at

    def _follows(self, following: str, at: int) -> bool:
        return bool(following) and self.text.startswith(following, at)

    def _tagged(self, name: str, at: int) -> tuple[Piece, int] | None:
        match = _HEAD.match(self.text, at)
        if match is None or (match[2] or match[4]) != self.boundary:
            return None
        tag = match[1]
        if tag != name and tag in self.prompt.names:
            return None  # the next input's
        close = f"\n</{tag} {self.boundary}>"
        end = self.text.find(close, match.end() - 1)
        if end < 0:
            return None
        about = read_about(match[3] or "")
        label = tag if tag != name else dict(about).get(CALLED, "")
        told = tuple(one for one in about if one[0] != CALLED)
        return Piece(name=label, about=told, text=self.text[match.end() : end]), end + len(close)

    def _marked(self, name: str, at: int) -> tuple[Piece, int] | None:
        mark, told = f"{self.boundary}|", f"{self.boundary}:"
        lines = self.text[at:].split("\n")
        head = [] if lines[0].startswith((mark, told)) else lines[:1]
        about = [line for line in lines[len(head) : len(head) + 1] if line.startswith(told)]
        body: list[str] = []
        for line in lines[len(head) + len(about) :]:
            if not line.startswith(mark):
                break
            body.append(line)
        if not body:
            return None
        text = "\n".join(line.removeprefix(mark).removeprefix(" ") for line in body)
        piece = Piece(name=head[0] if head else "", about=read_about(about[0]) if about else (), text=text)
        return piece, at + len("\n".join([*head, *about, *body]))
