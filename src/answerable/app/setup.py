"""Everything that decides an answer besides the question and the pages, as plain values: kept with every trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from answerable.answer.ask import Asker
from answerable.app.code import ANSWERING, code_version
from answerable.app.embedding import embedding_key
from answerable.app.project import Project
from answerable.app.reranker_key import reranker_key
from answerable.core.identity import sha256_hex
from answerable.guards.pii import redact

_SECTIONS = ("retrieval", "answer", "abstain", "guard", "limits")


def setup_of(project: Project, asker: Asker) -> dict[str, Any]:
    """JSON-able; no secret is in it, for the settings hold only references to them."""
    settings, prompt = project.settings, asker.renderer.prompt
    route = settings.routed("answer")
    return {
        "code": code_version(ANSWERING),
        "prompt": f"{prompt.id}@{prompt.version} {prompt.sha256[:12]}",
        "scope": sha256_hex(asker.renderer.scope)[:12],
        "embedding": embedding_key(asker.retriever.embedder),
        "reranker": reranker_key(project),
        "timezone": asker.timezone,
        "models": {name: one.model for name, one in settings.provider.items()},
        "route": list(route.chain) if route else ["extractive"],
        "settings": {name: getattr(settings, name).model_dump(mode="json") for name in _SECTIONS},
    }


def answering(setup: Mapping[str, Any]) -> dict[str, Any]:
    """What of a setup a certificate of abstention rests on; the time allowed is no part of it."""
    settings = setup.get("settings", {})
    parts = {name: setup.get(name) for name in ("prompt", "scope", "embedding", "reranker", "route", "models")}
    answer = {key: value for key, value in settings.get("answer", {}).items() if key != "deadline"}
    version = str(setup.get("code", "")).partition("+")[0]
    return {**parts, "version": version, "retrieval": settings.get("retrieval"), "answer": answer}


def masking(project: Project) -> Callable[[str], str]:
    """Takes personal data out of what a journal or a case keeps; the project's own contact stays."""
    kept = project.settings.project.contact.removeprefix("mailto:")

    def mask(text: str) -> str:
        return redact(text, keep=kept)[0]

    return mask


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], *, path: str = ""
) -> dict[str, tuple[Any, Any]]:
    """The values that are not the same in two setups, by dotted key; None where one has none."""
    found: dict[str, tuple[Any, Any]] = {}
    for key in sorted({*before, *after}):
        mine, theirs, name = before.get(key), after.get(key), f"{path}{key}"
        if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
            found |= differences(mine, theirs, path=f"{name}.")
        elif mine != theirs:
            found[name] = (mine, theirs)
    return found
