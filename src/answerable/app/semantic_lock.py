"""What `lab cache` measured of the semantic cache, kept with the project, and whether it still fits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from answerable.app.embedding import embedding_key, make_embedder
from answerable.app.project import Project
from answerable.core.errors import ConfigError
from answerable.llm.sameness import VERSION

LOCK = "cache.lock"
MOST_WRONG = 0.005  # the upper bound of the rate of wrong hits, at 95 %
_AGAIN = "run `answerable lab cache`"


class CacheLock(BaseModel):
    """The proof that a switched-on semantic cache stands on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    threshold: float = Field(gt=0, le=1)  # measured from here upwards: a higher one finds less and errs no more
    guards: str  # the version of the rules that questions are compared by
    embedding: str  # the model's key
    suite: str  # hash of the near misses
    n: int = Field(ge=1)
    wrong: int = Field(ge=0)
    upper: float = Field(ge=0, lt=MOST_WRONG)


def lock_path(project: Project) -> Path:
    """Beside the configuration, to be kept with it."""
    return project.base / LOCK


def read_lock(path: Path) -> CacheLock | None:
    """None where there is none. Raises ConfigError for one that cannot be read."""
    if not path.is_file():
        return None
    try:
        return CacheLock.model_validate_json(path.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is no cache lock", hint=_AGAIN) from error


def write_lock(path: Path, lock: CacheLock) -> None:
    """In the place of the one that was there."""
    path.write_text(json.dumps(lock.model_dump(), indent=2) + "\n", encoding="utf-8")


def check_semantic(project: Project, embedding: str) -> None:
    """Raises ConfigError where the semantic cache is on and nothing shows that it may be."""
    wanted = project.settings.cache.semantic
    if not wanted.enabled:
        return
    path = lock_path(project)
    lock = read_lock(path)
    if lock is None:
        raise ConfigError(
            f"cache.semantic.enabled: there is no {path}", hint=f"{_AGAIN}: it tells how often it errs"
        )
    void = {
        f"the embedding model {embedding}, not {lock.embedding}": lock.embedding != embedding,
        f"rules {VERSION}, not {lock.guards}": lock.guards != VERSION,
        f"a threshold of {wanted.threshold:g}, not from {lock.threshold:g}": wanted.threshold < lock.threshold,
    }
    if reasons := [reason for reason, true in void.items() if true]:
        raise ConfigError(f"cache.semantic.enabled: {path} is void: now {'; '.join(reasons)}", hint=_AGAIN)


def check_project(project: Project) -> None:
    """As `check_semantic`, for the embedding model that is configured; none is loaded."""
    check_semantic(project, embedding_key(make_embedder(project)))
