"""A behavior case put to a prompt: rendered and read by the code that renders and reads it in production.

Where production renders inside of a step, that step is run with a model that only looks at what it is sent.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from secrets import token_hex
from typing import Any

from answerable.adapters.rerankers.llm import LLMReranker, read_order
from answerable.answer.phrasing import Phraser, Speaker, read_object
from answerable.answer.rendering import Renderer
from answerable.app.judging import project_criteria
from answerable.app.phrasing import renderer
from answerable.app.project import Project
from answerable.config.settings import AnswerSection
from answerable.core.completion import Completion
from answerable.core.deadline import Deadline
from answerable.core.document import Chunk
from answerable.core.errors import ConfigError, PermanentModelError
from answerable.core.identity import sha256_hex
from answerable.core.passage import Passage
from answerable.core.prompt import ContextBlock, Piece, Rendered
from answerable.core.query import Query
from answerable.evals.behavior.case import BehaviorCase, Given
from answerable.evals.items import ShownPassage
from answerable.evals.judges.criteria import select
from answerable.evals.judges.criterion import Criterion
from answerable.evals.judges.judge import VERDICTS
from answerable.evals.judges.material import Material
from answerable.evals.judges.pairwise import PAIR_VERDICTS, pair_parts
from answerable.evals.judges.rendering import JudgeRenderer
from answerable.evals.judges.reply import parse_reply
from answerable.prompts.collection import shipped
from answerable.prompts.fence import Style, Value
from answerable.prompts.prompt import Prompt
from answerable.prompts.render import rendered

TENANT = "behavior"
_PATIENCE_S = 60.0
_SPEAKERS = {"user": "the person", "assistant": "the assistant"}

Read = Callable[[str], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """What a model is sent, and how production reads what comes back. The rest is for what is shown."""

    rendered: Rendered
    read: Read
    query: Query
    today: date
    blocks: tuple[ContextBlock, ...] = ()
    shows: bool = False  # whether people are shown the reply, checked and guarded
    boundary: str = ""  # that must not come out; a token is to be repeated

    @property
    def dates(self) -> dict[int, date]:
        """Of the sources, by number."""
        return {one.n: one.passage.updated_at for one in self.blocks if one.passage.updated_at is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What all requests of a run stand on."""

    answer: AnswerSection
    criteria: Mapping[str, Criterion]

    @classmethod
    def of(cls, project: Project) -> Ground:
        """Of a project. Raises ConfigError for a criterion that is none."""
        return cls(answer=project.settings.answer, criteria=project_criteria(project))


async def put(ground: Ground, prompt: Prompt, case: BehaviorCase) -> Put:
    """The request of a case. Raises ConfigError where the case does not give what the prompt needs."""
    inputs = prompt.names - {style.value for style in Style}
    way, needs = _BY_ROUTE.get(prompt.route, (_plain, inputs))
    return await (way if inputs == needs or prompt.id in shipped() else _plain)(ground, prompt, case)


async def _answer(ground: Ground, prompt: Prompt, case: BehaviorCase) -> Put:
    answer, given, query = ground.answer, case.given, _query(case.given)
    blocks = tuple(ContextBlock(n=n, passage=one) for n, one in enumerate(_passages(given), 1))
    made = Renderer(
        prompt=prompt,
        scope=given.scope,
        temperature=answer.temperature,
        max_output_tokens=answer.max_output_tokens,
    ).render(query, blocks, weights={}, today=given.today)
    return Put(
        rendered=made,
        read=_nothing,
        query=query,
        today=given.today,
        blocks=blocks,
        shows=True,
        boundary=made.boundary,
    )


async def _phrased(ground: Ground, prompt: Prompt, case: BehaviorCase) -> Put:
    """Of rewrite and decompose, by the step that asks them."""
    query, look = _query(case.given), _Look()
    speaker = Speaker(use=prompt.route, llm=look, render=renderer(prompt), without="")
    phraser = Phraser(rewrite=speaker) if prompt.route == "rewrite" else Phraser(decompose=speaker)
    await phraser.phrase(query)
    made = look.seen(case)

    def read(raw: str) -> Mapping[str, Any] | None:
        return read_object(raw, token=made.boundary) or None

    return Put(rendered=made, read=read, query=query, today=case.given.today)


async def _ordered(ground: Ground, prompt: Prompt, case: BehaviorCase) -> Put:
    query, look, passages = _query(case.given), _Look(), _passages(case.given)
    reranker = LLMReranker(llm=look, render=lambda values: rendered(prompt, values))
    with suppress(PermanentModelError):  # the model that only looks gives no order
        await reranker.rerank(query, passages, limit=len(passages))
    made = look.seen(case)

    def read(raw: str) -> Mapping[str, Any] | None:
        order = [place + 1 for place in read_order(raw, token=made.boundary, count=len(passages))]
        return {"order": order, "named": len(order)} if order else None

    return Put(rendered=made, read=read, query=query, today=case.given.today)


