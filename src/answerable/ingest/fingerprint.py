"""What a file is known by from one sync to the next: its bytes and everything else that shapes what is stored."""

from __future__ import annotations

import json
from dataclasses import dataclass

from answerable.core.identity import sha256_hex
from answerable.core.ports import Raw

_SETTINGS_DIGITS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """Makes FileState.sha256: 16 hex digits of the settings' hash, then 48 (192 bits) of the file's.

    Two parts, so that changed settings show without reading a file; docs/decisions/0031-what-changed.md.
    """

    settings: str

    @property
    def prefix(self) -> str:
        """What all files read under these settings have in common."""
        return sha256_hex(self.settings)[:_SETTINGS_DIGITS]

    def of(self, raw: Raw) -> str:
        """64 hex digits. Whoever may read a file counts as much as what is in it; its time does not."""
        said = json.dumps(
            [
                sha256_hex(raw.data),
                raw.media_type,
                raw.language,
                sorted(raw.acl),
                raw.status,
                raw.owner,
                raw.trust,
                sorted(raw.meta.items()),
            ]
        )
        return self.prefix + sha256_hex(said)[_SETTINGS_DIGITS:]

    @staticmethod
    def same_file(one: str, other: str) -> bool:
        """Whether two fingerprints are of the same bytes, whatever the settings were."""
        return bool(one) and one[_SETTINGS_DIGITS:] == other[_SETTINGS_DIGITS:]
