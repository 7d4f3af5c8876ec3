"""Scripts, styles and the icon: read once, served by name from memory, never from a path a client gives."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from answerable.core.identity import sha256_hex

STATIC = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file, plain and compressed."""

    media_type: str
    data: bytes
    gzipped: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """All files under one version, so that modules may name each other relatively and be cached for good."""

    version: str
    files: Mapping[str, Asset]

    def link(self, name: str) -> str:
        """The address of a file. Raises KeyError for one that is not there."""
        self.files[name]
        return f"/static/{self.version}/{name}"


def load() -> Assets:
    """Everything in `static/`."""
    files: dict[str, Asset] = {}
    for path in sorted(STATIC.iterdir()):
        if path.suffix in _TYPES:
            data = path.read_bytes()
            files[path.name] = Asset(
                media_type=_TYPES[path.suffix], data=data, gzipped=gzip.compress(data, mtime=0)
            )
    digests = "".join(sha256_hex(name) + sha256_hex(asset.data) for name, asset in files.items())
    return Assets(version=sha256_hex(digests)[:12], files=files)
