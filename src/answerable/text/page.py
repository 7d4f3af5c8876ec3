"""A page of HTML that is one file: its style and script inside, nothing else let in, and every value escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from importlib.resources.abc import Traversable

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup


def render_page(
    folder: Traversable,
    name: str,
    values: Mapping[str, object],
    *,
    filters: Mapping[str, Callable[..., object]] | None = None,
) -> str:
    """`name`.html of the folder, with `name`.css as its `style` and `name`.js, if there is one, as its `script`.

    `policy` names both by their hash, so no other style or script counts, whatever a value says.
    """
    style = _read(folder, f"{name}.css")
    script = _read(folder, f"{name}.js") if (folder / f"{name}.js").is_file() else ""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= dict(filters or {})
    return environment.from_string(_read(folder, f"{name}.html")).render(
        {
            **values,
            "policy": _policy(style, script),
            "style": Markup(style),  # noqa: S704 - our own file
            "script": Markup(script),  # noqa: S704 - our own file
        }
    )


def _policy(style: str, script: str) -> str:
    scripts = f"; script-src {_hash(script)}" if script else ""
    return f"default-src 'none'; style-src {_hash(style)}{scripts}; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _read(folder: Traversable, name: str) -> str:
    return (folder / name).read_text("utf-8")
