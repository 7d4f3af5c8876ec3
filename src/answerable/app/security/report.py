"""The security report of a project: what is on, what is off and why, what was tried, what waits for somebody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from answerable.adapters.postgres.quarantine import PostgresQuarantine
from answerable.app.diagnosis import Finding
from answerable.app.redteam.standing import Standing, standing_of
from answerable.app.system import System
from answerable.config.section import Section
from answerable.core.ports import Token

CONTROLS = "docs/security/controls.md"  # of the version's own repository: the 28 threats and their figures
_RECENT = 500  # happenings that are counted
_NAMED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One heading with what stands under it."""

    title: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityReport:
    """All parts, as of `at`."""

    project: str
    version: str
    at: datetime
    parts: tuple[Part, ...]

    @property
    def concerns(self) -> tuple[Finding, ...]:
        """What wants somebody's eye."""
        return tuple(one for part in self.parts for one in part.findings if one.state != "ok")


async def security_report(system: System, *, version: str) -> SecurityReport:
    """Reads; changes nothing. Raises DatabaseUnreachable."""
    now = datetime.now(UTC)
    parts = (
        Part(title="Guards", findings=tuple(_guards(system))),
        Part(
            title="Red team",
            findings=tuple(_redteam(await standing_of(system.project, system.happenings), now.date())),
        ),
        Part(title="Quarantine", findings=tuple(await _quarantine(system))),
        Part(title="Audit log", findings=(await _audit(system),)),
        Part(title="Credentials", findings=tuple(await _credentials(system, now))),
        Part(title="Limits and alarms", findings=tuple(await _alarms(system))),
        Part(title="Exposure", findings=tuple(_exposure(system))),
        Part(
            title="Threats and controls",
            findings=(_ok("table", f"28 threats, their tests and figures: {CONTROLS}"),),
        ),
    )
    return SecurityReport(project=system.settings.project.name, version=version, at=now, parts=parts)


def report_record(report: SecurityReport) -> dict[str, Any]:
    """JSON-able."""
    return {
        "project": report.project,
        "version": report.version,
        "at": report.at.isoformat(timespec="seconds"),
        "parts": [
            {
                "title": part.title,
                "findings": [
                    {"what": one.what, "state": one.state, "detail": one.detail, "fix": one.fix}
                    for one in part.findings
                ],
            }
            for part in report.parts
        ],
        "concerns": len(report.concerns),
    }


def _guards(system: System) -> list[Finding]:
    """Every guard with its action; what is off and ships on, with the reason that was given."""
    guard = system.settings.guard
    found = []
    for side in ("input", "output", "ingest"):
        section: Section = getattr(guard, side)
        for key, value in section.model_dump().items():
            if value in ("block", "mask", "flag", "allow", "quarantine", "off") or isinstance(value, dict):
                found.append(
                    _guard(f"{side}.{key}", value, type(section).model_fields[key].default, guard.reasons)
                )
    found += [_warn(f"tenant {name}", "has guards of its own", "") for name in getattr(guard, "tenants", {})]
    return found


def _guard(key: str, value: object, shipped: object, reasons: Mapping[str, str]) -> Finding:
    said = ", ".join(f"{name}: {one}" for name, one in value.items()) if isinstance(value, dict) else str(value)
    if value == shipped:
        return _ok(key, said + (" (as shipped)" if value == "off" else ""))
    reason = reasons.get(key, "")
    return _warn(key, f"{said}, shipped as {shipped}" + (f": {reason}" if reason else ""), "")


def _redteam(standing: Standing, today: date) -> list[Finding]:
    found = [
        _ok(f"pack {pack.name}", f"{pack.version} of {pack.date}, {pack.age_days(today)} days old")
        if pack.age_days(today) <= Standing.OLD_DAYS
        else _warn(
            f"pack {pack.name}", f"{pack.age_days(today)} days old", "add a newer one: redteam pack add FILE"
        )
        for pack in standing.packs
    ]
    state, detail, fix = standing.said(today)
    return [*found, Finding(what="red team", state=state, detail=detail, fix=fix)]


