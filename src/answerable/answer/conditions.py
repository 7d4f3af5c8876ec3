"""The named things in a question that the passages do not know: an answer that ignores them is only partial."""

from __future__ import annotations

from collections.abc import Sequence

from answerable.answer.question import passage_stems
from answerable.core.prompt import ContextBlock
from answerable.text.facts import facts
from answerable.text.stems import stem
from answerable.text.words import fold, words


def unknown_names(question: str, blocks: Sequence[ContextBlock], *, language: str) -> tuple[str, ...]:
    """The names and codes of the question, as written, that stand in no passage of the context."""
    known = frozenset().union(*(passage_stems(block.passage) for block in blocks)) if blocks else frozenset[str]()
    named = set(facts(question, language).names)
    missing = []
    for word, _, _ in words(question):
        folded = fold(word)
        bare = folded.removesuffix("'s").removesuffix("’s")
        is_code = any(char.isdigit() for char in folded) and any(char.isalpha() for char in folded)
        if (folded in named or is_code) and not {folded, bare, stem(bare, language)} & known:
            missing.append(word)
    return tuple(dict.fromkeys(missing))
