"""Running syncs and telling what they did; shared by ingest, source and demo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from answerable.cli.console import err, note
from answerable.cli.progress import sync_progress
from answerable.config.sources import SourceSection
from answerable.ingest.report import SyncReport

if TYPE_CHECKING:
    from answerable.app import System

EXIT_PARTIAL = 5


async def sync_all(
    system: System, sources: Sequence[SourceSection], *, retry_failed: bool = False
) -> list[SyncReport]:
    """Sync one source after the other."""
    from answerable.app.ingesting import open_ingestion  # parsers and tokenizer: nothing else needs them

    reports = []
    async with open_ingestion(system) as ingestion:
        for section in sources:
            with sync_progress(section.id) as observe:
                reports.append(await ingestion.sync(section, observe=observe, retry_failed=retry_failed))
            tell(reports[-1])
    return reports


def tell(report: SyncReport) -> None:
    """One line of what happened, then a line for each file that failed."""
    note(
        f"{report.source}: {report.added} added, {report.changed} changed, {report.unchanged} unchanged, "
        f"{report.removed} removed, {len(report.failed)} failed{_held(report)}; {report.chunks} chunks written, "
        f"{report.embedded} embedded, {report.cached} from the cache; {report.seconds:.1f} s"
    )
    for held in report.held:
        kinds = ", ".join(dict.fromkeys(why.kind for why in held.reasons))
        err.print(
            f"held: {held.uri}: {kinds}; see: answerable quarantine show {held.uri}", style="yellow", markup=False
        )
    for uri, cause in sorted(report.failed.items()):
        err.print(f"failed: {uri}: {cause.removeprefix(f'{uri}: ')}", style="yellow", markup=False)


def _held(report: SyncReport) -> str:
    return f", {len(report.held)} held" if report.held else ""


def exit_code(reports: Sequence[SyncReport]) -> int:
    """5 when a document failed, else 0."""
    return EXIT_PARTIAL if any(report.failed for report in reports) else 0


def report_rows(reports: Sequence[SyncReport]) -> list[dict[str, object]]:
    """The reports as JSON-able rows."""
    return [
        {
            "source": one.source,
            "run": one.run,
            **one.counts,
            "seconds": round(one.seconds, 3),
            "errors": dict(one.failed),
        }
        for one in reports
    ]
