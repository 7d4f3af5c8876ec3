"""Two traces of one question side by side: is the answer the same to the byte, and if not, what else is not?"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

# What the person got. Not compared: ids, times and cost, which no two answers share, and what made the answer
# (model, prompt, index, degradations), which is named among the reasons instead.
COMPARED = ("outcome", "language", "text", "claims", "sources", "confidence", "next_steps")
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageChange:
    """One passage that the other answer did not have, and what became of it."""

    uri: str
    section: str
    change: str  # only then | only now | other text


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`different` holds those of COMPARED that are not the same to the byte, as JSON with sorted keys."""

    different: tuple[str, ...]
    words: str  # the answer's text with [-what went-] and {+what came+}; empty where it is the same
    passages: tuple[PassageChange, ...]
    then: int  # passages that the answer could use
    now: int
    reordered: bool

    @property
    def identical(self) -> bool:
        """Whether the person would have got the same, to the byte."""
        return not self.different


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Comparison:
    """Two traces as the journal gives them."""
    then, now = passages(before), passages(after)
    keys = [one["chunk"] for one in then], [one["chunk"] for one in now]
    old, new = before["answer"], after["answer"]
    return Comparison(
        different=tuple(name for name in COMPARED if _bytes(old.get(name)) != _bytes(new.get(name))),
        words="" if old["text"] == new["text"] else word_difference(old["text"], new["text"]),
        passages=tuple(_changes(then, now)),
        then=len(then),
        now=len(now),
        reordered=keys[0] != keys[1] and sorted(keys[0]) == sorted(keys[1]),
    )


def passages(trace: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The passages that the answer could use, best first; none where the question never came to a search."""
    step = step_of(trace, "answerable")
    return step.get("passages") or ()


def step_of(trace: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The detail of the first step of that name; empty where it did not happen."""
    return next((one["detail"] for one in trace["steps"] if one["name"] == name), {})


def word_difference(before: str, after: str) -> str:
    """The later text, with the words that went in [-…-] and those that came in {+…+}."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    parts: list[str] = []
    for kind, a, b, c, d in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if kind == "equal":
            parts += new[c:d]
            continue
        if went := " ".join(old[a:b]):
            parts.append(f"[-{went}-]")
        if came := " ".join(new[c:d]):
            parts.append(f"{{+{came}+}}")
    return " ".join(parts)


def _changes(then: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> list[PassageChange]:
    """A chunk's id holds its text, so a page that was edited has other ids at the same place."""
    old, new = {one["chunk"]: one for one in then}, {one["chunk"]: one for one in now}
    gone = [one for key, one in old.items() if key not in new]
    come = [one for key, one in new.items() if key not in old]
    places = {(one["uri"], one["section"]) for one in map(_placed, come)}
    edited = [one for one in map(_placed, gone) if (one["uri"], one["section"]) in places]
    where = {(one["uri"], one["section"]) for one in edited}
    return [
        *(PassageChange(uri=one["uri"], section=one["section"], change="other text") for one in edited),
        *(_only(one, "only then") for one in map(_placed, gone) if (one["uri"], one["section"]) not in where),
        *(_only(one, "only now") for one in map(_placed, come) if (one["uri"], one["section"]) not in where),
    ]


def _placed(one: Mapping[str, Any]) -> dict[str, str]:
    headings = list(one["headings"])
    return {
        "uri": one["uri"],
        "section": " > ".join(headings[1:] if headings[:1] == [one["title"]] else headings),
    }


def _only(place: Mapping[str, str], change: str) -> PassageChange:
    return PassageChange(uri=place["uri"], section=place["section"], change=change)


def _bytes(value: Any) -> bytes:
    """Keys sorted: the database keeps a JSON object's values and not the order of its keys."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")
