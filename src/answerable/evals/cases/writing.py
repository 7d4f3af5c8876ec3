"""A case as text: afresh, or into the text that it was read from, touching only the lines that changed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml

from answerable.core.evaluation import EvalCase
from answerable.evals.cases.schema import to_mapping

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.@/+-]*")
_BREAKS_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_RESOLVER: Any = yaml.resolver.Resolver()
_WORDS = frozenset({"id", "tags", "language", "outcome", "criteria", "filters", "origin", "groups", "role"})
_STEP = 2  # columns of an indentation


def fresh(case: EvalCase) -> str:
    """The case's whole file; what is empty is left out."""
    lines: list[str] = []
    for key, value in to_mapping(case).items():
        given = _filled(value) if key == "expect" else value
        if not _empty(given):
            lines.extend(_lines(key, given, 0))
    return "\n".join(lines) + "\n"


def json_line(case: EvalCase) -> str:
    """The case as one line of a JSONL file, without its end."""
    whole = to_mapping(case)
    whole["expect"] = _filled(whole["expect"])
    return json.dumps(_filled(whole), ensure_ascii=False, default=str)


def edited(text: str, *, before: EvalCase, after: EvalCase) -> str:
    """`text`, which says `before`, saying `after`. Comments, order and quoting of everything else stay."""
    if before == after:
        return text
    ending = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines() if ending == "\r\n" else text.split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    old, new = to_mapping(before), to_mapping(after)
    return ending.join(_spliced(lines, node, old, new, 0, len(lines))) + ending


@dataclass(frozen=True, slots=True)
class _Segment:
    """The lines [start, end) of one key, and the comments that follow it up to the next."""

    key: str
    node: Any
    start: int
    end: int
    stop: int


def _spliced(
    lines: list[str], node: Any, old: Mapping[str, Any], new: Mapping[str, Any], start: int, stop: int
) -> list[str]:
    segments = _segments(lines, node, stop)
    column = node.value[0][0].start_mark.column
    made = lines[start : segments[0].start]
    present = [one.key for one in segments]
    for segment in segments:
        made.extend(_segment(lines, segment, old, new, column))
        for key in _following(segment.key, present, list(new)):
            if new[key] != old.get(key) and not _empty(new[key]):
                made.extend(_lines(key, new[key], column))
        made.extend(lines[segment.end : segment.stop])
    return made


def _segment(
    lines: list[str], segment: _Segment, old: Mapping[str, Any], new: Mapping[str, Any], column: int
) -> list[str]:
    key = segment.key
    if new[key] == old[key]:
        return lines[segment.start : segment.end]
    if key == "expect" and _is_block(segment.node):
        inner = segment.node.value[0][0].start_mark.line
        head = lines[segment.start : inner]
        return head + _spliced(lines, segment.node, old[key], new[key], inner, segment.end)
    return [] if _empty(new[key]) else _lines(key, new[key], column)


def _is_block(node: Any) -> bool:
    return isinstance(node, yaml.MappingNode) and not node.flow_style and bool(node.value)


def _segments(lines: list[str], node: Any, stop: int) -> list[_Segment]:
    starts = [key.start_mark.line for key, _ in node.value]
    found = []
    for (key, value), start, until in zip(node.value, starts, [*starts[1:], stop], strict=True):
        end = until
        while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
            end -= 1
        found.append(_Segment(key.value, value, start, end, until))
    return found


def _following(key: str, present: Sequence[str], order: Sequence[str]) -> list[str]:
    """The keys that are missing and whose place, by `order`, is behind `key`'s: after the last one before them."""
    found = []
    for missing in order:
        if missing not in present:
            earlier = [one for one in order[: order.index(missing)] if one in present]
            if (earlier[-1] if earlier else present[0]) == key:
                found.append(missing)
    return found


def _lines(key: str, value: Any, column: int) -> list[str]:
    pad = " " * column
    if key == "expect":
        inner = [line for name, one in value.items() for line in _lines(name, one, column + _STEP)]
        return [f"{pad}{key}:", *inner] if inner else [f"{pad}{key}: {{}}"]
    if key in ("spans", "history") and value:
        return [f"{pad}{key}:", *(line for one in value for line in _item(one, column + _STEP))]
    if key == "gold_version" and value:
        return [f"{pad}{key}:", *(f"{pad}  {_scalar(uri)}: {hashed}" for uri, hashed in value.items())]
    return [f"{pad}{key}: {_flow(value, plain=key in _WORDS)}"]


def _item(one: Mapping[str, Any], column: int) -> list[str]:
    pad = " " * column
    lines = [f"{name}: {_flow(value, plain=name in ('document', 'role'))}" for name, value in one.items()]
    return [f"{pad}- {lines[0]}", *(f"{pad}  {line}" for line in lines[1:])]


def _flow(value: Any, *, plain: bool) -> str:
    if isinstance(value, Mapping):
        inside = (f"{_scalar(str(key))}: {_flow(one, plain=plain)}" for key, one in value.items())
        return "{" + ", ".join(inside) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(one, plain=plain) for one in value) + "]"
    return _scalar(value, plain=plain)


def _scalar(value: Any, *, plain: bool = True) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str):
        return json.dumps(value)
    if plain and _PLAIN.fullmatch(value) and _is_text(value):
        return value
    return _BREAKS_YAML.sub(_escaped, json.dumps(value, ensure_ascii=False))


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"


def _is_text(value: str) -> bool:
    """Whether YAML reads the bare word as text: `no`, `null` and `1e3` are something else."""
    return bool(_RESOLVER.resolve(yaml.ScalarNode, value, (True, False)) == "tag:yaml.org,2002:str")


def _filled(whole: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in whole.items() if not _empty(value)}


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, str | list | dict) and not value)
