"""The shipped rules as data: what each one looks at, what is well, who looks, and how soon.

Each has a page docs/runbooks/<id>.md. A project changes them under [alerts.rule.ID].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from answerable.core.alert import Severity

PAGE, TICKET, NOTE = Severity.PAGE, Severity.TICKET, Severity.NOTE
_HOUR = 3600.0
_DAY = 86_400.0


class Looks(StrEnum):
    """How a rule decides."""

    SHARE = "share"  # a share of bad ones that rose: a test that may be looked at for ever
    LEVEL = "level"  # a figure beyond what is well for a time
    HAPPENING = "happening"  # something happened


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`title`: what it says when it is on, in plain words.

    SHARE: `most` is what is well where the past is not known yet, a share in [0, 1] (None: nothing is said until
    then); `tolerated` is added to what is usual; `least` bad ones are a reason. A measured value is bad beyond
    what 95 % usually stay below (`low`: above), and beyond `floor`. LEVEL: bad above `most` for `held_s`.
    HAPPENING: names of `happenings`; `only` are props that have to be so, `keyed` the prop that tells things
    apart; over after `held_s` without another one.
    """

    id: str
    title: str
    severity: Severity
    owner: str
    looks: Looks
    unit: str = "share"
    most: float | None = None
    tolerated: float = 0.05
    least: int = 5
    floor: float = 0.0
    low: bool = False
    held_s: float = 0.0
    happenings: tuple[str, ...] = ()
    only: Mapping[str, tuple[str, ...]] | None = None
    keyed: str = ""

    @property
    def runbook(self) -> str:
        """Its page."""
        return f"docs/runbooks/{self.id}.md"


def _share(
    rule: str, title: str, severity: Severity, owner: str, *, most: float, tolerated: float, least: int = 5
) -> Rule:
    return Rule(
        id=rule,
        title=title,
        severity=severity,
        owner=owner,
        looks=Looks.SHARE,
        most=most,
        tolerated=tolerated,
        least=least,
    )


def _level(
    rule: str, title: str, severity: Severity, owner: str, *, most: float, unit: str, held_s: float = 0.0
) -> Rule:
    return Rule(
        id=rule,
        title=title,
        severity=severity,
        owner=owner,
        looks=Looks.LEVEL,
        most=most,
        unit=unit,
        held_s=held_s,
    )


