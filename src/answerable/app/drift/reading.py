"""Cells as the statistics take them: a signal's blocks in their order, and its slices around a change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from answerable.core.slices import BLOCK, Cell
from answerable.evals.stats.changes import PER_DAY, Block
from answerable.monitor.drift.blame import Slice
from answerable.monitor.drift.signals import MIXES, PART, PARTED

_MONDAY = datetime(2000, 1, 3, tzinfo=UTC)
_ASKED = "asked"
_LANGUAGE = "language"
_PART_SHARES, _PART_ANSWERS, _PART_PERSONS = (0.05, 0.9), 100, 5  # of a language that is looked at by itself
_LEAST_SHARE, _LEAST_ANSWERS, _MOST_VALUES = 0.01, 30, 20  # of a mix's values that are watched


def block_of(at: datetime) -> datetime:
    """The beginning of the block that it lies in."""
    return _MONDAY + (at - _MONDAY) // BLOCK * BLOCK


def blocks_of(cells: Iterable[Cell], since: datetime, until: datetime) -> list[Block]:
    """One for each block of [since, until), whether or not anybody asked."""
    by_block = {one.block: one for one in cells}
    count = (until - since) // BLOCK
    return [_block(since + n * BLOCK, by_block.get(since + n * BLOCK)) for n in range(count)]


def by_signal(cells: Sequence[Cell], since: datetime, until: datetime) -> dict[str, list[Block]]:
    """Blocks of every signal, of every value of a mix as `topic:VALUE`, of some by language as `refusals@de`."""
    plain: dict[str, list[Cell]] = defaultdict(list)
    mixes: dict[str, dict[str, list[Cell]]] = {name: defaultdict(list) for name in MIXES}
    for one in cells:
        if not one.dimension:
            plain[one.signal].append(one)
        elif one.dimension in mixes and one.signal == _ASKED:
            mixes[one.dimension][one.value].append(one)
    asked = {one.block: one for one in plain.pop(_ASKED, [])}
    found = {name: blocks_of(several, since, until) for name, several in plain.items()}
    for dimension, values in mixes.items():
        for value, several in _watched(values, asked).items():
            found[f"{dimension}:{value}"] = blocks_of(_shares(several, asked), since, until)
    return found | _by_language(cells, _large(mixes[_LANGUAGE], asked), since, until)


def slices_of(
    cells: Iterable[Cell], start: datetime, label: Callable[[str, str], str]
) -> Mapping[str, list[Slice]]:
    """By dimension: what each value was before `start` and is since."""
    sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0, 0.0, 0, 0.0, 0])
    for one in cells:
        if one.dimension:
            kept, side = sums[one.dimension, one.value], 2 if one.block >= start else 0
            kept[side] += one.n
            kept[side + 1] += one.total
            if side:
                kept[4] = max(kept[4], one.persons)
    found: dict[str, list[Slice]] = defaultdict(list)
    for (dimension, value), (n0, x0, n1, x1, persons) in sorted(sums.items()):
        found[dimension].append(
            Slice(
                value=value,
                n0=int(n0),
                x0=x0,
                n1=int(n1),
                x1=x1,
                persons=int(persons),
                label=label(dimension, value),
            )
        )
    return found


def _by_language(
    cells: Iterable[Cell], languages: Sequence[str], since: datetime, until: datetime
) -> dict[str, list[Block]]:
    parts: dict[str, list[Cell]] = defaultdict(list)
    for one in cells:
        if one.dimension == _LANGUAGE and one.value in languages and one.signal in PARTED:
            parts[f"{one.signal}{PART}{one.value}"].append(one)
    return {name: blocks_of(several, since, until) for name, several in sorted(parts.items())}


def _large(values: Mapping[str, list[Cell]], asked: Mapping[datetime, Cell]) -> list[str]:
    """Languages of enough answers and persons to be looked at alone, and not of nearly all: all tell of that."""
    whole = sum(one.n for one in asked.values())
    least, most = (share * whole for share in _PART_SHARES)
    return [
        value
        for value, several in sorted(values.items())
        if max(least, _PART_ANSWERS) <= sum(one.n for one in several) <= most
        and max(one.persons for one in several) >= _PART_PERSONS
    ]


def _watched(values: Mapping[str, list[Cell]], asked: Mapping[datetime, Cell]) -> dict[str, list[Cell]]:
    """The values that are asked for often enough, the largest first."""
    whole = sum(one.n for one in asked.values())
    sizes = {value: sum(one.n for one in several) for value, several in values.items()}
    often = [one for one, n in sizes.items() if n >= max(_LEAST_ANSWERS, _LEAST_SHARE * whole) and n < whole]
    return {one: values[one] for one in sorted(often, key=lambda one: (-sizes[one], one))[:_MOST_VALUES]}


def _shares(cells: Sequence[Cell], asked: Mapping[datetime, Cell]) -> list[Cell]:
    """Each block's answers, with 1 for those of the value. Who asked what else is not known: the sum of products
    is set to the least that it can be, which makes the spread larger than it is, never smaller."""
    of_value = {one.block: one for one in cells}
    found = []
    for block, whole in asked.items():
        mine = of_value.get(block)
        found.append(
            Cell(
                block=block,
                dimension="",
                value="",
                signal="",
                n=whole.n,
                persons=whole.persons,
                total=float(mine.n) if mine else 0.0,
                nn=whole.nn,
                nx=mine.nn if mine else 0.0,
                xx=mine.nn if mine else 0.0,
            )
        )
    return found


def _block(at: datetime, cell: Cell | None) -> Block:
    since = at - _MONDAY
    slot = since.seconds // int(BLOCK.total_seconds()) % PER_DAY
    if cell is None:
        return Block(day=since.days, slot=slot, n=0, total=0.0, nn=0.0, nx=0.0, xx=0.0)
    return Block(day=since.days, slot=slot, n=cell.n, total=cell.total, nn=cell.nn, nx=cell.nx, xx=cell.xx)
