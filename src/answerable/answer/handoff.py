"""A conversation told to the person who takes it over: what is wanted, known, told and open, as it was said.

A model may only put together what was said: a line with a figure or a name that nobody said, or without a word in
common with the conversation, is left out. Without a model, or a reply that can be read, it is quoted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from answerable.answer.phrasing import piece_of, read_object
from answerable.core.deadline import Deadline
from answerable.core.errors import AnswerableError
from answerable.core.ports import LLM
from answerable.core.prompt import Rendered
from answerable.core.query import Turn
from answerable.prompts.fence import Value
from answerable.text.facts import names
from answerable.text.numbers import numbers
from answerable.text.stems import stems
from answerable.text.words import terms

TURNS = 20  # the latest; more are not read
LINE_CHARS = 300

Render = Callable[[Mapping[str, Value]], Rendered]  # of history, language


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff:
    """For a person. `by`: model, or turns where the conversation is quoted."""

    wanted: str
    known: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    by: str = "turns"


class _Reply(BaseModel):
    """What was said. Keys of the model's own are ignored; ours are strict."""

    model_config = ConfigDict(extra="ignore", strict=True)

    wanted: str
    known: list[str] = Field(max_length=20)
    told: list[str] = Field(max_length=20)
    open: list[str] = Field(max_length=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summarizer:
    """Without a model it quotes."""

    llm: LLM | None = None
    render: Render | None = None

    async def summarize(self, turns: Sequence[Turn], *, language: str, deadline: Deadline) -> Handoff:
        """Never raises for what a model does. An empty conversation wants nothing."""
        latest = turns[-TURNS:]
        if self.llm is None or self.render is None or not latest:
            return quoted(latest)
        history = [piece_of(turn) for turn in latest]
        rendered = self.render({"history": history, "language": language})
        try:
            completion = await self.llm.complete(rendered, deadline=deadline)
        except AnswerableError:
            return quoted(latest)
        return read_handoff(completion.text, token=rendered.boundary, turns=latest, language=language) or quoted(
            latest
        )


def read_handoff(text: str, *, token: str, turns: Sequence[Turn], language: str) -> Handoff | None:
    """A reply's object with the call's token, without what nobody said; None where nothing is left."""
    try:
        reply = _Reply.model_validate(dict(read_object(text, token=token)))
    except ValidationError:
        return None
    said = "\n".join(turn.text for turn in turns)
    wanted = _kept([reply.wanted], said, language)
    if not wanted:
        return None
    return Handoff(
        wanted=wanted[0],
        known=_kept(reply.known, said, language)[:5],
        told=_kept(reply.told, said, language)[:5],
        open=_kept(reply.open, said, language)[:3],
        by="model",
    )


def quoted(turns: Sequence[Turn]) -> Handoff:
    """The conversation's own lines: the first question is wanted, what else the person said is known."""
    asked = [_line(turn.text) for turn in turns if turn.role == "user"]
    told = [_line(turn.text) for turn in turns if turn.role != "user"]
    unanswered = bool(turns) and turns[-1].role == "user"
    return Handoff(
        wanted=asked[0] if asked else "",
        known=tuple(asked[1:][-5:]),
        told=tuple(told[-5:]),
        open=(asked[-1],) if unanswered else (),
    )


def _line(text: str) -> str:
    return " ".join(text.split())[:LINE_CHARS]


def _kept(lines: Sequence[str], said: str, language: str) -> tuple[str, ...]:
    """The lines whose figures and names were all said, and that share a word with the conversation."""
    figures, words = set(numbers(said)), set(terms(said))
    return tuple(
        line
        for line in map(_line, lines)
        if line
        and set(numbers(line)) <= figures
        and set(names(line, language)) <= words
        and set(stems(line, language)) & set(stems(said, language))
    )