async def _judged(ground: Ground, prompt: Prompt, case: BehaviorCase) -> Put:
    given = case.given
    criterion = select(ground.criteria, [given.criterion or "grounded"])[0]
    materials = [_material(given, answer) for answer in given.answers]
    if prompt.id == "judge-pair":
        if len(materials) != 2:
            raise _unfit(case, "two answers to compare", "answers: [one, another]")
        first, second = materials
        parts = list(pair_parts(first, second, criterion.shows))
    else:
        if len(materials) != 1:
            raise _unfit(case, "one answer to judge", "answers: [one]")
        parts = list(materials[0].parts(criterion.shows))
    verdicts = PAIR_VERDICTS if prompt.id == "judge-pair" else VERDICTS
    asked = JudgeRenderer(prompt=prompt).render(criterion, parts)

    def read(raw: str) -> Mapping[str, Any] | None:
        reply = parse_reply(raw, token=asked.token, verdicts=verdicts)
        return None if reply is None else {"verdict": reply.verdict, "why": reply.why}

    return Put(rendered=asked.rendered, read=read, query=_query(given), today=given.today)


async def _plain(ground: Ground, prompt: Prompt, case: BehaviorCase) -> Put:
    """Of a prompt that only this project has: its inputs by name."""
    given = case.given
    sources = [Piece(name=f"passage {n}", text=one.text) for n, one in enumerate(given.sources, 1)]
    known: dict[str, Value] = {
        "question": given.question,
        "history": [Piece(name=_SPEAKERS[turn.role], text=turn.text) for turn in given.history],
        "language": given.language,
        "today": given.today.isoformat(),
        "scope": given.scope,
        "canary": f"cn-{token_hex(8)}",
        "count": str(len(sources)),
        **dict.fromkeys(("context", "passages", "material"), sources),
        **given.values,
    }
    needed = prompt.names - {"token", "boundary"}
    if missing := sorted(needed - known.keys()):
        raise _unfit(case, f"value for {', '.join(missing)}", f"values: {{{missing[0]}: …}}")
    made = rendered(prompt, {name: known[name] for name in needed})

    def read(raw: str) -> Mapping[str, Any] | None:
        return read_object(raw, token=made.boundary) or None

    is_object = "token" in prompt.names  # that its reply repeats
    return Put(rendered=made, read=read if is_object else _nothing, query=_query(given), today=given.today)


def _nothing(raw: str) -> None:
    """Of a prompt whose reply is a text."""


def _query(given: Given) -> Query:
    return Query(
        text=given.question,
        tenant=TENANT,
        language=given.language,
        history=given.history,
        deadline=Deadline.after(_PATIENCE_S),
    )


def _passages(given: Given) -> list[Passage]:
    return [
        Passage(
            chunk=Chunk(
                document_id=f"d_{sha256_hex(f'{n} {one.text}')[:12]}", start=0, end=len(one.text), text=one.text
            ),
            score=1.0 / n,
            title=one.title,
            language=one.language or given.language,
            updated_at=one.date,
        )
        for n, one in enumerate(given.sources, 1)
    ]


def _material(given: Given, answer: str) -> Material:
    context = tuple(ShownPassage(n=n, title=one.title, text=one.text) for n, one in enumerate(given.sources, 1))
    return Material(question=given.question, answer=answer, context=context, language=given.language)


def _unfit(case: BehaviorCase, what: str, fix: str) -> ConfigError:
    return ConfigError(f"{case.where}: case {case.id!r} has no {what}", hint=f"give it `{fix}`")


@dataclass(slots=True, kw_only=True)
class _Look:
    """A model that says nothing and remembers what it was sent."""

    rendered: Rendered | None = None

    @property
    def name(self) -> str:
        """Of no provider."""
        return "look"

    async def complete(self, rendered: Rendered, *, deadline: Deadline) -> Completion:
        """An empty reply."""
        self.rendered = rendered
        return Completion(text="", model=self.name)

    async def stream(self, rendered: Rendered, *, deadline: Deadline) -> AsyncIterator[str | Completion]:
        """The same."""
        yield await self.complete(rendered, deadline=deadline)

    def seen(self, case: BehaviorCase) -> Rendered:
        """What it was sent. Raises ConfigError where production asks no model for such a case."""
        if self.rendered is None:
            raise _unfit(case, "reason to ask a model: production does without", "history, or a longer question")
        return self.rendered


_Way = Callable[[Ground, Prompt, BehaviorCase], Awaitable[Put]]
_BY_ROUTE: dict[str, tuple[_Way, frozenset[str]]] = {
    "answer": (_answer, frozenset({"question", "context", "language", "today", "scope", "canary"})),
    "rewrite": (_phrased, frozenset({"history", "question", "language"})),
    "decompose": (_phrased, frozenset({"question", "language"})),
    "rerank": (_ordered, frozenset({"question", "passages", "count"})),
    "judge": (_judged, frozenset({"criterion", "material"})),
}
"""How production puts a question to the prompts of a route, and the inputs that it gives them."""
