"""What becomes of a document that looks planted: served, marked and served last, or held until its owner decides.

A mark costs a page its place, a hold costs it everything: so it takes two signs that do not hang together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from answerable.core.document import Chunk, Document
from answerable.core.patience import go_on
from answerable.core.quarantine import (
    EVIDENCE_CHARS,
    HIDDEN,
    INSTRUCTIONS,
    LOOKALIKE,
    HeldDocument,
    HeldState,
    Reason,
    held_id,
)
from answerable.text.echo import Questions

Scan = Callable[[Document], Sequence[str]]  # the names of the rules that find the document suspicious
SUSPICION = "suspicion"  # in Chunk.meta: rules with commas between them
CLASSIFIER = "classifier"
_STRONG_HIDDEN = frozenset(
    {"hidden.message", "hidden.markup"}
)  # words meant for a machine, where no reader sees them
_EXAMPLES = ("code", "quote")  # kinds of blocks
_FENCED = re.compile(r"^(```|~~~).*?(?:^\1|\Z)", re.M | re.S)
_PARSER_HID = ("hidden_text", "white_text", "invisible_characters")  # in Document.meta: what the parser left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What is done about each kind, by the source's trust: quarantine | flag | off."""

    hidden_text: Mapping[str, str]
    instructions: Mapping[str, str]
    lookalike: Mapping[str, str]

    def action(self, kind: str, trust: str) -> str:
        """For a document of that trust; of an unknown one, as for the least."""
        actions: Mapping[str, str] = getattr(self, kind)
        return actions.get(trust, actions["public"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A document's chunks with their marks, and the reasons to hold it; none: it goes into the index."""

    chunks: Sequence[Chunk]
    hold: tuple[Reason, ...] = ()


@dataclass(slots=True, kw_only=True)
class Holding:
    """Looks at the documents of one sync. `known`: what is held of the source, or was decided."""

    scan: Scan
    policy: Policy
    questions: Questions = field(default_factory=lambda: Questions(()))
    known: Sequence[HeldDocument] = ()

    def look(self, document: Document, chunks: Sequence[Chunk]) -> Looked:
        """A text that somebody released carries no mark; one that somebody rejected is held whatever it says."""
        said = self._said(document)
        if said is HeldState.RELEASED:
            return Looked(chunks=chunks)
        found = list(self._reasons(document, chunks))
        if said is HeldState.REJECTED:
            return Looked(chunks=chunks, hold=tuple(one for _, one, _ in found) or (_sent_away(document),))
        actions = [(place, one, self._action(document, one, strong)) for place, one, strong in found]
        marks = [(place, one) for place, one, action in actions if action != "off"]
        hold = tuple(one for _, one, action in actions if action == "quarantine")
        return Looked(chunks=_marked(chunks, marks), hold=hold)

    def waiting(self, uri: str) -> bool:
        """Whether an earlier text of the file waits for a decision."""
        return any(one.uri == uri and one.state is HeldState.HELD for one in self.known)

    def knows(self, id: str) -> bool:  # noqa: A002
        """Whether the text was held or decided on before."""
        return any(one.id == id for one in self.known)

    def _said(self, document: Document) -> HeldState | None:
        id = held_id(document.source, document.uri, document.text_sha256)  # noqa: A001
        return next((one.state for one in self.known if one.id == id), None)

    def _action(self, document: Document, reason: Reason, strong: bool) -> str:
        action = self.policy.action(reason.kind, document.trust)
        return "flag" if action == "quarantine" and not strong else action

    def _reasons(self, document: Document, chunks: Sequence[Chunk]) -> Iterator[tuple[int, Reason, bool]]:
        """Each with the place of its chunk, -1 for all of them, and whether it is strong."""
        whole = list(self.scan(document))
        several = False
        for place, chunk in enumerate(chunks):
            go_on()
            rules = list(self.scan(replace(document, text=chunk.text))) if whole else []
            several = several or bool(rules)
            yield from ((place, *one) for one in self._told(document, rules, chunk.start, chunk.end))
            if echo := self.questions.echoed_by(chunk.text):
                words = _short(f"repeats the question {echo.question!r}")
                reason = Reason(
                    kind=LOOKALIKE, rule=LOOKALIKE, words=words, start=chunk.start + echo.start, end=chunk.end
                )
                yield place, reason, True
        if whole and not several:  # what is seen only over the border of two chunks
            yield from ((-1, *one) for one in self._told(document, whole, 0, len(document.text)))

    def _told(
        self, document: Document, rules: Sequence[str], start: int, end: int
    ) -> Iterator[tuple[Reason, bool]]:
        if not rules:
            return
        words = _short(document.text[start:end])
        said = set(self.scan(replace(document, text=_without_examples(document, start, end))))
        if hidden := [one for one in rules if one.startswith("hidden.")]:
            reason = Reason(kind=HIDDEN, rule=",".join(hidden), words=words, start=start, end=end)
            yield reason, bool(_STRONG_HIDDEN & said)
        if visible := [one for one in rules if not one.startswith("hidden.")]:
            reason = Reason(kind=INSTRUCTIONS, rule=",".join(visible), words=words, start=start, end=end)
            yield reason, _is_strong(document, said)


def _is_strong(document: Document, said: set[str]) -> bool:
    """Whether two signs agree: a rule and the classifier, or an instruction and text that nobody was to see."""
    visible = {one for one in said if not one.startswith("hidden.")}
    hides = len(said) > len(visible) or any(document.meta.get(name) for name in _PARSER_HID)
    return bool(visible) and (hides or (CLASSIFIER in visible and len(visible) > 1))


def _without_examples(document: Document, start: int, end: int) -> str:
    """text[start:end] without what stands in code and quotes: what a reader is shown as such never holds."""
    text = list(document.text[start:end])
    spans = [(one.start - start, one.end - start) for one in document.blocks if one.kind in _EXAMPLES]
    spans += [match.span() for match in _FENCED.finditer(document.text[start:end])]
    for first, last in spans:
        inside = slice(max(0, first), max(0, last))
        text[inside] = " " * len(text[inside])
    return "".join(text)


def _marked(chunks: Sequence[Chunk], marks: Sequence[tuple[int, Reason]]) -> list[Chunk]:
    marked = list(chunks)
    for place, reason in marks:
        for at in range(len(marked)) if place < 0 else (place,):
            meta = marked[at].meta
            rules = dict.fromkeys([*filter(None, meta.get(SUSPICION, "").split(",")), *reason.rule.split(",")])
            marked[at] = replace(marked[at], meta={**meta, SUSPICION: ",".join(rules)})
    return marked


def _sent_away(document: Document) -> Reason:
    return Reason(kind="rejected", rule="rejected", words=_short(document.text))


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= EVIDENCE_CHARS else f"{flat[: EVIDENCE_CHARS - 1]}…"
