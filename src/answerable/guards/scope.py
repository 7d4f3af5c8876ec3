"""Requests this service is not for, by form (write, translate, advise) or topic; and the wish for a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from answerable.core.answer import Answer
from answerable.core.outcome import Outcome
from answerable.core.query import Query
from answerable.core.verdict import Verdict
from answerable.guards.detection import fold_lookalikes
from answerable.guards.rulebook import Hit, Rule, hits, rulebook
from answerable.guards.scope_file import ScopeBook
from answerable.guards.scope_topics import stemmed

Family = Literal["person", "task", "advice", "everyday"]
FAMILIES: tuple[Family, ...] = ("person", "task", "advice")  # "everyday": weather and cooking; on where wanted
PERSON = "person"
_READ_CHARS = 4_000
_NOTHING = ScopeBook()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeGuard:
    """Turns a request of the wrong kind away as out_of_scope, and hands the wish for a person on as escalated.

    Which topics are in scope is decided by retrieval; this guard knows forms, and what scope.md names.
    """

    mode: Literal["block", "flag"] = "block"
    families: tuple[Family, ...] = FAMILIES
    book: ScopeBook = _NOTHING
    name: str = "scope"
    stage: Literal["question", "answer", "both"] = "question"
    fails: Literal["open", "closed"] = "open"

    async def check(self, query: Query, answer: Answer | None) -> Verdict:
        """Block with out_of_scope or escalated; a wish for a person goes first, and is never only flagged."""
        found = None if answer is not None else self._found(query.text)
        if found is None:
            return Verdict(name=self.name, passed=True)
        rule, what = found
        person = what == PERSON
        blocked = person or self.mode == "block"
        return Verdict(
            name=self.name,
            passed=False,
            action="block" if blocked else "flag",
            outcome=(Outcome.ESCALATED if person else Outcome.OUT_OF_SCOPE) if blocked else None,
            rule=rule,
            reason="asks for a person" if person else f"not what this service is for: {what}",
        )

    def _found(self, text: str) -> tuple[str, str] | None:
        """The first rule and what it is about."""
        if hit := next(iter(misuses(text, self.families, self.book)), None):
            return hit.rule.id, hit.rule.family
        if topic := next(topics(text, self.book), ""):
            return topic, topic.removeprefix("topic.").replace("-", " ")
        return None


def misuses(text: str, families: tuple[Family, ...] = FAMILIES, book: ScopeBook = _NOTHING) -> list[Hit]:
    """The rules of scope.toml that hit, of these families and as scope.md has it; a wish for a person first."""
    rules = (rule for rule in rulebook("scope") if _on(rule, families, book))
    return hits(rules, [fold_lookalikes(text[:_READ_CHARS])])


def topics(text: str, book: ScopeBook) -> Iterator[str]:
    """Ids of the topics of scope.md that a text speaks about."""
    if not book.topics:
        return
    languages = {language for topic in book.topics for language in topic.patterns}
    views = stemmed(fold_lookalikes(text[:_READ_CHARS]), languages)
    yield from (topic.id for topic in book.topics if topic.in_(views))


def _on(rule: Rule, families: tuple[Family, ...], book: ScopeBook) -> bool:
    if rule.id in book.turned_off:
        return False
    return rule.family in families or rule.id in book.turned_on
