"""What a site said of its pages the last time, so that it need not send them again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

_MAX_BYTES = 50_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A page as it last came. `mark` is of its bytes: a whole number, the same for the same bytes."""

    etag: str
    last_modified: str
    size: int  # bytes
    mark: int


@dataclass(slots=True)
class Visited:
    """By URL, in a file of the project's own. A lost or broken file costs one sync without short replies."""

    file: Path | None = None
    _visits: dict[str, Visit] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        if self.file is not None and self.file.is_file():
            self._visits = _read(self.file)

    def get(self, url: str) -> Visit | None:
        """None where nothing is known, or the site gave no sign to ask with."""
        found = self._visits.get(url)
        return found if found and (found.etag or found.last_modified) else None

    def put(self, url: str, visit: Visit) -> None:
        """Over what was known."""
        self._visits[url] = visit

    def keep(self, urls: set[str]) -> None:
        """Write what is known of these pages, and forget the others."""
        self._visits = {url: visit for url, visit in self._visits.items() if url in urls}
        if self.file is None:
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({url: asdict(visit) for url, visit in self._visits.items()})
        temporary = self.file.with_suffix(".tmp")
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(self.file)


def _read(file: Path) -> dict[str, Visit]:
    try:
        if file.stat().st_size > _MAX_BYTES:
            return {}
        values: Mapping[str, Mapping[str, object]] = json.loads(file.read_text(encoding="utf-8"))
        return {url: _visit(value) for url, value in values.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):  # as good as none
        return {}


def _visit(value: Mapping[str, object]) -> Visit:
    size, mark = value["size"], value["mark"]
    if not isinstance(size, int) or not isinstance(mark, int):
        raise TypeError("a visit's size and mark are whole numbers")
    return Visit(etag=str(value["etag"]), last_modified=str(value["last_modified"]), size=size, mark=mark)
