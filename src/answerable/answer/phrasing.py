"""How a question is searched for: said so that it stands alone, and in its parts; by a model where there is one.

A model may only put together what was said. What it adds, drops or does not say in time costs its help, not the
answer: then the rules of followup.py and decomposition.py do it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from answerable.answer.deadlines import SHIPPED, Plan
from answerable.answer.decomposition import MOST, Part
from answerable.answer.followup import latest, standalone
from answerable.core.deadline import Deadline
from answerable.core.errors import AnswerableError
from answerable.core.ports import LLM
from answerable.core.prompt import Piece, Rendered
from answerable.core.query import Query, Turn
from answerable.core.trace import skip, step
from answerable.prompts.fence import Value
from answerable.text.facts import names, negations
from answerable.text.numbers import numbers
from answerable.text.objects import json_objects
from answerable.text.placeholders import without_placeholders
from answerable.text.stems import stems
from answerable.text.words import terms, words

MOST_CHARS = 2000  # of a turn, and of the question
MOST_REPLY_CHARS = 8000
FEWEST_WORDS = 6  # a shorter question asks for one thing
NEW_STEMS = 2  # words that hold the question together may be the model's own

Render = Callable[[Mapping[str, Value], Query], Rendered]


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """A model, the prompt that it is asked with, and the word for doing without it."""

    use: str  # rewrite | decompose
    llm: LLM
    render: Render
    without: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrasing:
    """What is searched for. `parts` is None where the rules are to find them."""

    text: str
    parts: tuple[Part, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Phraser:
    """Without models it asks nobody, and is done at once. docs/decisions/0146-models-that-phrase.md."""

    rewrite: Speaker | None = None
    decompose: Speaker | None = None
    plan: Plan = SHIPPED

    @property
    def asks_nobody(self) -> bool:
        """Whether rules do all of it."""
        return self.rewrite is None and self.decompose is None

    async def phrase(self, query: Query) -> Phrasing:
        """Never raises for what a model does."""
        text = await self._alone(query)
        return Phrasing(text=text, parts=await self._parts(text, query))

    async def _alone(self, query: Query) -> str:
        by_rules = standalone(query)
        if self.rewrite is None or not query.history:
            return by_rules
        values: dict[str, Value] = {
            "history": [piece_of(turn) for turn in latest(query.history)],
            "question": query.text[:MOST_CHARS],
            "language": query.language,
        }
        said = (await self._ask(self.rewrite, values, query)).get("question")
        question = without_placeholders(" ".join(said.split())) if isinstance(said, str) else ""
        return question if is_same_question(question, query) else by_rules

    async def _parts(self, text: str, query: Query) -> tuple[Part, ...] | None:
        if self.decompose is None or len(words(text)) < FEWEST_WORDS:
            return None
        values: dict[str, Value] = {"question": text[:MOST_CHARS], "language": query.language}
        said = (await self._ask(self.decompose, values, query)).get("parts")
        if not isinstance(said, list) or not all(isinstance(one, str) for one in said):
            return None
        parts = [" ".join(one.split()) for one in said]
        if parts and not are_parts(parts, text, query.language):
            return None
        return tuple(Part(text=one, kind="question") for one in parts)

    async def _ask(self, speaker: Speaker, values: Mapping[str, Value], query: Query) -> Mapping[str, Any]:
        """The reply's object; empty where there is none."""
        seconds = self.plan.seconds(speaker.use, query.deadline)
        with step(speaker.use) as one:
            try:
                rendered = speaker.render(values, query)
                asked = speaker.llm.complete(rendered, deadline=Deadline.after(seconds))
                completion = await self.plan.within(speaker.use, query.deadline, asked)
            except (AnswerableError, TimeoutError) as error:
                one.status = "skipped"
                one.detail.update(why=str(error) or "no reply in time")
            else:
                one.detail.update(model=completion.model, reply=completion.text[:MOST_CHARS])
                if found := read_object(completion.text, token=rendered.boundary):
                    return found
        skip(speaker.without)
        return {}


BY_RULES = Phraser()


def piece_of(turn: Turn) -> Piece:
    """A turn of the conversation as a prompt gets it, at most MOST_CHARS of it."""
    name = "the person" if turn.role == "user" else "the assistant"
    return Piece(name=name, text=turn.text[:MOST_CHARS])


def read_object(text: str, *, token: str) -> Mapping[str, Any]:
    """The reply's last object with the call's token; empty where there is none."""
    objects = (value for value in json_objects(text[-MOST_REPLY_CHARS:]) if isinstance(value, dict))
    return next((value for value in reversed(list(objects)) if value.get("token") == token), {})


def is_same_question(question: str, query: Query) -> bool:
    """Whether a model only put together what was said: every figure and name of the question is there, and none
    that nobody said; nothing is denied that was not, and hardly a word is new."""
    language = query.language
    said = "\n".join([query.text, *(turn.text for turn in query.history)])
    own, new = set(numbers(query.text)), set(numbers(question))
    return (
        bool(question)
        and own <= new <= set(numbers(said))
        and set(names(query.text, language)) <= set(terms(question))
        and _says_only(question, said, language)
        and (negations(query.text, language) > 0) == (negations(question, language) > 0)
    )


def are_parts(parts: Sequence[str], question: str, language: str) -> bool:
    """Whether these are two to four things that the question itself asks, in its figures, names and words."""
    known = set(numbers(question))
    return 1 < len(parts) <= MOST and all(
        bool(set(stems(part, language)) & set(stems(question, language)))
        and set(numbers(part)) <= known
        and _says_only(part, question, language)
        for part in parts
    )


def _says_only(text: str, said: str, language: str) -> bool:
    added = set(stems(text, language)) - set(stems(said, language))
    return len(added) <= NEW_STEMS and set(names(text, language)) <= set(terms(said))
