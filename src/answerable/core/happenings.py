"""The names of happenings, in one list with what each one tells; `checked` holds an event to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from answerable.core.ports.events import Happening
from answerable.core.props import fault

_WHERE = {"provider": str, "endpoint": str}

NAMES: Mapping[str, Mapping[str, type]] = MappingProxyType(
    {
        # A provider answers with another model or backend than it did: `what` is model or fingerprint.
        "model.changed": _WHERE
        | {"use": str, "asked": str, "what": str, "old": str, "new": str, "since": str, "calls": int},
        # The first sight of what an asked name stands for; `alias`: it is a dated form of the asked one.
        "model.resolved": _WHERE | {"use": str, "asked": str, "reported": str, "fingerprint": str, "alias": bool},
        "breaker.opened": _WHERE | {"calls": int, "failed": int, "open_s": float, "reason": str},
        "breaker.closed": _WHERE | {"open_s": float},
        # It refuses our key or our request: trying again does not help, a person must look.
        "provider.misconfigured": _WHERE | {"status": int, "reason": str},
        "provider.probed": _WHERE | {"use": str, "outcome": str, "latency_ms": float, "reason": str},
        # A budget's soft limit is crossed: `share` of it is spent or held.
        "budget.threshold": {
            "scope": str, "name": str, "period": str, "limit": str, "share": str, "currency": str, "owner": str,
        },
        # Text that came from no prompt file was about to be sent to a model; it was not.
        "prompt.unregistered": {"prompt": str, "version": str, "sha256": str, "use": str},
        # Somebody asked more than a limit allows; said once in ten minutes by a process. `name` is the payer's in
        # its scope: the key's or person's id, the tenant, or the hash of a network.
        "limit.reached": {
            "scope": str, "name": str, "unit": str, "most": float, "period_s": int, "principal": str,
            "wait_s": float,
        },
        # Somebody has seen as many different passages as may be, asks as a program walks, or found a canary
        # (`kind`: passages, sweep, canary); once in a window of `period_s`. `action`: tell, slow, person.
        "abuse.suspected": {
            "kind": str, "principal": str, "key": str, "network": str, "action": str, "asked": int,
            "passages": int, "shapes": int, "period_s": int, "canary": str, "where": str,
        },
        # Counters of a payer were deleted by hand.
        "limit.reset": {"name": str, "counters": int, "by": str},
        "load.shed": {"refused": int, "seconds": float, "reason": str},
        # Who is served which version of a prompt: `what` is begun, share, worse (by a guard, and nobody took it
        # back) or back; `n` persons had the candidate.
        "rollout.changed": {
            "prompt": str, "rollout": str, "what": str, "from": str, "to": str, "share": float,
            "metric": str, "n": int, "by": str, "reason": str,
        },
        # The rollouts cannot be read as they should be, and what was last good is served.
        "rollout.degraded": {"prompt": str, "reason": str},
        # A process serves something else than the one before: what it is, in words and hashes, and what changed.
        "deploy.marked": {
            "prompts": str, "models": str, "config": str, "index": str, "code": str, "what": str, "commit": str,
            "first": bool,
        },
        # A red-team run: `through` of `trials` attacks, with the upper 95 % bound; the oldest pack's date.
        "redteam.finished": {
            "run": str, "target": str, "detectors": bool, "trials": int, "through": int, "unmeasured": int,
            "upper95": float, "packs": str, "pack_date": str,
        },
        # A document waits for its owner, and nobody finds it; or it is in the index by somebody's word.
        "document.quarantined": {
            "id": str, "document": str, "source": str, "uri": str, "trust": str, "reasons": str,
        },
        "document.released": {"id": str, "document": str, "source": str, "uri": str, "by": str},
        "document.rejected": {"id": str, "document": str, "source": str, "uri": str, "by": str},
        # What a sync did was taken back; a document is gone from everything.
        "ingest.rolled_back": {"run": str, "source": str, "restored": int, "removed": int, "left": int, "by": str},
        "document.purged": {"document": str, "source": str, "uri": str, "answers": int, "by": str},
        # A document that is new is suddenly in a large share of the answers.
        "document.sudden_share": {"document": str, "source": str, "uri": str, "share": float, "answers": int},
        # A network failed too often to show who it is, and is refused for a while.
        "access.locked": {"network": str, "failed": int, "window_s": float},
        # Somebody who is no proxy of ours sent the header that says who a person is.
        "access.forged_header": {"network": str, "header": str},
        # Something is out of use for everybody, and in use again. `kind`: topic, doc, answer.
        "incident.opened": {"incident": str, "kind": str, "value": str, "by": str},
        "incident.closed": {"incident": str, "kind": str, "value": str, "by": str},
        # The chance of completion was fitted to `labels` tasks that people judged: what it is worth on tasks that
        # it had not seen (Brier score; `brier_rule`: the rules' on the same), and the model itself.
        "completion.fitted": {
            "labels": int, "completed": int, "brier": float, "brier_rule": float, "better": bool, "weights": dict,
            "steps": dict, "estimated": list, "observed": list,
        },
        # A person's data were deleted: how many rows and files, and the hash of the receipt.
        "person.forgotten": {"receipt": str, "rows": int, "files": int, "by": str},
        # Pages contradict each other that did not before: `opened` pairs are new, `standing` are open in all.
        "conflict.found": {"opened": int, "standing": int},
        # The gate held a change back: at `stage` retrieval (nothing was generated) or answers, by so many checks.
        "gate.failed": {"base": str, "stage": str, "checks": int, "run": str, "suite": str},
        # An alert began, or is over. `value` and `usual` in the rule's unit.
        "alert.opened": {
            "alert": str, "rule": str, "severity": str, "key": str, "n": int, "bad": int, "value": float,
            "usual": float, "blame": str,
        },
        "alert.resolved": {"alert": str, "rule": str, "severity": str, "key": str, "seconds": float},
        # Signals of production changed: which, since when, through whom (provider, users, data, us, unknown), how
        # sure that is (shown, likely, can't tell), and the sentence. No word of a person is in it.
        "drift.found": {
            "signals": list, "since": str, "earliest": str, "latest": str, "known": str, "before": float,
            "after": float, "n": int, "cause": str, "sure": str, "only": str, "sentence": str,
        },
        # The sentence of the day; `found` changes are new in it.
        "drift.told": {"day": str, "found": int, "answers": int, "signals": int, "sentence": str},
        # Questions were clustered anew: `kept` topics go on, `born` are new, `gone` have no successor.
        "topics.made": {"version": str, "topics": int, "kept": int, "born": int, "gone": int, "questions": int},
        "drill.finished": {"cells": int, "passed": int, "failed": int, "seconds": float},
    }
)  # fmt: skip


def faults(happening: Happening) -> tuple[str, ...]:
    """What is wrong with it, in words; empty where it is as the list says. Every prop may be left out."""
    known = NAMES.get(happening.name)
    if known is None:
        return (f"there is no happening {happening.name!r}",)
    return tuple(
        found for name, value in happening.props.items() if (found := fault(happening.name, known, name, value))
    )


def checked(happening: Happening) -> Happening:
    """The event itself. Raises ValueError that names what is wrong: what a test should see."""
    if found := faults(happening):
        raise ValueError("; ".join(found))
    return happening


def cleaned(happening: Happening) -> tuple[Happening | None, tuple[str, ...]]:
    """The event without what is wrong in it, and what that was; None where even its name is unknown."""
    known = NAMES.get(happening.name)
    if known is None:
        return None, faults(happening)
    if not (found := faults(happening)):
        return happening, ()
    good = {
        name: value for name, value in happening.props.items() if not fault(happening.name, known, name, value)
    }
    return replace(happening, props=good), found
