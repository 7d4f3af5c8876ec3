"""A folder on disk as a source of files."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from answerable.adapters.parsers.front_matter import read_yaml
from answerable.adapters.parsers.properties import as_text
from answerable.adapters.sources.globs import EVERYTHING, glob_pattern
from answerable.core.errors import ConfigError, ParseError
from answerable.core.ports import Candidate, Raw

SIDECAR = ".meta.yaml"  # `terms.pdf.meta.yaml` says what `terms.pdf` cannot say of itself
_ALWAYS_LEFT_OUT = frozenset(
    {"node_modules", "__pycache__", "Thumbs.db", "desktop.ini"}
)  # and whatever starts with a dot
# What a documentation tree carries beside its pages. Taken only where `include` asks for it.
_ASSETS = frozenset(
    ".css .js .mjs .map .svg .png .jpg .jpeg .gif .webp .ico .avif .woff .woff2 .ttf .otf .eot .mp4 .webm".split()
)
_MAX_BYTES = 50_000_000
# A pipe would wait for its writer. Windows has neither flag.
_NO_LINK_NO_WAIT = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """Walks the folder in the order of its uris. Links are followed only where they stay inside.

    `include` and `exclude` are globs over uris: `*` within a name, `**` across folders; a pattern without a slash
    matches in every folder. Everything is included unless told otherwise, but
    for pictures, styles, scripts and fonts; hidden files never are.
    """

    id: str
    root: Path
    tenant: str
    include: tuple[str, ...] = EVERYTHING
    exclude: tuple[str, ...] = ()
    max_bytes: int = _MAX_BYTES
    language: str = "en"
    acl: tuple[str, ...] = ("public",)
    status: str = "published"
    owner: str | None = None
    trust: str = "internal"
    _top: Path = field(init=False)
    _included: re.Pattern[str] = field(init=False)
    _excluded: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_top", self.root.resolve())
        object.__setattr__(self, "_included", glob_pattern(self.include))
        object.__setattr__(self, "_excluded", glob_pattern(self.exclude))

    def list(self) -> Iterator[Candidate]:
        """Lazily, sorted by uri. What cannot be read is listed with its error."""
        if not self._top.is_dir():
            raise ConfigError(
                f"source {self.id}: there is no folder {self.root}", hint="Correct the source's uri."
            )
        for uri, path in _walk(self._top, ""):
            if self._wanted(uri):
                yield self._candidate(uri, path)

    def read(self, uri: str) -> Raw:
        """Raises ParseError: `unreadable` for what is not there, is no file or lies outside; `too_large`."""
        path = self._inside(uri)
        try:
            data, status = self._bytes(uri, path.resolve())
            meta = self._sidecar(uri, path)
        except OSError as exc:
            raise _unreadable(uri, exc.strerror or type(exc).__name__) from exc
        return Raw(
            uri=uri,
            data=data,
            source=self.id,
            tenant=self.tenant,
            language=self.language,
            acl=self.acl,
            status=self.status,
            owner=self.owner,
            trust=self.trust,
            modified_at=datetime.fromtimestamp(status.st_mtime, tz=UTC),
            meta=meta,
        )

    def _bytes(self, uri: str, path: Path) -> tuple[bytes, os.stat_result]:
        """Never more than the limit, however fast the file grows; no link that was put there meanwhile."""
        descriptor = os.open(path, os.O_RDONLY | _NO_LINK_NO_WAIT)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise _unreadable(uri, "it is no plain file")
            data = file.read(self.max_bytes + 1) if status.st_size <= self.max_bytes else b""
        if status.st_size > self.max_bytes or len(data) > self.max_bytes:
            raise _too_large(uri, max(status.st_size, len(data)), self.max_bytes)
        return data, status

    def _wanted(self, uri: str) -> bool:
        if self.include == EVERYTHING and PurePosixPath(uri).suffix.lower() in _ASSETS:
            return False
        return bool(self._included.match(uri)) and not self._excluded.match(uri)

    def _candidate(self, uri: str, path: Path) -> Candidate:
        """A sidecar's size and time count as the file's: a change of either is a change."""
        try:
            uri.encode()
            self._inside(uri)
            status = path.stat()
            if not os.access(path, os.R_OK):
                raise _unreadable(uri, "permission denied")
            if status.st_size > self.max_bytes:
                raise _too_large(uri, status.st_size, self.max_bytes)
            beside = _stat(path.with_name(path.name + SIDECAR))
        except ParseError as exc:
            return Candidate(uri=uri, size=0, mtime_ns=0, error=str(exc))
        except OSError as exc:
            return Candidate(uri=uri, size=0, mtime_ns=0, error=str(_unreadable(uri, exc.strerror or "gone")))
        except UnicodeEncodeError:
            shown = uri.encode(errors="replace").decode()
            return Candidate(uri=shown, size=0, mtime_ns=0, error=str(_unreadable(shown, "its name is not UTF-8")))
        if beside is None:
            return Candidate(uri=uri, size=status.st_size, mtime_ns=status.st_mtime_ns)
        changed = max(status.st_mtime_ns, beside.st_mtime_ns)
        return Candidate(uri=uri, size=status.st_size + beside.st_size, mtime_ns=changed)

    def _inside(self, uri: str) -> Path:
        parts = PurePosixPath(uri).parts
        path = self._top.joinpath(*parts)
        strange = not parts or uri.startswith("/") or ".." in parts or "\0" in uri
        if strange or not path.resolve().is_relative_to(self._top):
            raise _unreadable(uri, "it lies outside the source's folder")
        return path

    def _sidecar(self, uri: str, path: Path) -> dict[str, str]:
        sidecar = path.with_name(path.name + SIDECAR)
        if not sidecar.is_file() or not sidecar.resolve().is_relative_to(self._top):
            return {}
        data, _ = self._bytes(uri + SIDECAR, sidecar.resolve())
        text = data[:65_536].decode("utf-8-sig", errors="replace")
        values = read_yaml(text, uri=uri + SIDECAR, what="sidecar")
        return {str(key): as_text(value) for key, value in values.items()}


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    """(uri, path) of every file below, in the order of the uris; hidden ones and the usual rubbish left out."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(
                entries, key=lambda entry: entry.name + "/" if entry.is_dir(follow_symlinks=False) else entry.name
            )
    except OSError:  # a folder that we may not enter holds nothing that we may offer
        yield prefix.rstrip("/"), folder
        return
    for entry in found:
        if entry.name.startswith(".") or entry.name in _ALWAYS_LEFT_OUT or entry.name.endswith(SIDECAR):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path), f"{prefix}{entry.name}/")
        elif entry.is_file() or (entry.is_symlink() and not entry.is_dir()):
            yield prefix + entry.name, Path(entry.path)


def _stat(path: Path) -> os.stat_result | None:
    return path.stat() if path.is_file() else None


def _too_large(uri: str, size: int, limit: int) -> ParseError:
    return ParseError(
        f"{uri}: {size:,} bytes, more than the {limit:,} that are read",
        hint="Split the file, or exclude it from the source.",
        reason="too_large",
    )


def _unreadable(uri: str, cause: str) -> ParseError:
    return ParseError(
        f"{uri}: cannot be read ({cause})",
        hint="Check the file's permissions, or exclude it from the source.",
        reason="unreadable",
    )
