"""What changed and when, in the few words that fit beside a line on a chart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from answerable.monitor.measured import Mark

PARTS = ("prompts", "models", "config", "index", "code")  # of what is served
MARKED = ("deploy.marked", "rollout.changed", "model.changed")  # happenings that are drawn


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Which parts are not the same, in words: `prompt answer@1.0.0 → answer@1.1.0`. Nothing before: nothing."""
    said: list[str] = []
    for part in PARTS:
        old, new = str(before.get(part, "")), str(after.get(part, ""))
        if old and old != new:
            said += _said(part, old, new)
    return said


def mark_of(at: datetime, name: str, props: Mapping[str, Any]) -> Mark:
    """A happening as a mark. The label is for the chart, the detail for its table."""
    match name:
        case "deploy.marked":
            what = str(props.get("what", ""))
            detail = " · ".join(one for one in (what, _commit(props)) if one)
            return Mark(at=at, kind="deploy", label=_deployed(props, what), detail=detail)
        case "rollout.changed":
            share = props.get("share")
            label = f"{props.get('what', 'rollout')} {props.get('to', '')}"
            detail = "" if share is None else f"{100 * float(share):g} %"
            why = str(props.get("reason") or props.get("metric") or "")
            return Mark(at=at, kind="rollout", label=label, detail=" · ".join(one for one in (detail, why) if one))
        case "model.changed":
            label = f"{props.get('old', '')} → {props.get('new', '')}"
            return Mark(
                at=at, kind="model", label=label, detail=f"{props.get('provider', '')} {props.get('what', '')}"
            )
    return Mark(at=at, kind="index", label=f"index {props.get('name', '')}", detail=str(props.get("note", "")))


def _deployed(props: Mapping[str, Any], what: str) -> str:
    if props.get("first"):
        return "first deploy"
    first, *rest = what.split("; ")
    return f"{first} (+{len(rest)})" if rest else first


def _commit(props: Mapping[str, Any]) -> str:
    return f"commit {props['commit']}" if props.get("commit") else ""


def _said(part: str, old: str, new: str) -> list[str]:
    if part == "prompts":
        return _prompts(old, new)
    if part == "config":
        return _config(old, new)
    return [f"{part.removesuffix('s')} {old} → {new}" if part != "code" else f"code {new}"]


def _prompts(old: str, new: str) -> list[str]:
    """`answer@1.0.0 → answer@1.1.0`; of the same version the hash tells them apart."""
    before, after = _by_id(old), _by_id(new)
    said = []
    for name in sorted({*before, *after}):
        was, now = before.get(name, ""), after.get(name, "")
        if was == now:
            continue
        if was.partition(" ")[0] != now.partition(" ")[0]:
            was, now = was.partition(" ")[0], now.partition(" ")[0]
        said.append(f"prompt {was or 'none'} → {now or 'none'}")
    return said


def _by_id(refs: str) -> dict[str, str]:
    return {one.partition("@")[0]: one for one in refs.split(", ") if one}


def _config(old: str, new: str) -> list[str]:
    """Which sections; their values are in the repository and in the traces."""
    parts = [dict(one.split("=", 1) for one in text.split(", ") if "=" in one) for text in (old, new)]
    names = sorted(name for name in {*parts[0], *parts[1]} if parts[0].get(name) != parts[1].get(name))
    return [f"config [{', '.join(names)}]"] if names else []
