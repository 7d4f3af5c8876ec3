"""Text that was decoded wrongly: mojibake, replacement characters, control characters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from answerable.core.ports import DocumentView
from answerable.ingest.quality.finding import Finding, Severity, finding

# docs/decisions/0130-data-quality-defaults.md
BLOCKING_SHARE = 0.002  # of the characters
# What the bytes of a UTF-8 character look like, read as Windows-1252 or Latin-1. docs: Unicode 16, table 3-7.
_HIGH = "\x80-\xbf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d"
_HIGH += "\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178"
_SUSPECT = re.compile(f"(?:[\xc2-\xdf][{_HIGH}]|[\xe0-\xef][{_HIGH}]{{2}}|[\xf0-\xf4][{_HIGH}]{{3}})+")
_LOST = re.compile("\ufffd+")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]+")


def find_damage(view: DocumentView) -> Iterator[Finding]:
    """One finding for each sort of damage, with the first place and what it should have been."""
    mojibake = [(match, mended) for match in _SUSPECT.finditer(view.text) if (mended := mend(match.group()))]
    if mojibake:
        match, mended = mojibake[0]
        share = sum(len(one.group()) for one, _ in mojibake) / len(view.text)
        around = view.text[max(0, match.start() - 30) : match.end() + 30]
        yield finding(
            view,
            "encoding",
            Severity.BLOCKER if share >= BLOCKING_SHARE else Severity.WARNING,
            evidence=f"{len(mojibake)} × misread UTF-8: “{around}” was “{around.replace(match.group(), mended)}”",
            fix="save the file as UTF-8, or declare the encoding it has",
            key="mojibake",
            span=match.span(),
        )
    for kind, pattern, fix in (
        ("replacement characters", _LOST, "the characters are lost: export the file again from its origin"),
        ("control characters", _CONTROL, "take them out of the file"),
    ):
        found = list(pattern.finditer(view.text))
        if found:
            share = sum(len(one.group()) for one in found) / len(view.text)
            first = found[0]
            yield finding(
                view,
                "encoding",
                Severity.BLOCKER if share >= BLOCKING_SHARE else Severity.WARNING,
                evidence=f"{len(found)} × {kind}: “{view.text[max(0, first.start() - 30) : first.end() + 30]}”",
                fix=fix,
                key=kind,
                span=first.span(),
            )


def mend(text: str) -> str:
    """What the text was before it was misread, once or twice; empty where it was not misread."""
    mended = ""
    for _ in range(2):
        once = _mend_once(mended or text)
        if not once:
            break
        mended = once
    return mended


def _mend_once(text: str) -> str:
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return ""
