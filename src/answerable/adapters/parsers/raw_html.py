"""Raw HTML between Markdown's own text: which elements are still open, and whether they hide what follows."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser

from answerable.adapters.parsers.visibility import DROPPED_TAGS, hides

_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_MAX_OPEN = 500


class RawHtml(HTMLParser):
    """Fed piece by piece, in order. Counts tags and comments."""

    def __init__(self, counts: Counter[str]) -> None:
        super().__init__(convert_charrefs=True)
        self._counts = counts
        self._open: list[tuple[str, bool]] = []  # (tag, whether it hides what is in it)

    @property
    def hiding(self) -> bool:
        """Whether an element that is still open hides what comes next."""
        return any(hidden for _, hidden in self._open)

    def read(self, piece: str) -> None:
        self.feed(piece)
        self.rawdata = ""  # an unfinished tag at a piece's end is none

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._counts["raw_html"] += 1
        if tag not in _VOID and len(self._open) < _MAX_OPEN:
            self._open.append((tag, tag in DROPPED_TAGS or hides(tag, dict(attrs))))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        for at in range(len(self._open) - 1, -1, -1):
            if self._open[at][0] == tag:
                del self._open[at:]
                return

    def handle_comment(self, data: str) -> None:
        self._counts["html_comments"] += 1
