"""Pages between their listing and their reading, on disk: a site is asked once a sync, however large it is."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import weakref
from pathlib import Path

from answerable.adapters.sources.fetch import Page

_MAX_BYTES = 1_000_000_000  # together; what does not fit is fetched again


class Shelf:
    """Emptied with the object, at the latest with the process. Files are named by us, never by a site."""

    def __init__(self, max_bytes: int = _MAX_BYTES) -> None:
        self._pages: dict[str, Page] = {}
        self._left = max_bytes
        self._folder: Path | None = None

    def put(self, uri: str, page: Page) -> None:
        """Keep a page, if there is room."""
        if len(page.body) > self._left:
            return
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="answerable-pages-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._left -= len(page.body)
        self._file(self._folder, uri).write_bytes(page.body)
        self._pages[uri] = page.with_body(b"")

    def get(self, uri: str) -> Page | None:
        """None where it was not kept."""
        page = self._pages.get(uri)
        if page is None or self._folder is None:
            return None
        return page.with_body(self._file(self._folder, uri).read_bytes())

    def _file(self, folder: Path, uri: str) -> Path:
        return folder / hashlib.sha256(uri.encode("utf-8", "surrogatepass")).hexdigest()
