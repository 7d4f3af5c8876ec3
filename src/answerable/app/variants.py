"""Variants of a running asker: `reranker=none`, `prompt=FILE`, `llm=extractive` … each is a `replace`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from answerable.answer.ask import Asker
from answerable.answer.extractive import NAME
from answerable.app.models import open_route
from answerable.app.project import Project
from answerable.app.system import System
from answerable.config.gateway import RouteSection
from answerable.core.errors import ConfigError
from answerable.core.ports import LLM
from answerable.prompts.collection import load_library
from answerable.prompts.file import load

RECORDED = "recorded"  # llm=recorded: the words that the model said then


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that is another: `makes` gives the asker with the value in the text, or raises ConfigError."""

    meaning: str
    makes: Callable[[Asker, str], Asker]


def _number(text: str, low: float, high: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not low <= number <= high:
        raise ConfigError(f"{text!r} is not a number from {low:g} to {high:g}")
    return number


def _choice(text: str, *known: str) -> str:
    if text not in known:
        raise ConfigError(f"{text!r} is none of {', '.join(known)}")
    return text


def _limit(name: str, low: int, high: int) -> Callable[[Asker, str], Asker]:
    def make(asker: Asker, text: str) -> Asker:
        value = int(_number(text, low, high))
        limits = asker.limits
        match name:
            case "top_k":
                limits = replace(limits, top_k=value)
            case "keep":
                limits = replace(limits, keep=value, top_k=max(value, limits.top_k))
            case _:
                limits = replace(limits, context_tokens=value)
        return replace(asker, limits=limits)

    return make


def _prompt(asker: Asker, text: str) -> Asker:
    prompt = load_library("answer") if text == "shipped" else load(Path(text).expanduser())
    return replace(asker, renderer=replace(asker.renderer, prompt=prompt))


def with_version(system: System, ref: str) -> Asker:
    """The asker with a version of the answer prompt, `answer@2.3.0`. Raises ConfigError where it does not fit."""
    prompt = system.project.prompts.get(ref)
    if other := sorted(prompt.names ^ system.asker.renderer.prompt.names):
        raise ConfigError(f"{prompt.ref} does not take what answers are asked with: {', '.join(other)}")
    return replace(system.asker, renderer=replace(system.asker.renderer, prompt=prompt))


def _mode(asker: Asker, text: str) -> Asker:
    mode = _choice(text, "hybrid", "dense", "lexical")
    return replace(asker, retriever=replace(asker.retriever, mode=mode))


def _dense_weight(asker: Asker, text: str) -> Asker:
    return replace(asker, retriever=replace(asker.retriever, dense_weight=_number(text, 0, 1)))


def _threshold(asker: Asker, text: str) -> Asker:
    own = replace(asker.answerability, threshold=_number(text, 0, 1), certificate="", bars={})
    return replace(asker, answerability=own)


def _temperature(asker: Asker, text: str) -> Asker:
    if (own := asker.renderer.prompt).temperature is not None:
        raise ConfigError(f"temperature={text}: {own.ref} states its own ({own.where})", hint="take it out there")
    return replace(asker, renderer=replace(asker.renderer, temperature=_number(text, 0, 2)))


def _verify(asker: Asker, text: str) -> Asker:
    return replace(asker, verify=_choice(text, "claims", "off") == "claims")


def _on_conflict(asker: Asker, text: str) -> Asker:
    return replace(asker, on_conflict=_choice(text, "show_both", "newest", "source_priority"))


CHANGES: Mapping[str, Change] = {
    "prompt": Change(meaning="a prompt file, or `shipped`", makes=_prompt),
    "mode": Change(meaning="hybrid, dense or lexical", makes=_mode),
    "dense_weight": Change(meaning="of the dense arm in the fusion, 0 to 1", makes=_dense_weight),
    "top_k": Change(meaning="candidates after re-ranking", makes=_limit("top_k", 1, 100)),
    "keep": Change(meaning="passages an answer may use", makes=_limit("keep", 1, 50)),
    "context_tokens": Change(meaning="budget of the context", makes=_limit("context_tokens", 1, 100_000)),
    "threshold": Change(meaning="below which nothing is generated, 0 to 1", makes=_threshold),
    "verify": Change(meaning="claims or off", makes=_verify),
    "on_conflict": Change(meaning="show_both, newest or source_priority", makes=_on_conflict),
    "temperature": Change(meaning="of the model, 0 to 2", makes=_temperature),
}
MODELS: Mapping[str, str] = {
    "llm": "extractive, recorded (what the model said then) or a configured provider's name",
    "model": "another model id at the providers of the answer route",
}
INDEXED: Mapping[str, str] = {"reranker": "a reranker's name, as in retrieval.reranker"}
RETRIEVAL = frozenset({"reranker", "mode", "dense_weight"})  # change nothing where the context is frozen


def read_changes(items: Sequence[str]) -> dict[str, str]:
    """`key=value` each. Raises ConfigError for an unknown or a repeated key, naming the known ones."""
    changes: dict[str, str] = {}
    for item in items:
        key, equals, value = item.partition("=")
        if not equals or not value or key in changes or key not in {*CHANGES, *INDEXED, *MODELS}:
            known = ", ".join(f"{name}=" for name in (*CHANGES, *INDEXED, *MODELS))
            raise ConfigError(f"--with {item!r}: unknown, repeated or without a value", hint=f"one of {known}")
        changes[key] = value
    return changes


@asynccontextmanager
async def varied(
    system: System, changes: Mapping[str, str], *, recorded: LLM | None = None
) -> AsyncIterator[Asker]:
    """The system's asker with these changes. Clients of other models are closed at the end. Raises ConfigError."""
    asker = system.asker
    if "reranker" in changes:
        asker = replace(asker, reranker=system.reranker(changes["reranker"]))
    for key, value in changes.items():
        if key in CHANGES:
            asker = CHANGES[key].makes(asker, value)
    async with AsyncExitStack() as stack:
        llm, model = changes.get("llm", ""), changes.get("model", "")
        if llm == NAME:
            asker = replace(asker, llm=asker.extractive)
        elif llm == RECORDED:
            if recorded is None:
                raise ConfigError("there is no recorded reply", hint="no model had written this answer to its end")
            asker = replace(asker, llm=recorded)
        elif llm or model:
            other = _other_models(system.project, llm, model)
            route = await stack.enter_async_context(open_route(other, "answer", asker.extractive))
            asker = replace(asker, llm=route)
        yield asker


def _other_models(project: Project, llm: str, model: str) -> Project:
    """The project with one provider alone behind its answers, or with another model at each of them."""
    settings = project.settings
    if llm and llm not in settings.provider:
        known = ", ".join((NAME, RECORDED, *settings.provider))
        raise ConfigError(f"llm={llm}: no provider is called so", hint=f"one of {known}")
    route = settings.routed("answer") or RouteSection()
    chain = (llm,) if llm else tuple(name for name in route.chain if name != NAME)
    if not chain:
        raise ConfigError("model=: the answer route has no provider", hint="name one with llm=NAME")
    providers = {
        name: one.model_copy(update={"model": model}) if model and name in chain else one
        for name, one in settings.provider.items()
    }
    others = tuple(one for one in settings.route if one.use != "answer")
    routes = (route.model_copy(update={"use": "answer", "chain": chain}), *others)
    return replace(project, settings=settings.model_copy(update={"provider": providers, "route": routes}))
