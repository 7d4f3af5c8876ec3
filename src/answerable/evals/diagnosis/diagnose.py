"""Naming the stage at which an answer went wrong, by trying what would have been if one thing were right.

The rule: the first stage, along the path from the file to the sentence, whose repair alone makes the answer right.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from answerable.core.answer import Answer
from answerable.core.evaluation import EvalCase
from answerable.core.outcome import Outcome
from answerable.evals.diagnosis.bench import Bench, Other, Page, Part, Place, Tried, Variant
from answerable.evals.diagnosis.diagnosis import Diagnosis, Experiment
from answerable.evals.diagnosis.pages import hidden, missing
from answerable.evals.diagnosis.places import broken_arm, lost_at, told
from answerable.evals.diagnosis.stages import Stage

Wrong = Callable[[EvalCase, Answer], Awaitable[str]]  # what is wrong with an answer; empty: nothing
_REFUSED = frozenset({Outcome.BLOCKED, Outcome.OUT_OF_SCOPE, Outcome.TOO_LONG})
_SEARCH = (
    (Part.RETRIEVAL, Stage.RETRIEVAL),
    (Part.FUSION, Stage.FUSION),
    (Part.RERANKER, Stage.RERANKER),
    (Part.LIMITS, Stage.CONTEXT),
)
_SUSPECTS = 6  # other pages that are taken away one by one


async def diagnose(case: EvalCase, answer: Answer, bench: Bench, *, wrong: Wrong) -> Diagnosis:
    """Why `answer`, which fails the case, does. Raises what the system raises when it cannot be asked at all."""
    return await _Inquiry(case=case, answer=answer, bench=bench, wrong=wrong).run()


@dataclass(slots=True, kw_only=True)
class _Inquiry:
    """One diagnosis on its way. `base` is what later experiments start from."""

    case: EvalCase
    answer: Answer
    bench: Bench
    wrong: Wrong
    live: Tried | None = None
    last: Tried | None = None
    pages: tuple[Page, ...] = ()
    base: Variant = field(default_factory=Variant)
    log: list[Experiment] = field(default_factory=list)
    also: list[Stage] = field(default_factory=list)

    async def run(self) -> Diagnosis:
        if await self._right("asked again, nothing changed", Variant(), keep=True):
            return self._found(Stage.NONE, "it is right when asked again")
        self.pages = await self.bench.gold(self.case)
        looks = (
            self._refused,
            self._in_corpus,
            self._visible,
            self._well_cut,
            self._found_by_search,
            self._held_back,
            self._other_pages,
            self._withheld,
            self._prompt_and_model,
        )
        for look in looks:
            if (found := await look()) is not None:
                return found
        return await self._rest()

    # --- the looks, in the order of the path ------------------------------------------------------------------

    async def _refused(self) -> Diagnosis | None:
        """The question's guards: they stopped or changed the question, or should have."""
        hits = self._verdicts("guard_question")
        if hits and await self._right("without guards", Variant(without=frozenset({Part.GUARDS}))):
            return self._found(Stage.GUARD, f"{hits} over the question")
        if self.case.expect.outcome in _REFUSED and await self._shipped(Part.GUARDS):
            return self._found(Stage.GUARD, "the guards as they ship refuse the question")
        return None

    async def _in_corpus(self) -> Diagnosis | None:
        for page in self.pages:
            gap = missing(page)
            if gap is None:
                continue
            stage, why = gap
            self._note(f"is it in {page.uri}, and in the index?", why)
            mended = page.in_source and await self._with_gold("with the page as it is now")
            if mended or not page.in_source:
                return self._found(stage, why)
            self._suspect(stage)
        if self.pages and not self.also:
            self._note("is the gold in the index?", f"yes, all {len(self.pages)} passages")
        return None

    async def _visible(self) -> Diagnosis | None:
        for page in self.pages:
            if (found := hidden(page)) is None:
                continue
            stage, why = found
            self._note(f"may the asker see {page.uri}?", why)
            if await self._with_gold("with the page in the context"):
                return self._found(stage, why)
            self._suspect(stage)
        return None

    async def _well_cut(self) -> Diagnosis | None:
        odd = [page for page in self.pages if page.document and page.in_index and not page.cut_as_shipped]
        if not odd:
            return None
        cut = [page for page in odd if not page.whole]
        why = f"the passage of {(cut or odd)[0].uri} is " + ("cut in two" if cut else "not cut as it ships")
        self._note("does one chunk hold each passage?", why)
        if await self._right("with the chunks as they are, as the only context", Variant(given="indexed")):
            return None
        if await self._with_gold("with the passages cut as they ship"):
            return self._found(Stage.CHUNKING, why)
        return None

    async def _found_by_search(self) -> Diagnosis | None:
        places = [one for one in await self.bench.places(self.case) if one.uri in {p.uri for p in self.pages}]
        for place in places:
            self._note(f"where does the search have {place.uri}?", told(place, keep=self.bench.keep))
        lost = [one for one in places if not one.fits]
        marked = [page for page in self.pages if page.marked]
        broken = [said for one in places if (said := broken_arm(one))]
        if not lost and not marked and not broken:
            return None
        if not await self._with_gold("with the gold in the context, unmarked"):
            self.base = Variant(given="gold")  # a fault further on hides what its loss does
            return None
        if marked:
            page = marked[0]
            return self._found(Stage.GUARD, f"ingestion found {page.uri} suspicious ({page.marked})")
        if not lost:
            return self._found(Stage.RETRIEVAL, f"found by the other arm, but {broken[0]}")
        return await self._lost(lost[0])

    async def _lost(self, place: Place) -> Diagnosis:
        """Which part of the search lost a page that would make it right."""
        for part, stage in _SEARCH:
            if await self._shipped(part):
                return self._found(stage, f"the {part} as it ships keeps the gold in")
        stage, why = lost_at(place, self._page(place.uri), keep=self.bench.keep)
        return self._found(stage, why)

    async def _held_back(self) -> Diagnosis | None:
        """The estimate of answerability, before anything is written."""
        wanted = self.case.expect.outcome
        if wanted is not None and not wanted.answers:
            if await self._shipped(Part.THRESHOLD):
                return self._found(Stage.ABSTENTION, "the threshold as it ships holds the answer back")
            return None
        if self._now.generated or not self._estimate:
            return None
        if await self._right("whatever the estimate says", self._without(Part.THRESHOLD)):
            return self._found(Stage.ABSTENTION, f"held back: {self._estimate}")
        if not self._last.generated:
            why = "held back: most of what the question names stands on none of the pages it could use"
            return self._found(Stage.ABSTENTION, why)
        return None

    async def _other_pages(self) -> Diagnosis | None:
        """Pages that lead the answer away: planted, contradicting, or not to be seen at all."""
        others = await self.bench.others(self.case, self._now)
        if not others or self.case.expect.outcome is Outcome.CONFLICT:
            return None
        every = tuple(one.document for one in others)
        if not await self._right(f"without the {len(every)} other pages it could use", self._hiding(every)):
            return None
        suspects = others[:_SUSPECTS]
        for one in suspects:
            alone = len(others) == 1 or await self._right(f"without {one.uri}", self._hiding((one.document,)))
            if alone and (found := await self._blamed(one)) is not None:
                return found
        for one in suspects:  # several together
            if one.cited and (found := await self._blamed(one)) is not None:
                return found
        return None

    async def _withheld(self) -> Diagnosis | None:
        """What is done with a written sentence: the check against its passage, and the answer's guards."""
        if await self._shipped(Part.VERIFICATION):
            return self._found(Stage.VERIFICATION, "the check of sentences is off; with it the answer is right")
        held = [one.reason for one in self._now.answer.withheld if not one.reason.startswith("guard:")]
        if held and await self._right("with every written sentence shown", self._without(Part.VERIFICATION)):
            reasons = ", ".join(sorted(set(held)))
            return self._found(Stage.VERIFICATION, f"{len(held)} sentences withheld: {reasons}")
        hits = self._verdicts("generate")
        if hits and await self._right("without guards", self._without(Part.GUARDS)):
            return self._found(Stage.GUARD, f"{hits} over the answer")
        return None

    async def _prompt_and_model(self) -> Diagnosis | None:
        for part, stage, why in (
            (Part.CONFLICTS, Stage.CONFLICT, "the newest page wins instead of both being shown"),
            (Part.PROMPT, Stage.PROMPT, "with the shipped prompt the same model is right"),
            (Part.MODEL, Stage.MODEL, "another answerer is right with the same passages"),
        ):
            if await self._shipped(part):
                return self._found(stage, why)
        return None

    async def _rest(self) -> Diagnosis:
        """No single repair helps: the case itself, several faults at once, or the one answerer there is."""
        if (why := await self._asks_too_much()) is not None:
            return self._found(Stage.EXPECTATION, why)
        every, wanted = self.bench.deviations, self.case.expect.outcome
        if len(every) > 1 and await self._right("everything as it ships", Variant(shipped=every)):
            return self._found(_first(every), "only several repairs together make it right")
        if wanted is not None and not wanted.answers:
            estimate = self._estimate or "there was no estimate"
            return self._found(Stage.ABSTENTION, f"answered, though nothing should be: {estimate}")
        if not self.pages:
            return self._found(Stage.CORPUS_MISSING, "the case names no page that says it")
        if await self._right("with the gold as the only context", Variant(given="gold")):
            return self._found(Stage.MODEL, "the gold is in the context, and other passages are preferred")
        return self._found(Stage.MODEL, "it is wrong even with the gold as the only context")

    async def _asks_too_much(self) -> str | None:
        """Whether the case contradicts its own pages."""
        expect = self.case.expect
        for wanted in expect.must if self.pages else ():
            ways = (wanted, *expect.accept_also)
            if not any([await self.bench.says(self.case, one) for one in ways]):
                return f"no gold page says “{wanted}”"
        for banned in expect.must_not:
            if any(banned.casefold() in page.quote.casefold() for page in self.pages):
                return f"the gold itself says “{banned}”, which the case forbids"
        return None

    # --- trying, and keeping what came of it ------------------------------------------------------------------

    @property
    def _now(self) -> Tried:
        assert self.live is not None  # noqa: S101 - set by the first question
        return self.live

    @property
    def _last(self) -> Tried:
        assert self.last is not None  # noqa: S101 - set by every question
        return self.last

    @property
    def _estimate(self) -> str:
        said = self._now.steps.get("answerable", {})
        if not said:
            return ""
        return f"answerable with {said['probability']:.2f}, the threshold is {said['threshold']:.2f}"

    async def _right(self, what: str, variant: Variant, *, keep: bool = False) -> bool:
        tried = await self.bench.ask(self.case, variant)
        fault = await self.wrong(self.case, tried.answer)
        self.last = tried
        if keep:
            self.live = tried
        said = f"right: {tried.answer.outcome.value}" if not fault else f"wrong: {fault}"
        if cut := tried.answer.degraded:  # by a busy machine: not the same as being wrong
            said += f" (degraded: {', '.join(cut)})"
        self.log.append(Experiment(what=what, result=said, right=not fault))
        return not fault

    async def _with_gold(self, what: str) -> bool:
        """Right with the gold alone, or with it before what was found: some answers need both."""
        alone = await self._right(f"{what}, alone", Variant(given="gold"))
        return alone or await self._right(f"{what}, before the others", Variant(given="added"))

    async def _shipped(self, part: Part) -> bool:
        """Whether it is right with a part put back; False where the part is as it ships already."""
        if part not in self.bench.deviations:
            return False
        variant = Variant(shipped=frozenset({part}), given=self.base.given)
        return await self._right(f"with the {part} as it ships", variant)

    def _without(self, part: Part) -> Variant:
        return Variant(without=frozenset({part}), given=self.base.given)

    def _hiding(self, documents: tuple[str, ...]) -> Variant:
        return Variant(hide=documents)

    async def _blamed(self, one: Other) -> Diagnosis | None:
        examined = await self.bench.examine(self.case, one)
        blame = _blame(examined, in_conflict=self._now.answer.outcome is Outcome.CONFLICT)
        return None if blame is None else self._found(*blame)

    def _verdicts(self, step: str) -> str:
        """Which guards stopped or changed something in a step."""
        said = self._now.steps.get(step, {}).get("verdicts", ())
        return ", ".join(f"{one['name']} {one['action']} ({one['rule'] or one['reason']})" for one in said)

    def _page(self, uri: str) -> Page:
        return next(page for page in self.pages if page.uri == uri)

    def _note(self, what: str, result: str) -> None:
        self.log.append(Experiment(what=what, result=result))

    def _suspect(self, stage: Stage) -> None:
        if stage not in self.also:
            self.also.append(stage)

    def _found(self, stage: Stage, why: str) -> Diagnosis:
        return Diagnosis(
            case=self.case.id,
            stage=stage,
            why=why,
            experiments=tuple(self.log),
            also=tuple(one for one in self.also if one not in (stage, Stage.NONE)),
        )


