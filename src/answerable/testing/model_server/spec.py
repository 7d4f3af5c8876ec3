"""A behavior as JSON tells it, so that a server in another process can be scripted."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, cast

from answerable.testing.model_server import behaviors
from answerable.testing.model_server.behaviors import NAMED, Behavior

_INNER = frozenset({"say", "behavior", "rest"})  # arguments that are behaviors themselves


def behavior_of(spec: Any) -> Behavior:
    """A name of NAMED, or {"is": "Slow", "first_s": 2, "say": "cite"} with a class's arguments.

    Schedule takes "phases" as [[seconds, behavior], …]. Raises ValueError, naming what is not known.
    """
    if isinstance(spec, str):
        if spec not in NAMED:
            raise ValueError(f"no behavior is called {spec!r}; there are: {', '.join(sorted(NAMED))}")
        return NAMED[spec]
    if not isinstance(spec, Mapping) or not isinstance(spec.get("is"), str):
        raise ValueError(f'a behavior is a name or an object with "is": {spec!r}')
    kind: Any = vars(behaviors).get(spec["is"])
    if not inspect.isclass(kind) or not hasattr(kind, "perform") or kind is Behavior:
        raise ValueError(f"no behavior class is called {spec['is']!r}")
    arguments = {name: _argument(name, value) for name, value in spec.items() if name != "is"}
    try:
        return cast("Behavior", kind(**arguments))
    except TypeError as exc:
        raise ValueError(f"{spec['is']}: {exc}") from exc


def _argument(name: str, value: Any) -> Any:
    if name in _INNER:
        return behavior_of(value)
    if name == "phases":
        return tuple((float(seconds), behavior_of(one)) for seconds, one in value)
    return tuple(value) if isinstance(value, list) else value
