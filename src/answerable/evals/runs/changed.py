"""Which cases a change of files can touch: the cases themselves, and those whose gold documents changed.

A prompt, the configuration, a criterion or a pattern touches every case. A document that no case names as gold may
still be found for any question: such cases are left out here, and that is said. What is never left out is a full
run before something ships.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from answerable.core.evaluation import EvalCase


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """The cases to ask, and why these."""

    cases: tuple[EvalCase, ...]
    everything: tuple[Path, ...] = ()  # changed files that touch every case
    by_file: int = 0  # cases that changed themselves
    by_gold: int = 0  # further cases whose gold documents changed
    unnamed: int = 0  # changed documents that are no case's gold


def gold_uris(case: EvalCase) -> frozenset[str]:
    """The documents that a case rests on."""
    named = [span.document for span in case.expect.spans]
    return frozenset([*named, *(one.partition("#")[0] for one in case.expect.cites), *case.gold_version])


def affected(
    filed: Sequence[tuple[EvalCase, Path]],
    changed: Iterable[Path],
    *,
    everywhere: Sequence[Path],
    documents: Sequence[Path],
) -> Affected:
    """All paths are absolute. `everywhere`: what touches every case; `documents`: the roots of the sources."""
    paths = set(changed)
    whole = tuple(sorted(path for path in paths if any(_within(path, one) for one in everywhere)))
    if whole:
        return Affected(cases=tuple(case for case, _ in filed), everything=whole)
    touched = {uri for path in paths for root in documents if (uri := _uri(path, root))}
    own = {case.id for case, path in filed if path in paths}
    by_gold = {case.id for case, _ in filed if gold_uris(case) & touched} - own
    named = frozenset(uri for case, _ in filed for uri in gold_uris(case))
    return Affected(
        cases=tuple(case for case, _ in filed if case.id in own | by_gold),
        by_file=len(own),
        by_gold=len(by_gold),
        unnamed=len(touched - named),
    )


def describe(found: Affected, *, since: str, total: int) -> str:
    """One line for people: what is asked, and what is left out."""
    if found.everything:
        named = ", ".join(path.name for path in found.everything[:3])
        return f"changed since {since}: {named}; that touches every case"
    left = f"; {found.unnamed} changed documents are no case's gold" if found.unnamed else ""
    return (
        f"changed since {since}: {found.by_file} cases themselves, gold documents of {found.by_gold} more; "
        f"{len(found.cases)} of {total} cases are asked{left}"
    )


def failing(results: Mapping[str, float | None], cases: Sequence[EvalCase]) -> tuple[EvalCase, ...]:
    """The cases that did not always pass or could not be measured in an earlier run, and those that it had not."""
    return tuple(case for case in cases if results.get(case.id) != 1.0)


def _within(path: Path, place: Path) -> bool:
    return path == place or place in path.parents


def _uri(path: Path, root: Path) -> str:
    return PurePosixPath(path.relative_to(root)).as_posix() if root in path.parents else ""
