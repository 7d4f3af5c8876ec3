"""Where a document's links lead: targets are kept beside the text, and addresses people write to stay in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from answerable.core.document import ANCHORS, LINKS_WITHIN

REST = "*"  # last of a list that did not fit: what is not in it is unknown
_MAX_LINKS = 20
_MAX_TARGET = 200
_MAX_LINE = 900
_MAX_LIST = 4_000  # characters of JSON
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|/", re.I)  # and what is from a site's root
_NAMED = re.compile(
    r"<(?:a\s(?:[^<>]*?\s)?name|[a-z][^<>]*?\sid)\s*=\s*[\"']?([^\"'\s<>]{1,100})|\{#([\w.-]{1,100})", re.I
)


class Links:
    """The distinct targets, absolute and relative ones apart, in order of appearance."""

    def __init__(self) -> None:
        self._targets: dict[str, None] = {}
        self._within: dict[str, None] = {}
        self._anchors: dict[str, None] = {}

    def follow(self, target: str, label: str) -> str:
        """What to put behind the label: ` (help@example.com)` where it does not say the address, else nothing."""
        target = target.strip()
        if target and not _SCHEME.match(target):
            self.lead(target)
            return ""
        name, _, rest = target.partition(":")
        scheme = name.lower()
        if scheme in {"http", "https"} and len(self._targets) < _MAX_LINKS and len(target) <= _MAX_TARGET:
            self._targets[target] = None
        if scheme not in {"mailto", "tel"} or (scheme == "tel" and any(map(str.isdigit, label))):
            return ""
        address = unquote(rest.split("?")[0]).strip()
        shown = "".join(label.split()).casefold()
        hidden = address and "".join(address.split()).casefold() not in shown and len(address) <= 100
        return f" ({address})" if hidden and (scheme == "mailto" or not any(map(str.isdigit, label))) else ""

    def lead(self, target: str) -> None:
        """Keep a target within the source: `faq.md#late`, `#late`; `doc:faq` of reStructuredText."""
        if len(target) <= _MAX_TARGET:
            self._within[target] = None

    def name(self, anchors: Iterable[str]) -> None:
        """Keep places that can be linked to besides headings."""
        self._anchors.update(dict.fromkeys(anchors))

    def name_tags(self, source: str) -> None:
        """The same from what HTML and Markdown write: `id="late"`, `{#late}`."""
        self.name(one or other for one, other in _NAMED.findall(source))

    @property
    def meta(self) -> str:
        """The absolute ones on one line, apart by blanks; empty when there were none."""
        line = " ".join(self._targets)
        return line if len(line) <= _MAX_LINE else line[:_MAX_LINE].rpartition(" ")[0]

    @property
    def within(self) -> Mapping[str, str]:
        """What a document keeps of relative targets and named places: bounded JSON lists; empty for none."""
        return {LINKS_WITHIN: _listed(self._within), ANCHORS: _listed(self._anchors)}


def _listed(found: Iterable[str]) -> str:
    kept: list[str] = []
    room = _MAX_LIST
    for one in found:
        room -= len(json.dumps(one, ensure_ascii=False)) + 2
        if room < len(REST) + 4:
            kept.append(REST)
            break
        kept.append(one)
    return json.dumps(kept, ensure_ascii=False) if kept else ""
