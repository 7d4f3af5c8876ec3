"""Deploy marks: what a process serves, kept once when it is not what was served before."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from answerable.adapters.checkout import Checkout
from answerable.app.project import Project
from answerable.app.setup import setup_of
from answerable.app.system import System
from answerable.core.errors import Unreachable
from answerable.core.identity import content_id, sha256_hex
from answerable.core.ports import Happening, Happenings
from answerable.core.props import MAX_CHARS
from answerable.monitor.marks import PARTS, changed

log = logging.getLogger(__name__)
NAME = "deploy.marked"
_OTHERS = ("rewrite", "decompose")  # prompts that answers are made with, besides the one that writes them


async def mark_deploy(system: System) -> Happening | None:
    """Tell that this process serves something else than the one before it; None where it serves the same."""
    project = system.project
    served = served_by(project, setup_of(project, system.asker), project.prompts.ids())
    commit = await asyncio.to_thread(_commit, project)
    return await mark(system.happenings, served, tenant=project.settings.project.tenant, commit=commit)


async def mark(
    happenings: Happenings, served: Mapping[str, str], *, tenant: str, commit: str = ""
) -> Happening | None:
    """However many processes start with the same, and however often: one mark.

    While the database is away there is none, and the next process that starts will make it.
    """
    try:
        latest = await happenings.latest(tenant=tenant, name=NAME, limit=1)
    except Unreachable as error:
        log.warning("no deploy mark: %s", error)
        return None
    before = latest[0] if latest else None
    what = changed(before.props if before else {}, served)
    if before is not None and not what:
        return None
    made = Happening(
        name=NAME,
        tenant=tenant,
        id=content_id("ev", NAME, tenant, before.id if before else "", *served.values()),
        props={**served, "what": "; ".join(what)[:MAX_CHARS], "commit": commit, "first": before is None},
    )
    happenings.write(made)
    return made


def served_by(project: Project, setup: Mapping[str, Any], ids: Sequence[str]) -> dict[str, str]:
    """The parts of a setup in words or hashes, by PARTS: short enough to be kept, and to be compared."""
    others = [project.prompts.get(name) for name in _OTHERS if name in ids]
    refs = [setup["prompt"], *(f"{one.ref} {one.sha256[:12]}" for one in others)]
    sections = {name: sha256_hex(repr(sorted(one.items())))[:8] for name, one in setup["settings"].items()}
    served = {
        "prompts": ", ".join(refs),
        "models": ", ".join(f"{name}={setup['models'].get(name, name)}" for name in setup["route"]),
        "config": ", ".join(f"{name}={one}" for name, one in sorted(sections.items())),
        "index": f"{setup['embedding']}, {setup['reranker'] or 'no reranker'}",
        "code": str(setup["code"]),
    }
    return {name: served[name][:MAX_CHARS] for name in PARTS}


def _commit(project: Project) -> str:
    """Of the project's folder, shortened, with + where files are changed; empty outside of git."""
    found = Checkout.find(project.base)
    whole = found.commit if found is not None else ""
    return whole[:12] + "+" if whole.endswith("+") else whole[:12]
