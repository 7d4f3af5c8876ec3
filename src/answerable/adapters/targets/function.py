"""A Python function as a target: `module:function(question) -> text or dict`, plain or async."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from answerable.adapters.targets.reply import Reply, answer_of
from answerable.core.answer import Answer
from answerable.core.errors import AnswerableError, ConfigError, DeadlineExceeded
from answerable.core.evaluation import EvalCase
from answerable.core.identity import sha256_hex
from answerable.core.passage import Passage

_RETURNS = "return the text, or a dict with text, and outcome, citations, passages, cost where you know them"
_TAKES = "def answer(question: str) -> str, or a dict; plain or async"


def _takes_a_question(function: Callable[..., Any]) -> bool:
    try:
        inspect.signature(function).bind("question")
    except TypeError:
        return False
    except ValueError:  # written in C: it does not tell
        return True
    return True


class FunctionTarget:
    """Calls the function with the question. A plain one runs in a thread, which nothing can stop from outside."""

    def __init__(self, name: str, function: Callable[[str], Any], *, timeout_s: float = 30.0) -> None:
        self._name = name
        self._function = function
        self._timeout_s = timeout_s

    @classmethod
    def load(cls, reference: str, *, folder: Path, timeout_s: float = 30.0) -> FunctionTarget:
        """`module:function`, with `folder` on the import path. Raises ConfigError."""
        module_name, _, function_name = reference.partition(":")
        if not module_name or not function_name:
            raise ConfigError(f"{reference!r} names no function", hint="give module:function, e.g. demo:answer")
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
        try:
            module = importlib.import_module(module_name)
        except Exception as exc:  # a stranger's module may raise anything
            raise ConfigError(
                f"{reference}: the module cannot be imported: {type(exc).__name__}: {exc}",
                hint=f"it is looked for in {folder} and where Python looks",
            ) from exc
        function = getattr(module, function_name, None)
        if not callable(function):
            raise ConfigError(f"{reference}: {module_name} has no function {function_name!r}", hint=_TAKES)
        if not _takes_a_question(function):
            raise ConfigError(f"{reference}: cannot be called with a question alone", hint=_TAKES)
        return cls(reference, function, timeout_s=timeout_s)

    @property
    def name(self) -> str:
        """As it was given."""
        return self._name

    @property
    def code(self) -> str:
        """A hash of the function's file, 64 hex digits; empty where it has none. What it calls is not in it."""
        try:
            return sha256_hex(Path(inspect.getfile(inspect.unwrap(self._function))).read_bytes())
        except (TypeError, OSError):
            return ""

    async def ask(self, case: EvalCase) -> Answer:
        """Raises DeadlineExceeded, and AnswerableError for whatever the function raises or returns wrongly."""
        try:
            async with asyncio.timeout(self._timeout_s) as limit:
                said = await self._call(case.question)
        except Exception as exc:  # a stranger's function may raise anything: that is a row, not the end of the run
            if limit.expired():
                raise DeadlineExceeded(
                    f"{self._name} took longer than {self._timeout_s:g} s", hint="raise eval.deadline"
                ) from exc
            raise AnswerableError(f"{self._name} raised {type(exc).__name__}: {exc}") from exc
        return answer_of(self._reply(said), case)

    async def search(self, case: EvalCase, *, limit: int) -> list[Passage] | None:
        """It does not show its retrieval."""
        return None

    async def _call(self, question: str) -> Any:
        if inspect.iscoroutinefunction(self._function):
            return await self._function(question)
        said = await asyncio.to_thread(self._function, question)
        return await said if isinstance(said, Awaitable) else said

    def _reply(self, said: Any) -> Reply:
        if isinstance(said, str):
            return Reply(text=said)
        try:
            return Reply.model_validate(said)
        except ValidationError as exc:
            first = exc.errors()[0]
            place = ".".join(str(part) for part in first["loc"]) or type(said).__name__
            raise AnswerableError(
                f"{self._name} returned what is no answer: {place}: {first['msg']}", hint=_RETURNS
            ) from exc
