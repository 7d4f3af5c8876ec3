"""The named things in a question that the passages do not know: an answer that ignores them is only partial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from answerable.answer.question import passage_stems
from answerable.core.prompt import ContextBlock
from answerable.text.facts import facts
from answerable.text.placeholders import without_placeholders
from answerable.text.stems import stem, stems
from answerable.text.words import fold, words


def unknown_names(question: str, blocks: Sequence[ContextBlock], *, language: str) -> tuple[str, ...]:
    """The names and codes of the question, as written, that stand in no passage of the context."""
    known = frozenset().union(*(passage_stems(block.passage) for block in blocks)) if blocks else frozenset[str]()
    question = without_placeholders(question)
    codes = {_run_on(one) for one in known if "-" in one}
    named = set(facts(question, language).names)
    missing = []
    for word, _, _ in words(question):
        folded = fold(word)
        bare = folded.removesuffix("'s").removesuffix("’s")
        if len(folded) <= 2:
            continue  # US, EU, TV: written in too many ways to miss
        is_code = any(char.isdigit() for char in folded) and any(char.isalpha() for char in folded)
        if is_code and _run_on(folded) in codes:
            continue  # E217 is E-217
        if (folded in named or is_code) and not {folded, bare, stem(bare, language)} & known:
            missing.append(word)
    return tuple(dict.fromkeys(missing))


def _run_on(code: str) -> str:
    return code.replace("-", "")


def unknown_share(names: Sequence[str], weights: Mapping[str, float], *, language: str) -> float:
    """The share in [0, 1] of the question's weight that lies on these names."""
    total = sum(weights.values())
    missing = {one for name in names for one in stems(name, language, stop=False)}
    return sum(weight for one, weight in weights.items() if one in missing) / total if total else 0.0
