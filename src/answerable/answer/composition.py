"""An answer while it is written: sentence by sentence cited, verified, and either shown or withheld."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from answerable.answer.draft import DraftSentence
from answerable.answer.quotation import cite
from answerable.answer.trust import ONE_SOURCE, decides, rests_on_one
from answerable.answer.verification import Support, check_support
from answerable.core.answer import Citation, Claim, Withheld
from answerable.core.passage import Passage
from answerable.core.prompt import ContextBlock

_CLOSING = ".!?…"
_LIMIT = re.compile(
    r"^(?:the (?:sources?|pages?|documents?|passages?) (?:do(?:es)? not|don['’]t|doesn['’]t)"
    r" (?:say|mention|state|tell|cover)"
    r"|die (?:quellen?|seiten?) (?:sagt|sagen|nennt|nennen|erwähnt|erwähnen)\b.*\b(?:nicht|kein\w*)\b"
    r"|(?:las fuentes|las páginas|la fuente|la página) no (?:dicen?|mencionan?|indican?|especifican?))",
    re.I,
)
_CLAIMS_MORE = re.compile(
    r"[\d;:]|https?|www\.|\b(?:but|however|although|though|because|since|therefore|so|aber|jedoch|obwohl|weil|deshalb"
    r"|denn|pero|aunque|porque|sin embargo|por eso)\b",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One sentence that passed, as it goes out."""

    delta: str  # with its citation marks and the space or line break before it
    index: int
    claim: Claim
    new_citations: tuple[Citation, ...]


@dataclass(slots=True, kw_only=True)
class Composition:
    """Grows by sentences. Citation numbers are given in order of first use, one for each quoted span."""

    blocks: Sequence[ContextBlock]
    language: str
    today: date
    per_sentence: int = 2
    verify: bool = True
    two_sources: bool = False  # where only pages nobody vouches for say what decides a case
    text: str = ""
    claims: list[Claim] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    withheld: list[Withheld] = field(default_factory=list)
    unconfirmed: bool = False  # something is shown that one source says that nobody vouches for

    def add(self, sentence: DraftSentence, support: Support | None = None) -> Shown | Withheld:
        """Cite and verify one sentence; a number that names no block of the context is dropped, never shown.

        `support` is the verdict on the sentence and the passages of `cited`; without one it is checked here.
        """
        if not sentence.cited and admits_a_limit(sentence.text):
            return self._append(sentence, (), kind="limit", support="not_applicable")
        cited = self._blocks_of(sentence)
        passages = [block.passage for block in cited]
        support = support or check_support(sentence.text, passages, language=self.language)
        if not passages or (self.verify and not support.supported):
            reason = support.reason or "uncited"
            kept = Withheld(text=sentence.text, reason=reason, citations=tuple(block.n for block in cited))
            self.withheld.append(kept)
            return kept
        if self.two_sources and self._rests_on_one(sentence, passages):
            if decides(sentence.text, language=self.language):
                kept = Withheld(text=sentence.text, reason=ONE_SOURCE, citations=tuple(block.n for block in cited))
                self.withheld.append(kept)
                return kept
            self.unconfirmed = True
        return self._show(sentence, passages)

    def _rests_on_one(self, sentence: DraftSentence, cited: Sequence[Passage]) -> bool:
        context = [block.passage for block in self.blocks]
        return rests_on_one(sentence.text, cited, context, language=self.language)

    def cited(self, sentence: DraftSentence) -> list[Passage]:
        """The passages that a sentence cites, as many as it may."""
        return [block.passage for block in self._blocks_of(sentence)]

    def note(self, text: str) -> Shown:
        """Add a sentence of our own about what is not known; it cites nothing."""
        return self._append(DraftSentence(text=text), (), kind="limit", support="not_applicable")

    def undo(self, shown: Shown, reason: str) -> None:
        """Take back the last sentence, before anybody saw it."""
        self.text = self.text[: len(self.text) - len(shown.delta)]
        self.claims.pop()
        del self.citations[len(self.citations) - len(shown.new_citations) :]
        self.withheld.append(Withheld(text=shown.delta.strip(), reason=reason, citations=shown.claim.citations))

    def amend(self, shown: Shown, delta: str) -> Shown:
        """Put another wording in the place of the last sentence (a guard masked a part of it)."""
        start = len(self.text) - len(shown.delta)
        self.text = self.text[:start] + delta
        begins = start + len(delta) - len(delta.lstrip())
        claim = replace(shown.claim, start=begins, end=start + len(delta))
        self.claims[-1] = claim
        return replace(shown, delta=delta, claim=claim)

    def quote(self, block: ContextBlock, sentence: str, *, lead: str) -> Shown:
        """Show a passage's own sentence inside a frame of ours, such as its title and date."""
        before = len(self.citations)
        number = self._number(block.passage, sentence)
        shown = self._append(DraftSentence(text=lead, bullet=True), (number,), kind="fact", support="supported")
        return replace(shown, new_citations=tuple(self.citations[before:]))

    def _blocks_of(self, sentence: DraftSentence) -> list[ContextBlock]:
        known = {block.n: block for block in self.blocks}
        cited = [known[n] for n in sentence.cited if n in known]
        if len(cited) <= self.per_sentence:
            return cited
        carrying = [
            b for b in cited if check_support(sentence.text, [b.passage], language=self.language).supported
        ]
        return (carrying or cited)[: self.per_sentence]

    def _show(self, sentence: DraftSentence, passages: Sequence[Passage]) -> Shown:
        before = len(self.citations)
        numbers = tuple(dict.fromkeys(self._number(passage, sentence.text) for passage in passages))
        shown = self._append(sentence, numbers, kind="fact", support="supported")
        return replace(shown, new_citations=tuple(self.citations[before:]))

    def _number(self, passage: Passage, sentence: str) -> int:
        made = cite(passage, sentence, n=len(self.citations) + 1, language=self.language, today=self.today)
        for known in self.citations:
            if (known.chunk_id, known.start, known.end) == (made.chunk_id, made.start, made.end):
                return known.n
        self.citations.append(made)
        return made.n

    def _append(self, sentence: DraftSentence, numbers: tuple[int, ...], *, kind: str, support: str) -> Shown:
        gap = "" if not self.text else "\n" if sentence.bullet else " "
        body = ("- " if sentence.bullet else "") + marked(sentence.text, numbers)
        start = len(self.text) + len(gap)
        claim = Claim(start=start, end=start + len(body), kind=kind, support=support, citations=numbers)
        self.text += gap + body
        self.claims.append(claim)
        return Shown(delta=gap + body, index=len(self.claims) - 1, claim=claim, new_citations=())


def admits_a_limit(sentence: str) -> bool:
    """Whether a sentence only says what the sources do not tell; one that goes on to claim something does not."""
    return bool(_LIMIT.match(sentence)) and not _CLAIMS_MORE.search(sentence)


def marked(sentence: str, numbers: Sequence[int]) -> str:
    """The sentence with its marks before the closing punctuation: `Within 30 days [1].`"""
    if not numbers:
        return sentence
    marks = "".join(f"[{n}]" for n in numbers)
    body = sentence.rstrip(_CLOSING)
    closing = sentence[len(body) :] or "."
    return f"{body} {marks}{closing}"
