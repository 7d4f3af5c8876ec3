"""What a criterion must be to be judged by: one closed question, no scale, defined, with examples both ways."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

EXAMPLES = 2  # of each side, at the least
_SECTIONS = ("Definitions", "YES", "NO")
_OPEN = re.compile(
    r"^\W*(?:how|what|which|why|who|whom|when|where|to what extent|rate|score|grade|wie|was|welche\w*"
    r"|warum|wer|wann|wo"
    r"|bewerte\w*|cómo|qué|cuál\w*|cuánt\w*|por qué|quién|dónde|puntúa)\b",
    re.I,
)
_JOINED = re.compile(
    r"\?.*\?|;|\band/or\b|\bas well as\b"
    r"|\b(?:and|or|but)\s+(?:is|are|was|were|does|do|did|has|have|can|could|will|would|should)\b"
    r"|\b(?:und|oder)\s+(?:ist|sind|war|hat|haben|wird|kann|soll)\b"
    r"|\b(?:y|o)\s+(?:es|está|son|tiene|ha|puede|debe)\b",
    re.I | re.S,
)
_RANGE = re.compile(
    r"\b[01]\s*(?:to|through|and|bis|und|a|y|-|–|—|…|\.\.\.?)\s*(?:3|4|5|6|7|9|10|100)\b|\bout of (?:5|10|100)\b"
)
_RATED = re.compile(
    r"\b(?:rat(?:e|ed|ing)|scor(?:e|ed|ing)|scales?|grades?|stars?|points?|likert|bewert\w*|skala|punkte?n?|noten?"
    r"|sterne?|puntu\w+|puntos?|escala|estrellas?)\b",
    re.I,
)
_HEADING = re.compile(r"^(#{1,2})\s+(.*?)\s*$")
_WHY = re.compile(r"^Why:\s*\S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What breaks which rule on which line, from 1."""

    line: int
    rule: str
    message: str


def question_problems(question: str, *, line: int) -> list[Problem]:
    """Of the one question: it is closed, it is one, and it has no scale."""
    found = []
    if _OPEN.match(question):
        found.append(("closed-question", "the question cannot be answered with YES or NO"))
    if not question.endswith("?"):
        found.append(("closed-question", "the question does not end with a question mark"))
    if _JOINED.search(question):
        found.append(("one-question", "several questions in one: a NO would not say to which"))
    if _RANGE.search(question) or _RATED.search(question):
        found.append(("no-scale", "a question with a scale: two people do not mean the same by 3 of 5"))
    return [Problem(line=line, rule=rule, message=message) for rule, message in found]


def body_problems(body: str) -> list[Problem]:
    """Of definitions and examples; lines count from 1 within the body."""
    lines = body.rstrip("\n").split("\n")
    found = [
        Problem(line=n, rule="no-scale", message="a scale: the verdict is YES, NO or UNSURE")
        for n, line in enumerate(lines, start=1)
        if _RANGE.search(line) and _RATED.search(line)
    ]
    sections = {name: (start, part) for name, start, part in _split(lines, depth=1)}
    found += [
        Problem(line=len(lines), rule="sections", message=f"the section `# {name}` is missing")
        for name in _SECTIONS
        if name not in sections or not "".join(sections[name][1]).strip()
    ]
    for name in ("YES", "NO"):
        if name in sections:
            found += _example_problems(name, *sections[name])
    return found


def _example_problems(name: str, start: int, lines: list[str]) -> Iterator[Problem]:
    examples = list(_split(lines, depth=2))
    if len(examples) < EXAMPLES:
        message = f"{len(examples)} of at least {EXAMPLES} examples of {name}, each under a `## title`"
        yield Problem(line=start, rule="examples", message=message)
    for title, at, part in examples:
        if not any(_WHY.match(line) for line in part):
            yield Problem(line=start + at, rule="examples", message=f"{title!r} does not say `Why:`")


def _split(lines: list[str], *, depth: int) -> Iterator[tuple[str, int, list[str]]]:
    """Title, line from 1 and the lines below each heading of that depth."""
    marks = [
        (match[2], n) for n, line in enumerate(lines) if (match := _HEADING.match(line)) and len(match[1]) == depth
    ]
    ends = [n for _, n in marks[1:]] + [len(lines)]
    for (title, n), end in zip(marks, ends, strict=True):
        yield title, n + 1, lines[n + 1 : end]
