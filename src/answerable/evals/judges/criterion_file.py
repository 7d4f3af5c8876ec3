"""Criterion files: YAML front matter, then `# Definitions`, `# YES` and `# NO` with examples, each with its why.

---
id: grounded
version: 1.0.0
question: Is every statement in the answer supported by the passages?
unsure_when: A passage is cut off where the support would be.
---
# Definitions … # YES ## An example … Why: … # NO ## An example … Why: …
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from answerable.core.errors import ConfigError
from answerable.core.identity import sha256_hex
from answerable.core.outcome import Outcome
from answerable.evals.judges.criterion import Criterion
from answerable.evals.judges.criterion_rules import Problem, body_problems, question_problems

_FRONT = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)
_HINT = "docs/evaluation/judges.md shows the form; `answerable judge criteria` names every problem"
_Line = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class _FrontMatter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,60}$")]
    version: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
    question: _Line
    unsure_when: _Line
    applies_to: Annotated[tuple[Outcome, ...], Field(min_length=1)] = tuple(
        outcome for outcome in Outcome if outcome.answers
    )
    shows: Annotated[tuple[Literal["question", "answer", "context", "reference"], ...], Field(min_length=1)] = (
        "question",
        "answer",
        "context",
    )
    languages: Annotated[tuple[_Line, ...], Field(min_length=1)] = ("en",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something wrong in a criterion file. `line` is 1-based."""

    where: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}:{self.line}: {self.message} [{self.rule}]"


def parse(text: str, *, where: str) -> Criterion:
    """The criterion in a file's text. Raises ConfigError with the first finding and the count of the others."""
    if findings := lint(text, where=where):
        more = f", and {len(findings) - 1} more" if len(findings) > 1 else ""
        raise ConfigError(f"{findings[0]}{more}", hint=_HINT)
    text = _normal(text)
    match = _FRONT.match(text)
    assert match is not None  # noqa: S101 - lint found nothing
    front = _FrontMatter.model_validate(yaml.safe_load(match[1]))
    return Criterion(
        id=front.id,
        version=front.version,
        question=front.question,
        unsure_when=front.unsure_when,
        body=match[2].strip(),
        sha256=sha256_hex(text),
        applies_to=front.applies_to,
        shows=front.shows,
        languages=front.languages,
        where=where,
    )


def lint(text: str, *, where: str) -> list[Finding]:
    """Everything wrong with a criterion file's text; nothing: it can be used."""
    text = _normal(text)
    match = _FRONT.match(text)
    if match is None:
        return [_finding(where, Problem(line=1, rule="front-matter", message="there is no front matter"))]
    problems = _front_problems(match[1])
    offset = match[1].count("\n") + 3  # with the two lines of dashes
    problems += [
        Problem(line=one.line + offset, rule=one.rule, message=one.message) for one in body_problems(match[2])
    ]
    return [_finding(where, one) for one in sorted(problems, key=lambda one: (one.line, one.rule))]


def _normal(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _front_problems(text: str) -> list[Problem]:
    try:
        front = _FrontMatter.model_validate(yaml.safe_load(text))
    except yaml.MarkedYAMLError as exc:
        line = exc.problem_mark.line + 2 if exc.problem_mark else 2
        return [Problem(line=line, rule="front-matter", message=f"no YAML: {exc.problem}")]
    except (yaml.YAMLError, ValueError) as exc:
        return _invalid(exc, text)
    return question_problems(front.question, line=_line_of("question", text))


def _invalid(exc: Exception, text: str) -> list[Problem]:
    if not isinstance(exc, ValidationError):
        return [Problem(line=2, rule="front-matter", message=f"no YAML: {exc}")]
    found = []
    for error in exc.errors():
        key = str(error["loc"][0]) if error["loc"] else ""
        rule = "unsure" if key == "unsure_when" else "front-matter"
        found.append(Problem(line=_line_of(key, text), rule=rule, message=f"{key or 'it'}: {error['msg']}"))
    return found


def _line_of(key: str, text: str) -> int:
    """Where a key stands; the first line for one that is missing."""
    lines = text.split("\n")
    return next((n for n, line in enumerate(lines, start=2) if line.startswith(f"{key}:")), 1)


def _finding(where: str, problem: Problem) -> Finding:
    return Finding(where=where, line=problem.line, rule=problem.rule, message=problem.message)
