"""Findings as SARIF 2.1.0 (OASIS), as GitHub's code scanning and editors read it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from answerable.prompts.lint.finding import PAGE, Finding, Suppressed
from answerable.prompts.lint.linter import Linted
from answerable.prompts.lint.rule import Rule, rules

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(linted: Linted, *, version: str) -> dict[str, Any]:
    """One run of this program's version. What was put aside is in it with its reason, as `suppressions`."""
    known = list(rules().values())
    places = {one.id: place for place, one in enumerate(known)}
    results = [_result(one, places) for one in linted.findings]
    results += [_aside(one, places) for one in linted.suppressed]
    driver = {
        "name": "answerable prompt lint",
        "semanticVersion": version,
        "rules": [_rule(one) for one in known],
    }
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {
            "text": f"{rule.why} {rule.fix}",
            "markdown": f"{rule.why}\n\n**Fix.** {rule.fix}\n\n`{PAGE}#{rule.id}`",
        },
        "defaultConfiguration": {"level": rule.level.value},
        "properties": {"tags": ["prompt"]},
    }


def _result(one: Finding, places: dict[str, int]) -> dict[str, Any]:
    region = {
        "startLine": one.line,
        "startColumn": one.column,
        "endLine": one.line,
        "endColumn": one.column + one.width,
    }
    return {
        "ruleId": one.rule,
        "ruleIndex": places[one.rule],
        "level": one.level.value,
        "message": {"text": f"{one.what}. {one.why} Fix: {one.fix}"},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(one.file)}, "region": region}}],
        "partialFingerprints": {"answerablePrompt/v1": one.fingerprint},
    }


def _aside(one: Suppressed, places: dict[str, int]) -> dict[str, Any]:
    return {**_result(one.finding, places), "suppressions": [{"kind": "inSource", "justification": one.reason}]}


def _uri(file: str) -> str:
    return quote(Path(file).as_posix())