async def _quarantine(system: System) -> list[Finding]:
    held = await PostgresQuarantine(system.database).listed(tenant=system.settings.project.tenant)
    if not held:
        return [_ok("documents", "none waits for its owner")]
    kinds = Counter(why.kind for one in held for why in one.reasons)
    told = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
    return [_warn("documents", f"{len(held)} wait for their owners ({told})", "answerable quarantine list")]


async def _audit(system: System) -> Finding:
    chain = await system.audit.verify(tenant=system.settings.project.tenant)
    if chain.holds:
        return _ok("chain", f"{chain.rows} rows, the chain holds; head {chain.head[:16]}")
    return Finding(
        what="chain",
        state="fail",
        detail=f"broken at row {chain.broken}: {chain.why}",
        fix="keep a copy, and find out who could write there",
    )


async def _credentials(system: System, now: datetime) -> list[Finding]:
    tokens = [one for one in await system.tokens.tokens(tenant=system.settings.project.tenant) if _lives(one, now)]
    kinds = Counter(one.kind for one in tokens)
    roles = Counter(role for one in tokens for role in one.principal.roles)
    found = [
        _ok("live", ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())) or "none"),
        _ok("by role", ", ".join(f"{role} {count}" for role, count in sorted(roles.items())) or "none"),
    ]
    endless = [one.label or one.id for one in tokens if one.kind == "api" and one.expires_at is None]
    if endless:
        more = f" and {len(endless) - _NAMED} more" if len(endless) > _NAMED else ""
        found.append(_warn("never expire", ", ".join(endless[:_NAMED]) + more, "make them anew with --days"))
    persons = await system.persons.persons(tenant=system.settings.project.tenant)
    suspended = [one.id for one in persons if one.suspended_at is not None]
    return [*found, _ok("persons", f"{len(persons)}, of them {len(suspended)} suspended")]


def _lives(token: Token, now: datetime) -> bool:
    return token.revoked_at is None and (token.expires_at is None or token.expires_at > now)


async def _alarms(system: System) -> list[Finding]:
    """What was written down of alarms, newest first, counted by name; nothing that happens all the time."""
    happened = await system.happenings.latest(tenant=system.settings.project.tenant, limit=_RECENT)
    counted = Counter(one.name for one in happened if one.name.startswith(_ALARMS))
    if not counted:
        return [_ok("alarms", f"none among the last {len(happened)} happenings")]
    return [
        _warn(name, f"{count} among the last {len(happened)} happenings", "") for name, count in counted.items()
    ]


_ALARMS = (
    "limit.",
    "abuse.",
    "canary.",
    "sweep.",
    "incident.",
    "load.shed",
    "budget.threshold",
    "document.sudden",
    "access.",
)


def _exposure(system: System) -> Sequence[Finding]:
    settings = system.settings
    local = settings.server.host in ("127.0.0.1", "::1", "localhost")
    hosts = ", ".join(settings.server.allowed_hosts) or "loopback names only"
    return (
        _ok("listens on", f"{settings.server.host}; answers to {hosts}")
        if local or settings.server.allowed_hosts
        else _warn(
            "listens on", f"{settings.server.host}, and no host name is allowed", "set server.allowed_hosts"
        ),
        _ok("database", "configured" if settings.database.url else "embedded, on a socket of this machine"),
        _ok(
            "text goes to",
            ", ".join(
                f"{name} ({settings.provider[name].base_url or settings.provider[name].kind})"
                for name in settings.provider
            )
            or "no provider: passages are quoted",
        ),
        _ok("sources", ", ".join(f"{one.id} ({one.trust})" for one in settings.source) or "none"),
    )


def _ok(what: str, detail: str) -> Finding:
    return Finding(what=what, state="ok", detail=detail)


def _warn(what: str, detail: str, fix: str) -> Finding:
    return Finding(what=what, state="warn", detail=detail, fix=fix)
