"""Where a document's links lead: targets are kept beside the text, and addresses people write to stay in it."""

from __future__ import annotations

from urllib.parse import unquote

_MAX_LINKS = 20
_MAX_TARGET = 200
_MAX_LINE = 900


class Links:
    """The distinct absolute targets, in order of appearance."""

    def __init__(self) -> None:
        self._targets: dict[str, None] = {}

    def follow(self, target: str, label: str) -> str:
        """What to put behind the label: ` (help@example.com)` where it does not say the address, else nothing."""
        target = target.strip()
        scheme, _, rest = target.partition(":")
        scheme = scheme.lower()
        if scheme in {"http", "https"} and len(self._targets) < _MAX_LINKS and len(target) <= _MAX_TARGET:
            self._targets[target] = None
        if scheme not in {"mailto", "tel"} or (scheme == "tel" and any(map(str.isdigit, label))):
            return ""
        address = unquote(rest.split("?")[0]).strip()
        shown = "".join(label.split()).casefold()
        hidden = address and "".join(address.split()).casefold() not in shown and len(address) <= 100
        return (
            f" ({address})" if hidden and (scheme.lower() == "mailto" or not any(map(str.isdigit, label))) else ""
        )

    @property
    def meta(self) -> str:
        """One line, targets apart by blanks; empty when there were none."""
        line = " ".join(self._targets)
        return line if len(line) <= _MAX_LINE else line[:_MAX_LINE].rpartition(" ")[0]
