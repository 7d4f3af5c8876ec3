"""The settings that an experiment compares: the project's own first, then each with something changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, get_args

from pydantic import ValidationError

from answerable.app.chunking import LIMIT, LIMITS
from answerable.app.lab_bench import Setting, chunking_of
from answerable.app.reranking import SHIPPED
from answerable.config import Settings
from answerable.config.chunking import ChunkingSection
from answerable.config.edit import Edit, edit_lines, toml_value
from answerable.config.retrieval import RetrievalSection
from answerable.core.errors import ConfigError

STRATEGIES = ("structure", "fixed", "semantic", "hierarchical")  # what is compared unless others are named
SIZES = (120, 200, 400)  # tokens
WEIGHTS = (0.3, 0.5, 0.7)  # of the dense arm
EMBEDDINGS = ("local:default", "local:int8")
LEXICAL = "lexical baseline"
_SECTION = 4  # times the size: what `hierarchical` is told is how long a section may be
_OVERLAP_SHARE = 10  # a tenth of the size, as 50 of 500


def edits_of(setting: Setting, base: Settings, source: str) -> tuple[Edit, ...]:
    """What has to be written into the configuration so that it says what the setting does."""
    edits: list[Edit] = []
    wanted, present = chunking_of(setting.settings, source), chunking_of(base, source)
    if wanted != present:
        edits.append(Edit(section="", key="chunking", value=toml_value(_said(wanted)), source=source))
    for section in ("embedding", "retrieval"):
        new, old = getattr(setting.settings, section), getattr(base, section)
        edits += [
            Edit(section=section, key=key, value=toml_value(getattr(new, key)))
            for key in type(new).model_fields
            if getattr(new, key) != getattr(old, key)
        ]
    return tuple(edits)


def chunkings(base: Settings, source: str, *, strategies: Sequence[str], sizes: Sequence[int]) -> list[Setting]:
    """The present way of cutting, then strategies × sizes. Raises ConfigError for what is not offered."""
    offered = offered_in(ChunkingSection, "strategy")
    chosen = list(strategies) or [one for one in STRATEGIES if one in offered]
    if unknown := [one for one in chosen if one not in offered]:
        raise ConfigError(f"there is no strategy {unknown[0]!r}", hint=f"offered: {', '.join(offered)}")
    made = []
    for strategy, size in product(chosen, sizes or SIZES):
        limit = size * _SECTION if strategy == "hierarchical" else size
        given: dict[str, Any] = {"strategy": strategy, "max_tokens": limit}
        if strategy == "fixed":
            given["overlap_tokens"] = size // _OVERLAP_SHARE
        made.append((f"{strategy}-{limit}", with_chunking(base, source, _section(given))))
    return _with_base(base, source, _chunking_name(chunking_of(base, source)), made)


def _section(given: Mapping[str, Any]) -> ChunkingSection:
    try:
        return ChunkingSection.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(
            f"{given['strategy']} cannot have {first['loc'][-1]} = {first['input']}", hint=first["msg"]
        ) from error


def retrievals(base: Settings, source: str) -> list[Setting]:
    """Which arms search, how they are weighed, and how many passages an answer may use."""
    own = base.retrieval
    changes: list[tuple[str, Mapping[str, Any]]] = [
        *((f"mode={mode}", {"mode": mode}) for mode in offered_in(RetrievalSection, "mode")),
        *((f"dense_weight={weight}", {"mode": "hybrid", "dense_weight": weight}) for weight in WEIGHTS),
        *((f"reranker={name}", {"reranker": name}) for name in _rerankers(base)),
        *((f"keep={keep}", {"keep": keep, "top_k": max(keep, own.top_k)}) for keep in (3, 5, 8)),
        *((f"smoothing={share}", {"smoothing": share}) for share in (0.0, 0.3)),
    ]
    made = [(name, with_section(base, "retrieval", change)) for name, change in changes]
    return _with_base(base, source, "present", made, keep=True)


def rerankers(base: Settings, source: str, *, names: Sequence[str] = ()) -> list[Setting]:
    """Every reranker that is configured or ships, `none` among them."""
    chosen = list(names) or _rerankers(base)
    made = [(f"reranker={name}", with_section(base, "retrieval", {"reranker": name})) for name in chosen]
    return _with_base(base, source, f"reranker={base.retrieval.reranker}", made)


def embeddings(base: Settings, source: str, *, models: Sequence[str] = ()) -> list[Setting]:
    """The models, and always the search by words alone, so that nobody pays for what words find as well."""
    chosen = list(dict.fromkeys([*(models or EMBEDDINGS)]))
    made = [(name, with_section(base, "embedding", {"model": name})) for name in chosen]
    made.append((LEXICAL, with_section(base, "retrieval", {"mode": "lexical"})))
    return _with_base(base, source, base.embedding.model, made)


def with_chunking(base: Settings, source: str, section: ChunkingSection) -> Settings:
    """The settings with the source's documents cut another way."""
    sources = tuple(
        one.model_copy(update={"chunking": section}) if one.id == source else one for one in base.source
    )
    return base.model_copy(update={"source": sources})


def with_section(base: Settings, name: str, change: Mapping[str, Any]) -> Settings:
    """The settings with keys of one section changed, checked as if they came from the file. Raises ConfigError."""
    section = getattr(base, name)
    try:
        changed = type(section).model_validate({**section.model_dump(), **change})
    except ValueError as error:
        raise ConfigError(f"[{name}] {', '.join(f'{k} = {v!r}' for k, v in change.items())}: {error}") from error
    return base.model_copy(update={name: changed})


def offered_in(section: type[Any], key: str) -> tuple[str, ...]:
    """The values that a key of the configuration may have."""
    return tuple(str(one) for one in get_args(section.model_fields[key].annotation))


def _rerankers(base: Settings) -> list[str]:
    """The configured one, those that ship, and those that the project names."""
    return list(dict.fromkeys(["none", SHIPPED, base.retrieval.reranker, *base.reranker]))


def _with_base(
    base: Settings, source: str, name: str, made: Sequence[tuple[str, Settings]], *, keep: bool = False
) -> list[Setting]:
    """The present setting first; one that is the same as it is left out."""
    found = [Setting(name=name, settings=base, keep=base.retrieval.keep if keep else None)]
    for one, settings in made:
        setting = Setting(name=one, settings=settings, keep=settings.retrieval.keep if keep else None)
        edits = edits_of(setting, base, source)
        if edits and one != name:
            found.append(
                Setting(name=one, settings=settings, keep=setting.keep, toml=edit_lines(edits), edits=edits)
            )
    return found


def _said(section: ChunkingSection) -> dict[str, Any]:
    """The keys that are not at their default, and the strategy always."""
    return {
        key: value
        for key, value in section.model_dump().items()
        if key == "strategy" or value != type(section).model_fields[key].default
    }


def _chunking_name(section: ChunkingSection) -> str:
    size = section.max_tokens or LIMITS.get(section.strategy, LIMIT)
    return f"{section.strategy}-{size}"
