"""Where a project's judged questions come from: pairs.jsonl, cases with gold spans, reviewed questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from answerable.app.cases import pairs_file, places
from answerable.app.project import Project
from answerable.app.reviewing import make_desk
from answerable.app.system import System
from answerable.core.errors import ConfigError, NotFound
from answerable.core.evaluation import Answered, GoldSpan
from answerable.core.pairs import Pair
from answerable.evals.cases.files import read_suite
from answerable.evals.cases.problems import refuse
from answerable.evals.pairs import LEAST, pair_id, pair_of, read_pairs
from answerable.evals.review.verdicts import Dossier

Origin = Literal["all", "pairs", "cases", "reviewed"]
_SETTLED = ("grounded", "relevant")  # what people must have said YES to


@dataclass(frozen=True, slots=True, kw_only=True)
class TooFew:
    """Not enough questions for any word on what is better."""

    have: int
    reason: str = ""

    @property
    def text(self) -> str:
        """How many more, and how to get them."""
        more = LEAST - self.have
        return (
            f"{self.have} judged questions for this source, {LEAST} are needed: {more} more"
            + (f" ({self.reason})" if self.reason else "")
            + "\n  answerable case suggest                                   proposes questions"
            + "\n  answerable case add QUESTION --pair --span 'URI::WORDS'   one by hand"
            + "\n  answerable case import FILE.csv --pairs                   many at once"
            + "\n  answerable lab … --from reviewed                          answers that reviewers found right"
        )


async def gather_pairs(system: System, origin: Origin) -> list[Pair]:
    """Each question once: the file's own pairs before cases, cases before reviewed ones. Raises ConfigError."""
    found: list[Pair] = []
    if origin in ("all", "pairs"):
        path = pairs_file(system.project)
        found += read_pairs(path) if path.exists() else []
    if origin in ("all", "cases"):
        found += _of_cases(system.project)
    if origin == "reviewed":
        found += await reviewed_pairs(system)
    first: dict[str, Pair] = {}
    for one in found:
        first.setdefault(" ".join(one.question.casefold().split()), one)
    return list(first.values())


def on_source(pairs: Sequence[Pair], uris: Sequence[str], source: str) -> list[Pair]:
    """Those that rest on at least one document of the source."""
    known = {*uris, *(f"{source}/{uri}" for uri in uris)}
    return [one for one in pairs if any(span.document in known for span in one.spans)]


async def reviewed_pairs(system: System) -> list[Pair]:
    """Production answers that people found grounded and relevant: the question, and what the answer cites."""
    desk = make_desk(system)
    found = []
    for file in await desk.files():
        if not _right(file):
            continue
        try:
            trace = await system.journal.trace(tenant=desk.tenant, reference=file.item.trace_id)
        except NotFound:
            continue  # its time of keeping is over
        if pair := _of_answer(trace, file):
            found.append(pair)
    return found


def _right(file: Dossier) -> bool:
    said = {name: file.verdict(name) for name in _SETTLED if file.said(name)}
    return bool(said) and all(one is Answered.YES for one in said.values())


def _of_answer(trace: Mapping[str, Any], file: Dossier) -> Pair | None:
    answer = trace["answer"] or {}
    spans = tuple(
        dict.fromkeys(GoldSpan(document=one["uri"], quote=one["quote"]) for one in answer.get("sources", ()))
    )
    if not spans:
        return None
    question = trace["question"]
    return Pair(
        id=pair_id(question),
        question=question,
        spans=spans,
        language=file.item.language,
        origin={"review": file.item.id},
    )


def _of_cases(project: Project) -> list[Pair]:
    try:
        suites = [path for path in places(project).suites if path.exists()]
    except ConfigError:
        return []  # no suites are configured: there are no cases
    filed, problems = read_suite(suites)
    if problems:
        raise refuse(problems)
    return [pair for one in filed if (pair := pair_of(one.case))]
