"""robots.txt: what a site asks of programs that read it (RFC 9309). Ours goes by the name `answerable`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

AGENT = "answerable"
MAX_BYTES = 512_000  # RFC 9309, 2.5
_MAX_RULES = 5_000
_LONGEST_DELAY_S = 30.0
_LINE = re.compile(r"\s*(user-agent|allow|disallow|crawl-delay)\s*:\s*([^#]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """Rules for us: the group that names us, else the one for everybody."""

    rules: tuple[tuple[str, bool], ...] = ()  # (pattern of the path, allowed)
    delay_s: float = 0.0

    def allows(self, target: str) -> bool:
        """Whether a path with its query may be read: the longest pattern that matches decides, allow in a tie."""
        best = max(
            ((len(pattern), allowed) for pattern, allowed in self.rules if _matches(pattern, target)), default=None
        )
        return best is None or best[1]


def read_robots(data: bytes) -> Robots:
    """What cannot be understood is left out."""
    groups = list(_groups(_LINE.match(line) for line in data[:MAX_BYTES].decode("utf-8", "replace").splitlines()))
    ours = [body for names, body in groups if AGENT in names] or [body for names, body in groups if "*" in names]
    said = [pair for body in ours for pair in body]
    rules = [(value, key == "allow") for key, value in said if key in {"allow", "disallow"} and value]
    delays = [
        float(value) for key, value in said if key == "crawl-delay" and re.fullmatch(r"\d{1,6}(\.\d{1,3})?", value)
    ]
    return Robots(rules=tuple(rules[:_MAX_RULES]), delay_s=min(max(delays, default=0.0), _LONGEST_DELAY_S))


def _groups(lines: Iterable[re.Match[str] | None]) -> Iterator[tuple[set[str], list[tuple[str, str]]]]:
    names, body = set[str](), list[tuple[str, str]]()
    for line in lines:
        if line is None:
            continue
        key, value = line[1].lower(), line[2].strip()
        if key != "user-agent":
            body.append((key, value))
            continue
        if body:
            yield names, body
            names, body = set(), []
        names.add(value.lower())
    yield names, body


def _matches(pattern: str, target: str) -> bool:
    """`*` stands for anything, a last `$` for the end. Piece by piece, so in linear time."""
    ends = pattern.endswith("$")
    first, *pieces = pattern.removesuffix("$").split("*")
    if not target.startswith(first):
        return False
    at = len(first)
    for n, piece in enumerate(pieces):
        if ends and n == len(pieces) - 1:
            return len(target) - len(piece) >= at and target.endswith(piece)
        at = target.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return not ends or at == len(target)
