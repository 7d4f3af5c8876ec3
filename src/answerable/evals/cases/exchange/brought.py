"""What crossed over: cases that were read from another tool's file, or its text made of cases, and what stayed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from answerable.core.evaluation import EvalCase
from answerable.evals.cases.identity import make_id
from answerable.evals.cases.problems import Problem
from answerable.evals.cases.schema import read_case
from answerable.evals.cases.text import Parsed
from answerable.text.language import detect_language

IMPORTED = "imported"  # the category of a case whose file has no tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something of one case that the other side cannot say as it was, and what became of it."""

    where: str  # the case, or the file
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file for the other tool. `beside` is a second file with what the first cannot carry; empty: none."""

    text: str
    beside: str = ""
    notes: tuple[Note, ...] = ()


@dataclass(slots=True, kw_only=True)
class Bringing:
    """Cases as they are read, one after another; what is wrong with one does not stop the others."""

    path: Path
    languages: tuple[str, ...] = ("en",)
    taken: Mapping[str, str] = field(default_factory=dict)  # ids of the project's cases, each with its question
    cases: list[EvalCase] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def take(self, given: Mapping[str, Any], *, line: int = 0) -> None:
        """One case in the words of a case file; what is missing of id, tags and language is filled in."""
        mapping = {key: value for key, value in given.items() if value not in (None, "", [], {})}
        mapping.setdefault("tags", [IMPORTED])
        question = mapping.get("question")
        if isinstance(question, str):
            mapping.setdefault("language", self._language(question))
            mapping.setdefault("id", self._id(mapping["tags"], question))
        read = read_case(Parsed(value=mapping), path=self.path, line=line)
        if isinstance(read, list):
            self.problems.extend(read)
        elif read.id in {one.id for one in self.cases}:
            cause = f"{read.id!r} is there twice in this file"
            self.problems.append(
                Problem(path=self.path, line=line, key="id", cause=cause, fix="give one a new id")
            )
        else:
            self.cases.append(read)

    def note(self, where: str, what: str) -> None:
        """Say what became of something."""
        self.notes.append(Note(where=where, what=what))

    def refuse(self, cause: str, *, key: str = "", line: int = 0, fix: str = "") -> None:
        """Say what cannot be read."""
        self.problems.append(Problem(path=self.path, line=line, key=key, cause=cause, fix=fix))

    def _language(self, question: str) -> str:
        return detect_language(question, self.languages, default=self.languages[0])

    def _id(self, tags: Any, question: str) -> str:
        first = tags[0] if isinstance(tags, list) and tags and isinstance(tags[0], str) else IMPORTED
        others = {name for name, asked in self.taken.items() if asked != question}  # the same again keeps its id
        return make_id(first, question, taken={*others, *(one.id for one in self.cases)})