ENGINEER, OPS, EDITOR, REVIEWER = "engineer", "ops", "editor", "reviewer"
SHARES = (
    _share("refusals", "More questions than usual get no answer", PAGE, ENGINEER, most=0.35, tolerated=0.07),
    _share("errors", "Answers fail", PAGE, OPS, most=0.03, tolerated=0.02),
    _share("withheld", "More sentences than usual have no support", PAGE, ENGINEER, most=0.3, tolerated=0.08),
    _share("uncited", "Answers are shown without a source", PAGE, ENGINEER, most=0.05, tolerated=0.03),
    _share("completion", "Fewer tasks are solved", TICKET, ENGINEER, most=0.4, tolerated=0.08, least=10),
    _share("votes", "More votes than usual are negative", TICKET, REVIEWER, most=0.5, tolerated=0.15, least=6),
    _share("pushback", "People repeat or contradict more", TICKET, ENGINEER, most=0.3, tolerated=0.07),
    _share("escalations", "More people than usual want a person", TICKET, REVIEWER, most=0.2, tolerated=0.05),
    _share("canaries", "Canary questions fail", PAGE, ENGINEER, most=0.1, tolerated=0.05, least=3),
    Rule(
        id="latency", title="Answers are slower than usual", severity=PAGE, owner=OPS,
        looks=Looks.SHARE, unit="ms", tolerated=0.07, floor=500.0,
    ),
    Rule(
        id="first_text", title="The first sentence comes later than usual", severity=TICKET, owner=OPS,
        looks=Looks.SHARE, unit="ms", tolerated=0.07, floor=300.0,
    ),
    _share("deadlines", "Answers run out of time", PAGE, OPS, most=0.05, tolerated=0.03),
    _share("fallbacks", "The first model does not answer", TICKET, OPS, most=0.1, tolerated=0.05),
    _share("model_errors", "Calls of a model fail", TICKET, OPS, most=0.1, tolerated=0.05),
    _share("search_degraded", "Search works without one of its parts", PAGE, OPS, most=0.1, tolerated=0.05),
    _share("answers_degraded", "Answers take a cheaper form", TICKET, OPS, most=0.15, tolerated=0.05),
    Rule(
        id="retrieval_margin", title="Search tells good from bad passages worse than usual", severity=TICKET,
        owner=ENGINEER, looks=Looks.SHARE, unit="score", tolerated=0.07, low=True,
    ),
    Rule(
        id="top_score", title="The best passage fits worse than usual", severity=TICKET,
        owner=ENGINEER, looks=Looks.SHARE, unit="score", tolerated=0.07, low=True,
    ),
    _share("empty_retrieval", "Search finds nothing at all", PAGE, OPS, most=0.05, tolerated=0.03),
    Rule(
        id="cost_per_answer", title="An answer costs more than usual", severity=PAGE, owner=OPS, looks=Looks.SHARE,
        unit="money", tolerated=0.07,
    ),
    _share("conflict_exposure", "Answers rest on pages that disagree", TICKET, EDITOR, most=0.1, tolerated=0.05),
    _share("stale_sources", "Answers cite pages past their review", TICKET, EDITOR, most=0.2, tolerated=0.08),
    _share(
        "document_share", "A page is suddenly in many answers", TICKET, EDITOR, most=0.05, tolerated=0.05, least=8
    ),
    _share("guard_hits", "More questions than usual are blocked", TICKET, OPS, most=0.1, tolerated=0.05),
)  # fmt: skip
LEVELS = (
    _level("spend_rate", "Money is spent faster than usual", PAGE, OPS, most=2.5, unit="times", held_s=240.0),
    _level("traffic", "No questions come in where there usually are some", TICKET, OPS, most=0.5, unit="state"),
    _level("review_overdue", "Reviews are overdue", TICKET, REVIEWER, most=0.5, unit="count"),
    _level("conflicts_open", "Pages that disagree wait for a decision", NOTE, EDITOR, most=20.0, unit="count"),
    _level("quarantine_open", "Documents wait in quarantine", NOTE, EDITOR, most=10.0, unit="count"),
    _level("index_freshness", "The index is behind its sources", TICKET, OPS, most=7 * _DAY, unit="s"),
    _level("empty_index", "The index is empty", PAGE, OPS, most=0.5, unit="state", held_s=120.0),
    _level("spool", "What is to be written waits on disk", TICKET, OPS, most=50.0, unit="files", held_s=300.0),
    _level("jobs", "Jobs do not get done", TICKET, OPS, most=0.5, unit="count", held_s=300.0),
    _level("messages", "Alerts do not reach anybody", TICKET, OPS, most=0.5, unit="count"),
)


def _happening(
    rule: str, title: str, severity: Severity, owner: str, names: tuple[str, ...], *, keyed: str = "",
    only: Mapping[str, tuple[str, ...]] | None = None, held_s: float = _DAY,
) -> Rule:  # fmt: skip
    return Rule(
        id=rule,
        title=title,
        severity=severity,
        owner=owner,
        looks=Looks.HAPPENING,
        unit="count",
        happenings=names,
        keyed=keyed,
        only=only,
        held_s=held_s,
    )


HAPPENINGS = (
    _happening(
        "model_changed", "A provider answers with another model", TICKET, ENGINEER, ("model.changed",),
        keyed="endpoint",
    ),
    _happening("drift", "What people ask or get has changed", TICKET, ENGINEER, ("drift.found",), keyed="signal"),
    _happening(
        "sudden_document", "A new page is in many answers of the day", TICKET, EDITOR, ("document.sudden_share",),
        keyed="document",
    ),
    _happening(
        "quarantined", "A document was taken aside", NOTE, EDITOR, ("document.quarantined",), keyed="source",
        held_s=12 * _HOUR,
    ),
    _happening(
        "provider_misconfigured", "A provider does not take our key or request", PAGE, OPS,
        ("provider.misconfigured",), keyed="endpoint", held_s=_HOUR,
    ),
    _happening("budget", "A budget is nearly spent", TICKET, OPS, ("budget.threshold",), keyed="name"),
    _happening("abuse", "Somebody collects what we have", TICKET, OPS, ("abuse.suspected",), keyed="kind"),
    _happening(
        "rollout_worse", "A new version of a prompt is worse", TICKET, ENGINEER, ("rollout.changed",),
        keyed="prompt", only={"what": ("worse", "back")}, held_s=4 * _HOUR,
    ),
    _happening(
        "rollout_degraded", "Rollouts cannot be read as they should be", TICKET, OPS, ("rollout.degraded",),
        keyed="prompt", held_s=_HOUR,
    ),
)  # fmt: skip
RULES: tuple[Rule, ...] = (*SHARES, *LEVELS, *HAPPENINGS)
