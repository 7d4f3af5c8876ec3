"""What the sentence check lets through and what it holds back, on scripted answers to real questions.

    python benchmarks/withheld.py --data DIR [--questions 500] [--out benchmarks/results/withheld.json]

Contexts of five passages are drawn from every corpus.jsonl below DIR. A scripted writer answers: sentences quoted
from the passages, lightly reworded and shortened ones, and every way of being wrong. Each sentence is known to be
true or false, so both errors can be counted. Nothing here is a model's quality.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from rich.progress import track

from answerable.answer.composition import Composition, Shown
from answerable.answer.draft import DraftSentence, read_draft
from answerable.core.document import Chunk
from answerable.core.passage import Passage
from answerable.core.prompt import ContextBlock
from answerable.text.facts import facts
from answerable.text.numbers import numbers
from answerable.text.sentences import sentences

INVENTED = "Dr. Malvina Krauss approves every exception within 73 minutes for a fee of 941 EUR."
_REWORD = (
    ("is", "was"),
    ("are", "were"),
    ("has", "had"),
    ("which", "that"),
    ("in order to", "to"),
    ("however", "but"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One sentence a model might write, and whether the cited passage supports it."""

    kind: str
    sentence: str
    n: int
    true: bool


def trials(blocks: Sequence[ContextBlock], rng: random.Random) -> Iterator[Trial]:
    """True sentences as they are and lightly reworded; then every way of being wrong."""
    block = rng.choice(blocks)
    text = block.passage.chunk.text
    pieces = [text[start:end] for start, end in sentences(text) if 6 <= len(text[start:end].split()) <= 60]
    if not pieces:
        return
    piece = rng.choice(pieces)
    yield Trial(kind="quoted", sentence=piece, n=block.n, true=True)
    yield Trial(kind="reworded", sentence=reworded(piece), n=block.n, true=True)
    yield Trial(kind="shortened", sentence=shortened(piece), n=block.n, true=True)
    yield Trial(kind="invented", sentence=INVENTED, n=block.n, true=False)
    other = rng.choice([one for one in blocks if one.n != block.n])
    yield Trial(kind="cited wrongly", sentence=piece, n=other.n, true=False)
    if changed := other_number(piece, rng):
        yield Trial(kind="another number", sentence=changed, n=block.n, true=False)
    if changed := other_name(piece):
        yield Trial(kind="another name", sentence=changed, n=block.n, true=False)
    if changed := turned(piece):
        yield Trial(kind="turned by a not", sentence=changed, n=block.n, true=False)


def reworded(sentence: str) -> str:
    """The same with a few function words changed."""
    for old, new in _REWORD:
        sentence = re.sub(rf"\b{old}\b", new, sentence)
    return sentence


def shortened(sentence: str) -> str:
    """The same without what stands in brackets or behind the last comma."""
    bare = re.sub(r"\s*\([^)]*\)", "", sentence)
    head, comma, _ = bare.rpartition(",")
    return f"{head}." if comma and len(head.split()) >= 6 else bare


def other_number(sentence: str, rng: random.Random) -> str | None:
    """The same with one of its numbers changed."""
    found = re.search(r"\b\d{1,4}\b", sentence)
    if found is None or not numbers(sentence):
        return None
    return sentence[: found.start()] + str(int(found.group()) + rng.randint(2, 9)) + sentence[found.end() :]


def other_name(sentence: str) -> str | None:
    """The same about somebody or something else."""
    for name in facts(sentence).names:
        if found := re.search(rf"\b{re.escape(name)}\b", sentence, re.I):
            return f"{sentence[: found.start()]}Malvina{sentence[found.end() :]}"
    return None


def turned(sentence: str) -> str | None:
    """The same with its first plain verb negated."""
    found = re.search(r"\b(?:is|are|was|were|can|will|has|have)\b", sentence)
    if found is None or facts(sentence).negations:
        return None
    return f"{sentence[: found.end()]} not{sentence[found.end() :]}"


def read_blocks(corpus: Path, count: int, rng: random.Random) -> Iterator[tuple[ContextBlock, ...]]:
    """Contexts of five passages: the one a question is about, and four others."""
    rows = [json.loads(line) for line in corpus.read_text("utf-8").splitlines()]
    for _ in range(count):
        yield tuple(_block(n, row) for n, row in enumerate(rng.sample(rows, 5), start=1))


def _block(n: int, row: dict[str, str]) -> ContextBlock:
    title, text = row.get("title", ""), row["text"]
    chunk = Chunk(document_id=row["_id"], start=0, end=len(text), text=text, headings=(title,))
    return ContextBlock(n=n, passage=Passage(chunk=chunk, score=1.0, title=title, uri=row["_id"], source="bench"))


def run(corpus: Path, count: int) -> dict[str, dict[str, int]]:
    """By kind of sentence: how many were tried and how many were shown, and why the others were held back."""
    rng = random.Random(5)
    table: dict[str, Counter[str]] = {}
    for blocks in track(read_blocks(corpus, count, rng), total=count, description=corpus.parent.name):
        for trial in trials(blocks, rng):
            composition = Composition(blocks=blocks, language="en", today=date(2026, 11, 22))
            made = [composition.add(part) for part in parts_of(trial)]
            whole = all(isinstance(one, Shown) for one in made)
            row = table.setdefault(f"{'true' if trial.true else 'false'}: {trial.kind}", Counter())
            row["tried"] += 1
            row["shown"] += whole
            for one in made:
                if not isinstance(one, Shown):
                    row[f"withheld: {one.reason}"] += 1
    return {kind: dict(row) for kind, row in sorted(table.items(), reverse=True)}


def parts_of(trial: Trial) -> list[DraftSentence]:
    """The sentence as a reader of the draft sees it, every part with the same citation."""
    marked = [DraftSentence(text=one.text, cited=(trial.n,)) for one in read_draft(trial.sentence)]
    return marked or [DraftSentence(text=trial.sentence, cited=(trial.n,))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/withheld.json"))
    options = parser.parse_args()
    sets = {
        corpus.parent.name: run(corpus, options.questions) for corpus in sorted(options.data.rglob("corpus.jsonl"))
    }
    for name, table in sets.items():
        print(f"\n{name:<28}{'tried':>8}{'shown':>8}")
        for kind, row in table.items():
            print(f"{kind:<28}{row['tried']:>8}{row['shown']:>8}   {100 * row['shown'] / row['tried']:5.1f} %")
    result = {
        "command": f"python benchmarks/withheld.py --data DIR --questions {options.questions}",
        "date": datetime.now(UTC).date().isoformat(),
        "note": "scripted sentences of known truth; nothing here is a model's quality",
        "sets": sets,
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
