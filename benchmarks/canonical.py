"""Count harmless texts that the canonical form changes: prose, names in many scripts, emoji, code.

    python benchmarks/canonical.py [--texts DIR] [--out benchmarks/results/canonical.json]

DIR holds folders with corpus.jsonl (`text`), e.g. XQuAD. Names of places come from the optional package
phonenumbers, code from Python's own library, emoji are put together here. A text not in NFC counts in NFC.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sysconfig
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path

from answerable.evals.stats.proportions import upper_bound
from answerable.text.canonical import canonicalize

_PEOPLE = ("\U0001f468", "\U0001f469", "\U0001f9d1", "\U0001f467", "\U0001f466")
_SKINS = ("", *map(chr, range(0x1F3FB, 0x1F400)))
_SIGNS = (
    "\u2640\ufe0f",
    "\u2642\ufe0f",
    "\u2695\ufe0f",
    "\U0001f4bb",
    "\U0001f692",
    "\u27a1\ufe0f",
    "\u2194\ufe0f",
)


def prose(folder: Path) -> Iterator[str]:
    """Paragraphs."""
    for line in (folder / "corpus.jsonl").read_text("utf-8").split("\n"):
        if line:
            yield str(json.loads(line)["text"])


def names() -> dict[str, list[str]]:
    """Names of places by language, where the package is installed."""
    try:
        from phonenumbers.geodata import GEOCODE_DATA
    except ImportError:
        return {}
    found: dict[str, set[str]] = {}
    for places in GEOCODE_DATA.values():
        for language, name in places.items():
            found.setdefault(language, set()).add(str(name))
    return {language: sorted(several) for language, several in sorted(found.items())}


def emoji() -> Iterator[str]:
    """Families, skins, professions, flags of regions and countries, keycaps."""
    yield from ("\u200d".join(family) for family in product(_PEOPLE, repeat=3))
    yield from (f"{one}{skin}\u200d{sign}" for one, skin, sign in product(_PEOPLE, _SKINS, _SIGNS))
    letters = [chr(0x1F1E6 + i) for i in range(26)]
    yield from (first + second for first, second in product(letters, letters))
    yield from (f"{key}\ufe0f\u20e3" for key in "#*0123456789")
    for region in ("gbeng", "gbsct", "gbwls", "usca"):
        yield "\U0001f3f4" + "".join(chr(0xE0000 + ord(char)) for char in region) + "\U000e007f"


def code() -> Iterator[str]:
    """Lines of Python's library that are not all ASCII, and every fiftieth other one."""
    for path in sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py")):
        for number, line in enumerate(path.read_text("utf-8", "replace").split("\n")):
            if line.isprintable() and (not line.isascii() or number % 50 == 0):
                yield line


def changed(texts: Iterable[str]) -> dict[str, object]:
    """How many of the texts come back changed, with the 95 % upper bound."""
    plain = [unicodedata.normalize("NFC", text) for text in texts]
    hits = [text for text in plain if canonicalize(text).text != text]
    bound = upper_bound(len(hits), len(plain), confidence=0.95)
    return {"changed": len(hits), "n": len(plain), "bound95": round(bound, 5), "samples": [*map(ascii, hits[:3])]}


def main() -> None:
    """Measure; write JSON and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/canonical.json"))
    arguments = parser.parse_args()
    folders = sorted(path.parent for path in arguments.texts.glob("*/corpus.jsonl")) if arguments.texts else []
    result = {
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
        "texts": {
            **{folder.name: changed(prose(folder)) for folder in folders},
            **{f"names of places, {language}": changed(several) for language, several in names().items()},
            "emoji": changed(emoji()),
            "code": changed(code()),
        },
    }
    arguments.out.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
