"""A Python function of the project as a reranker: `rerank(question, texts) -> scores`, plain or async."""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from answerable.adapters.rerankers.scoring import DEPTH, reordered, says_something, shown
from answerable.core.errors import ConfigError, PermanentModelError
from answerable.core.identity import content_id
from answerable.core.passage import Passage
from answerable.core.query import Query
from answerable.core.trace import step

_TAKES = "def rerank(question: str, texts: list[str]) -> list[float]; one score from 0 to 1 for each text"


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionReranker:
    """Scores the first `depth` passages; the others stay behind them. A plain function runs in a thread."""

    name: str
    function: Callable[[str, list[str]], Any]
    depth: int = DEPTH

    @classmethod
    def load(cls, target: str, *, folder: Path, depth: int = DEPTH) -> FunctionReranker:
        """`rerank.py:rerank`, a file below `folder` and a function in it. Raises ConfigError."""
        return cls(name=target, function=_function(target, folder), depth=depth)

    async def rerank(self, query: Query, passages: Sequence[Passage], *, limit: int) -> list[Passage]:
        """The best `limit`, best first. Raises PermanentModelError for what it raises or returns wrongly."""
        head = passages[: self.depth]
        if not head or limit <= 0 or not says_something(query):
            return list(passages[: max(0, limit)])
        with step("rerank_function"):
            scores = self._checked(await self._call(query.text, [shown(passage) for passage in head]), len(head))
        return reordered(passages, scores, scores, name="function", limit=limit)

    async def _call(self, question: str, texts: list[str]) -> Any:
        try:
            if inspect.iscoroutinefunction(self.function):
                return await self.function(question, texts)
            said = await asyncio.to_thread(self.function, question, texts)
            return await said if isinstance(said, Awaitable) else said
        except Exception as exc:  # a stranger's function may raise anything: then the fused order has to do
            raise PermanentModelError(f"{self.name} raised {type(exc).__name__}: {exc}") from exc

    def _checked(self, said: Any, count: int) -> list[float]:
        try:
            scores = [float(one) for one in said]
        except (TypeError, ValueError) as exc:
            raise PermanentModelError(f"{self.name} returned no list of numbers", hint=_TAKES) from exc
        if len(scores) != count or not all(math.isfinite(one) and 0.0 <= one <= 1.0 for one in scores):
            raise PermanentModelError(
                f"{self.name} returned {len(scores)} scores for {count} texts, or one outside [0, 1]", hint=_TAKES
            )
        return scores


def _function(target: str, folder: Path) -> Callable[[str, list[str]], Any]:
    file, _, name = target.partition(":")
    path = (folder / file).resolve()
    if not name or not path.is_relative_to(folder.resolve()) or not path.is_file():
        raise ConfigError(f"{target!r} names no function", hint=f"give FILE.py:FUNCTION, a file below {folder}")
    spec = importlib.util.spec_from_file_location(content_id("reranker", str(path)), path)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{path} is no Python file", hint="give FILE.py:FUNCTION")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as exc:  # a stranger's file may raise anything
        raise ConfigError(f"{path} cannot be imported: {type(exc).__name__}: {exc}") from exc
    function = getattr(module, name, None)
    if not callable(function):
        raise ConfigError(f"{path} has no function {name!r}", hint=_TAKES)
    try:
        inspect.signature(function).bind("question", ["text"])
    except TypeError as exc:
        raise ConfigError(f"{target}: cannot be called with a question and texts", hint=_TAKES) from exc
    except ValueError:  # written in C: it does not tell
        pass
    found: Callable[[str, list[str]], Any] = function
    return found
