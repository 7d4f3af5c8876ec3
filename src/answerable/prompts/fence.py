"""A fence: other people's words within a prompt, held by a boundary that their authors could not know.

Two styles. Tags stand before and behind a text: `<question k3f9…>`. Marks stand before each of its lines:
`k3f9…| ` (datamarking: Hines et al. 2024, arXiv:2403.14720, section 3.2), which leaves a model that reads in
the middle of a long text in no doubt. A boundary is drawn for each request, until it is in none of that
request's texts.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from html import escape, unescape

from answerable.core.errors import ConfigError
from answerable.core.prompt import Piece
from answerable.text.inert import inert, inert_line

Value = str | Sequence[Piece]  # of an input: a text, or several with what is told about each

CALLED = "called"  # what tells a piece's name where that cannot be a tag
_NAME = re.compile(r"[^\W\d_][\w ,.:()-]{0,80}")
_TAG_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_ABOUT = re.compile(r'(?<!\w)(\w+)="([^"\n]*)"')


class Style(StrEnum):
    """How words are fenced; the value is the input by which a prompt tells its model the boundary."""

    TAGS = "boundary"
    MARKS = "token"


_BYTES = {Style.TAGS: 6, Style.MARKS: 4}  # of chance: 2^32 and more; nobody guesses one that lives for one call


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """Of one request."""

    boundary: str
    style: Style

    def around(self, pieces: Iterable[Piece], name: str) -> str:
        """The pieces of the input `name`, each inert and behind the fence."""
        if self.style is Style.MARKS:
            return "\n\n".join(self._marked(piece) for piece in pieces)
        return "\n".join(self._tagged(piece, name) for piece in pieces)

    def _tagged(self, piece: Piece, name: str) -> str:
        tag = piece.name if _TAG_NAME.fullmatch(piece.name) else name
        about = piece.about if tag == piece.name or not piece.name else ((CALLED, piece.name), *piece.about)
        told = f'{_told(about)} boundary="{self.boundary}"' if about else f" {self.boundary}"
        return f"<{tag}{told}>\n{piece.text}\n</{tag} {self.boundary}>"

    def _marked(self, piece: Piece) -> str:
        head = [piece.name] if piece.name else []
        about = [f"{self.boundary}:{_told(piece.about)}"] if piece.about else []
        lines = (f"{self.boundary}| {line}" if line else f"{self.boundary}|" for line in piece.text.split("\n"))
        return "\n".join([*head, *about, *lines])


def pieces_of(value: Value, name: str, *, taken: Collection[str] = ()) -> tuple[Piece, ...]:
    """What is fenced for a value of the input `name`: inert, whatever came.

    Raises ConfigError for a piece with a name that cannot be, or that is another input's, of those `taken`.
    """
    given = (Piece(text=value),) if isinstance(value, str) else tuple(value)
    names = (one.name for one in given if one.name not in ("", name))
    if wrong := next((one for one in names if not _NAME.fullmatch(one) or one in taken), None):
        raise ConfigError(f"{wrong[:80]!r} cannot name a piece of {name}", hint="a few plain words on one line")
    return tuple(
        replace(
            one,
            name="" if one.name == name else one.name,
            text=inert(one.text),
            about=tuple((key, inert_line(told)) for key, told in one.about),
        )
        for one in given
    )


def draw_fence(style: Style, texts: Iterable[str], draw: Callable[[int], str] = secrets.token_hex) -> Fence:
    """One whose boundary is in none of the texts: who guessed it has guessed wrong."""
    held = tuple(texts)
    while True:
        boundary = draw(_BYTES[style])
        if not any(boundary in text for text in held):
            return Fence(boundary=boundary, style=style)


def _told(about: Iterable[tuple[str, str]]) -> str:
    return "".join(f' {key}="{escape(told)}"' for key, told in about)


def read_about(text: str) -> tuple[tuple[str, str], ...]:
    """What was told about a piece: the inverse of how it is written."""
    return tuple((match[1], unescape(match[2])) for match in _ABOUT.finditer(text))
