"""The software bill of materials: what this installation runs on, with licenses, as CycloneDX 1.6 has it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from answerable.core.identity import sha256_hex

NAME = "answerable"
# The license expressions that ask nothing of who uses the software but to name it, and two weak copylefts of
# libraries that are used unchanged (docs/decisions/0240-supply-chain.md).
PERMISSIVE = re.compile(
    r"\b(?:MIT|MIT-0|MIT-CMU|HPND|BSD|0BSD|Apache|ISC|PSF|Zlib|CC0|Unlicense|Python Software)\b", re.I
)
WEAK = re.compile(r"\b(?:LGPL|MPL|Mozilla)", re.I)
STRONG = re.compile(r"\b(?:AGPL|GPL|SSPL|BUSL|EUPL|Commons.Clause)\b", re.I)
_REQUIRED = re.compile(r"([A-Za-z0-9._-]+)\s*(?:\[([^\]]*)\])?")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)")
_MAX_LICENSE = 60  # characters; some packages put the whole text there


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An installed distribution."""

    name: str
    version: str
    license: str

    @property
    def kind(self) -> str:
        """permissive, weak (copyleft of the file or library) or other: somebody has to look."""
        if STRONG.search(self.license.replace("LGPL", "")):
            return "other"
        if WEAK.search(self.license):
            return "weak"
        return "permissive" if PERMISSIVE.search(self.license) else "other"


def parts(*, extras: bool = True) -> tuple[Part, ...]:
    """What is installed of this package's dependencies, and of theirs; with all extras that are there."""
    seen: dict[str, Part] = {}
    done: set[tuple[str, str]] = set()
    waiting = [(NAME, one) for one in ("", *(_extras(NAME) if extras else ()))]
    while waiting:
        asked = waiting.pop()
        if asked in done:
            continue
        done.add(asked)
        try:
            found = metadata.distribution(asked[0])
        except metadata.PackageNotFoundError:
            continue  # an extra that is not installed, or another system's
        key = _plain(found.metadata["Name"])
        seen[key] = Part(name=key, version=found.version, license=_license(found.metadata))
        waiting.extend(_required(found.requires or (), asked[1]))
    return tuple(seen[key] for key in sorted(seen) if key != NAME)


def bill() -> dict[str, Any]:
    """CycloneDX JSON. No time and no random number is in it: the same installation, the same bill."""
    found = parts()
    version = metadata.version(NAME)
    own = {"type": "application", "name": NAME, "version": version, "bom-ref": _purl(NAME, version)}
    digest = sha256_hex("\n".join(f"{one.name}=={one.version}" for one in found))
    serial = f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": own},
        "components": [
            {
                "type": "library",
                "name": one.name,
                "version": one.version,
                "bom-ref": _purl(one.name, one.version),
                "purl": _purl(one.name, one.version),
                "licenses": [{"license": {"name": one.license}}] if one.license else [],
            }
            for one in found
        ],
    }


def _extras(name: str) -> list[str]:
    return list(metadata.distribution(name).metadata.get_all("Provides-Extra") or ())


def _required(lines: Iterable[str], extra: str) -> Iterator[tuple[str, str]]:
    """Names with the extra that is asked of each; those of `extra`, or those that are always required."""
    for line in lines:
        asked = _EXTRA.search(line)
        match = _REQUIRED.match(line)
        if match is None or (asked[1] if asked else "") != extra:
            continue
        for one in ("", *filter(None, (match[2] or "").replace(" ", "").split(","))):
            yield match[1], one


def _license(found: metadata.PackageMetadata) -> str:
    given, written = (str(found[key] or "") for key in ("License-Expression", "License"))
    classified = [
        one.rpartition("::")[2].strip() for one in found.get_all("Classifier") or () if "License ::" in one
    ]
    return (given or "; ".join(classified) or (written or "").strip().partition("\n")[0])[:_MAX_LICENSE]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _purl(name: str, version: str) -> str:
    return f"pkg:pypi/{_plain(name)}@{version}"