def _blame(one: Other, *, in_conflict: bool) -> tuple[Stage, str] | None:
    """What is wrong with a page whose absence makes the answer right; None: it only is preferred."""
    if one.planted:
        return Stage.POISONED, f"{one.uri} speaks, and is suspicious: {', '.join(one.planted)}"
    if one.status != "published":
        return Stage.FILTER, f"{one.uri} speaks, though its status is {one.status}"
    if one.widened:
        return Stage.ACL, f"{one.uri} speaks to {one.widened}, though the file names narrower groups"
    if one.current is False:
        return Stage.STALE_INDEX, f"{one.uri} speaks, though the source does not say that any more"
    if in_conflict or one.contradicts:
        return Stage.CONFLICT, f"{one.uri} contradicts the right page"
    return None


def _first(parts: frozenset[Part]) -> Stage:
    order: Sequence[tuple[Part, Stage]] = (
        *_SEARCH,
        (Part.THRESHOLD, Stage.ABSTENTION),
        (Part.VERIFICATION, Stage.VERIFICATION),
        (Part.GUARDS, Stage.GUARD),
        (Part.CONFLICTS, Stage.CONFLICT),
        (Part.PROMPT, Stage.PROMPT),
        (Part.MODEL, Stage.MODEL),
    )
    return next(stage for part, stage in order if part in parts)
