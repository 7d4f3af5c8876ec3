"""Texts that make a backtracking pattern slow, made from the pattern itself, and what is ambiguous in its form.

For rules over text that strangers write. The texts: what the pattern almost matches, over and over; and each of
its repeats fed with what it takes, behind what leads up to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

_REPEATS = (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT)
_ALPHABET = [chr(point) for point in range(32, 127)] + ["\n", "\t", "é", "я", "中"]
_SAMPLED = 3  # of an unbounded repeat, in a sample
_TEXTS = 60


def adversaries(pattern: str, flags: int = 0, *, chars: int = 100_000) -> list[str]:
    """Different texts of `chars` characters, at most sixty; the same for the same pattern."""
    tree = list(parser.parse(pattern, flags & ~re.DEBUG))
    whole, least = _sample(tree, most=True), _sample(tree, most=False)
    seeds = [whole, least, whole[:-1], least[:-1], whole[: len(whole) // 2], whole + "\x00", least + "\x00"]
    seeds += [f"{one} " for one in seeds]
    texts = [_filled(seed, chars) for seed in dict.fromkeys(seeds) if seed]
    for before, char in dict.fromkeys(_pumps(tree, "")):
        texts += [before + _filled(char, chars - len(before) - 1) + "\x00", _filled(before + char * 40, chars)]
        texts += [_filled(char, chars)]
    return list(dict.fromkeys(texts))[:_TEXTS]


def ambiguous(pattern: str, flags: int = 0) -> list[str]:
    """Why a backtracking engine may take more than linear time: unbounded repeats in or beside each other.

    A repeat that may go on for ever is ambiguous inside of another that may run twice or more, and before another
    that takes the same characters with nothing between that must match something else.
    """
    return list(_ambiguities(list(parser.parse(pattern, flags & ~re.DEBUG)), inside=False))


def _filled(seed: str, chars: int) -> str:
    return (seed * (max(0, chars) // max(1, len(seed)) + 1))[: max(0, chars)]


def _sample(nodes: Iterable[tuple[Any, Any]], *, most: bool) -> str:
    return "".join(_sampled(op, argument, most) for op, argument in nodes)


def _sampled(op: Any, argument: Any, most: bool) -> str:
    if op in (code.LITERAL, code.NOT_LITERAL, code.IN, code.ANY, code.CATEGORY):
        return _char(op, argument)
    if op in _REPEATS:
        low, high, body = argument
        times = low if not most else min(int(high), 80) if high != code.MAXREPEAT else low + _SAMPLED
        return _sample(body, most=most) * max(times, 0)
    if op is code.BRANCH:
        each = [_sample(branch, most=most) for branch in argument[1]]
        return max(each, key=len) if most else min(each, key=len)
    if op is code.SUBPATTERN:
        return _sample(argument[3], most=most)
    return _sample(argument, most=most) if op is code.ATOMIC_GROUP else ""


def _char(op: Any, argument: Any) -> str:
    """A character that the node takes; a letter where one will do."""
    if op is code.LITERAL:
        return chr(argument)
    taken = _taken(op, argument)
    return next((char for char in "a1 -." if char in taken), min(taken, default="\x00"))


def _taken(op: Any, argument: Any) -> frozenset[str]:
    """Which characters of a small alphabet the node takes."""
    if op is code.LITERAL:
        return frozenset(chr(argument))
    if op is code.NOT_LITERAL:
        return frozenset(_ALPHABET) - {chr(argument)}
    if op is code.ANY:
        return frozenset(_ALPHABET) - {"\n"}
    if op is code.CATEGORY:
        return frozenset(char for char in _ALPHABET if _in_category(argument, char))
    parts = [part for part in argument if part[0] is not code.NEGATE]
    found: frozenset[str] = frozenset().union(*(_part(*part) for part in parts))
    return found if len(parts) == len(argument) else frozenset(_ALPHABET) - found


def _part(op: Any, argument: Any) -> frozenset[str]:
    if op is code.RANGE:
        inside = frozenset(char for char in _ALPHABET if argument[0] <= ord(char) <= argument[1])
        return inside or frozenset(chr(argument[0]))
    return _taken(op, argument)


_CATEGORIES: dict[str, Callable[[str], bool]] = {
    "DIGIT": str.isdigit,
    "SPACE": str.isspace,
    "WORD": lambda char: char.isalnum() or char == "_",
}


def _in_category(category: Any, char: str) -> bool:
    name = str(category).removeprefix("CATEGORY_").removeprefix("UNI_")
    return _CATEGORIES[name.removeprefix("NOT_")](char) != name.startswith("NOT_")


def _pumps(nodes: Sequence[tuple[Any, Any]], before: str) -> Iterator[tuple[str, str]]:
    """For each repeat: what leads up to it, and what it takes."""
    for op, argument in nodes:
        if op in _REPEATS:
            if char := _sample(argument[2], most=False) or _sample(argument[2], most=True)[:1]:
                yield before[-200:], char
            yield from _pumps(list(argument[2]), before)
        elif op is code.BRANCH:
            for branch in argument[1]:
                yield from _pumps(list(branch), before)
        elif op is code.SUBPATTERN:
            yield from _pumps(list(argument[3]), before)
        before += _sampled(op, argument, False)


def _ambiguities(nodes: Sequence[tuple[Any, Any]], *, inside: bool) -> Iterator[str]:
    open_: frozenset[str] = frozenset()  # what the unbounded repeat before this node takes
    for op, argument in nodes:
        if op in _REPEATS:
            endless, body = argument[1] == code.MAXREPEAT, list(argument[2])
            if endless and inside:
                yield "an unbounded repeat inside of a repeat"
            if endless and open_ & _firsts(body):
                yield "two unbounded repeats of the same characters, side by side"
            yield from _ambiguities(body, inside=inside or argument[1] > 1)
            open_ = open_ | _firsts(body) if endless else open_ if argument[0] == 0 else open_ & _firsts(body)
            continue
        for body in _bodies(op, argument):
            yield from _ambiguities(body, inside=inside)
        if op not in (code.AT, code.ASSERT, code.ASSERT_NOT):
            open_ = open_ & _firsts([(op, argument)])


def _bodies(op: Any, argument: Any) -> list[list[tuple[Any, Any]]]:
    if op is code.BRANCH:
        return [list(branch) for branch in argument[1]]
    if op is code.SUBPATTERN:
        return [list(argument[3])]
    return [list(argument[1])] if op in (code.ASSERT, code.ASSERT_NOT) else []


def _firsts(nodes: Sequence[tuple[Any, Any]]) -> frozenset[str]:
    """Characters of the small alphabet that the nodes may begin with."""
    found: frozenset[str] = frozenset()
    for op, argument in nodes:
        if op in (code.AT, code.ASSERT, code.ASSERT_NOT):
            continue
        if op in _REPEATS:
            found |= _firsts(list(argument[2]))
            if argument[0] == 0:
                continue
            return found
        if op in (code.BRANCH, code.SUBPATTERN):
            return found.union(*(_firsts(body) for body in _bodies(op, argument)))
        return found | (_taken(op, argument) if op is not code.GROUPREF else frozenset())
    return found
