"""Many answers before one judge: several at once, each as often as wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from answerable.evals.judges.judge import Judging
from answerable.evals.judges.judgment import Judgment
from answerable.evals.judges.material import Material

Tell = Callable[[], None]  # called after each judgment


async def ask_all(
    judge: Judging, materials: Mapping[str, Material], *, repeats: int, concurrency: int, tell: Tell
) -> dict[str, tuple[Judgment, ...]]:
    """What the judge said of each item, `repeats` times, in order; items that it is not asked of are left out."""
    permits = asyncio.Semaphore(concurrency)

    async def one(repeat: int, material: Material) -> Judgment:
        async with permits:
            said = await judge.again(repeat).judge(material)
        tell()
        return said

    async with asyncio.TaskGroup() as group:
        asked = {
            item: [group.create_task(one(repeat, material)) for repeat in range(repeats)]
            for item, material in materials.items()
        }
    said = {item: tuple(task.result() for task in tasks) for item, tasks in asked.items()}
    return {item: repeated for item, repeated in said.items() if not repeated[0].not_asked}
