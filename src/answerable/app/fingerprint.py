"""Everything that decides an answer and its scores, part by part, each as a hash: equal parts, equal rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from answerable.adapters.postgres.corpus import corpus_sha256
from answerable.answer.extractive import NAME
from answerable.app.code import MEASURING, SCORING, code_version
from answerable.app.embedding import embedding_key
from answerable.app.guarding import brand_files
from answerable.app.project import Project
from answerable.app.reranker_key import reranker_key
from answerable.app.system import System
from answerable.config import Settings
from answerable.config.gateway import ProviderSection
from answerable.core.identity import sha256_hex
from answerable.prompts.prompt import Prompt

_UNSEEN = {"deadline", "prompt", "scope"}  # of [answer]: a run has its own time; the files count, not their names
_CHARS = 16  # of a part: 64 bits are plenty to tell two apart


async def system_fingerprint(system: System) -> dict[str, str]:
    """Prompts, models, parameters, index, patterns and code of this system.

    The date is in it only as far as answers show it: a page that is past its review date counts as another page.
    """
    index = await corpus_sha256(system.database, tenant=system.settings.project.tenant, day=system.asker.today())
    renderer = system.asker.renderer
    return {
        "prompts": prompts_part(renderer.prompt, renderer.scope, *beside(system.project)),
        "models": part(models_of(system.settings)),
        "parameters": part(parameters_of(system)),
        "index": part([embedding_key(system.embedder), index]),
        "code": code_version(MEASURING),
    }


def prompts_part(prompt: Prompt, scope: str, *others: Prompt) -> str:
    """The text that answers are asked for with, and what the assistant is for."""
    return part([prompt.id, prompt.version, prompt.sha256, scope, *([one.ref, one.sha256] for one in others)])


def beside(project: Project) -> list[Prompt]:
    """The prompts that decide what is searched for, where there are models for them."""
    return [project.prompts.get(use) for use in ("rewrite", "decompose") if project.settings.routed(use)]


def patterns_part(paths: Sequence[Path]) -> str:
    """The project's own packs of known-bad patterns; empty where it has none. Raises OSError."""
    return part([sha256_hex(path.read_bytes()) for path in paths])


def scoring_part(paths: Sequence[Path]) -> str:
    """The metrics with the project's own patterns: runs with another one are not scored alike. Raises OSError."""
    return part([code_version(SCORING), patterns_part(paths)])


def models_of(settings: Settings) -> list[dict[str, str]]:
    """The chain that answers, in order: protocol, address and model, never a key."""
    section = settings.routed("answer")
    return [_model(name, settings.provider.get(name)) for name in (section.chain if section else (NAME,))]


def _model(name: str, section: ProviderSection | None) -> dict[str, str]:
    if section is None:
        return {"provider": name}
    return {"provider": name, "kind": section.kind, "at": " ".join(section.addresses), "model": section.model}


def parameters_of(system: System) -> dict[str, Any]:
    """The settings that decide an answer, as values."""
    settings = system.settings
    return {
        "retrieval": settings.retrieval.model_dump(mode="json", exclude={"reranker"}),
        "reranker": reranker_key(system.project),
        "store": settings.store.kind,  # nearness outside is another approximation
        "answer": settings.answer.model_dump(mode="json", exclude=_UNSEEN),
        "abstain": repr(system.asker.answerability),
        "guard": settings.guard.model_dump(mode="json"),
        "brand": patterns_part(brand_files(system.project, settings.guard.output.patterns)),
        "limits": settings.limits.model_dump(mode="json"),
        "project": settings.project.model_dump(mode="json", exclude={"name", "tenant"}),
    }


def versions() -> dict[str, str]:
    """Of what computes: for the bundle."""
    names = ("answerable", "numpy", "onnxruntime", "pystemmer", "py3langid", "tokenizers", "psycopg", "pydantic")
    return {name: version(name) for name in names}


def part(value: list[Any] | Mapping[str, Any]) -> str:
    """16 hex digits of a JSON-able value; empty for an empty one: what is not used is no part."""
    return sha256_hex(json.dumps(value, sort_keys=True, ensure_ascii=False))[:_CHARS] if value else ""
