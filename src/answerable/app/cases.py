"""Where a project keeps its cases, who works on them, and what a confirmation writes down."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from answerable.adapters import history
from answerable.app.project import Project
from answerable.core.errors import ConfigError
from answerable.core.evaluation import EvalCase
from answerable.evals.cases.checking import Corpus
from answerable.evals.cases.coverage import sizes_by_changes
from answerable.evals.cases.files import SUFFIXES
from answerable.evals.cases.freshness import gold_documents, text_version
from answerable.evals.pairs import FILE


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where a project keeps its cases and what is remembered beside them."""

    suites: tuple[Path, ...]
    removed: Path
    candidates: Path

    @property
    def home(self) -> Path:
        """The folder that new cases go to."""
        return next((one for one in self.suites if one.suffix not in SUFFIXES), self.suites[0].parent)


def places(project: Project) -> Places:
    """As [eval] suites says; removed.jsonl and candidates.jsonl are beside the first suite."""
    suites = tuple(project.path(one) for one in project.settings.eval.suites)
    if not suites:
        raise ConfigError("[eval] suites is empty", hint='suites = ["evals/cases"]')
    beside = suites[0].parent
    return Places(suites=suites, removed=beside / "removed.jsonl", candidates=beside / "candidates.jsonl")


def pairs_file(project: Project) -> Path:
    """The judged questions for the lab, beside the cases."""
    return places(project).suites[0].parent / FILE


def author(project: Project) -> str:
    """Who works here, as git knows."""
    return history.author(project.base)


def criteria_texts(project: Project) -> dict[str, str]:
    """The project's own criteria, by name, as a rubric for other tools."""
    folder = project.path(project.settings.eval.criteria)
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md"))}


def sizes(project: Project) -> tuple[tuple[date, int], ...]:
    """The number of case files by day, from git; empty without a history."""
    found = [one for path in places(project).suites for one in history.changes(path, suffixes=SUFFIXES[:2])]
    return sizes_by_changes(found)


def confirmed(case: EvalCase, corpus: Corpus, *, today: date, by: str) -> EvalCase:
    """The case as of today: confirmed by a person, with its documents' versions where they can be had."""
    versions = dict(case.gold_version)
    if corpus.texts is not None:
        versions = {uri: text_version(corpus.texts[uri]) for uri in gold_documents(case) if uri in corpus.texts}
    origin = {**case.origin} if case.origin.get("author") == by else {**case.origin, "reviewer": by}
    return replace(case, confirmed=today, gold_version=versions, origin=origin)
