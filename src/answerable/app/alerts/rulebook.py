"""The shipped rules as a project has changed them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from answerable.config.alerts import AlertsSection, RuleSection
from answerable.core.alert import Severity
from answerable.core.errors import ConfigError
from answerable.monitor.alerts.rules import RULES, Looks, Rule


def rules_of(section: AlertsSection) -> tuple[Rule, ...]:
    """Those that are looked at. Raises ConfigError for a rule that there is not."""
    known = {rule.id for rule in RULES}
    for name in section.rule:
        if name not in known:
            raise ConfigError(
                f"[alerts.rule.{name}]: there is no such rule", hint="`answerable alert rules` names them"
            )
    changed = (_changed(rule, section.rule.get(rule.id)) for rule in RULES)
    return tuple(rule for rule in changed if rule is not None)


def _changed(rule: Rule, section: RuleSection | None) -> Rule | None:
    if section is None:
        return rule
    if section.off:
        return None
    if rule.looks is Looks.SHARE and section.most is not None and not 0.0 < section.most < 1.0:
        raise ConfigError(
            f"[alerts.rule.{rule.id}] most = {section.most:g} is no share", hint="write 0.1 for 10 %"
        )
    given: dict[str, Any] = {
        "severity": Severity(section.severity) if section.severity else None,
        "owner": section.owner,
        "most": section.most,
        "tolerated": section.tolerated,
        "least": section.least,
        "held_s": section.held,
    }
    return replace(rule, **{name: value for name, value in given.items() if value is not None})
