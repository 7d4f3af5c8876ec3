"""How a project stands with its red team: its packs, their age, and what the newest run found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import ClassVar

from answerable.app.project import Project
from answerable.app.redteam.packs import packs_of
from answerable.core.figures import Sample
from answerable.core.ports import Happening, Happenings
from answerable.evals.redteam.pack import Pack

HAPPENING = "redteam.finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`last` is the newest finished run, of any process; None: there was none."""

    OLD_DAYS: ClassVar[int] = 90

    packs: tuple[Pack, ...]
    last: Happening | None

    def said(self, today: date) -> tuple[str, str, str]:
        """The newest run in a line: ok or warn, what it found, and what to do."""
        if self.last is None:
            return "warn", "never run", "answerable redteam run"
        props, days = self.last.props, (today - self.last.at.astimezone(UTC).date()).days
        detectors = "" if props.get("detectors", True) else ", detectors off"
        detail = (
            f"{props['through']} of {props['trials']} attacks got through, target {props['target']}{detectors}, "
            f"{days} days ago (at most {100 * float(props['upper95']):.1f} %)"
        )
        return "warn" if props["through"] or days > self.OLD_DAYS else "ok", detail, "answerable redteam show"

    def samples(self, now: datetime) -> Sequence[Sample]:
        """As figures."""
        found = [
            Sample(
                name="answerable_redteam_pack_age_days",
                labels=(one.name,),
                value=float(one.age_days(now.date())),
            )
            for one in self.packs
        ]
        if self.last is None:
            return found
        props = self.last.props
        return [
            *found,
            Sample(name="answerable_redteam_run_age_seconds", value=(now - self.last.at).total_seconds()),
            Sample(name="answerable_redteam_trials", value=float(props["trials"])),
            Sample(name="answerable_redteam_through", value=float(props["through"])),
            Sample(name="answerable_redteam_upper_bound", value=float(props["upper95"])),
        ]


async def standing_of(project: Project, happenings: Happenings) -> Standing:
    """Raises DatabaseUnreachable, and ConfigError for a pack that cannot be read."""
    found = await happenings.latest(tenant=project.settings.project.tenant, name=HAPPENING, limit=1)
    return Standing(packs=packs_of(project).all(), last=found[0] if found else None)


async def standing_samples(project: Project, happenings: Happenings) -> Sequence[Sample]:
    """For a scrape."""
    return (await standing_of(project, happenings)).samples(datetime.now(UTC))
