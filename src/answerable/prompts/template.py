"""Templates in a sandbox: values go in as text, and a template reaches nothing but its values."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from jinja2 import StrictUndefined, Template, TemplateError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from answerable.core.errors import ConfigError

_environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, loader=None)
_environment.globals.clear()


def names(source: str) -> frozenset[str]:
    """The values that a template uses. Raises ConfigError when it is none."""
    try:
        return frozenset(meta.find_undeclared_variables(_environment.parse(source)))
    except TemplateError as exc:
        raise ConfigError(f"the prompt is no valid template: {exc}", hint="see the Jinja syntax") from exc


def fill(source: str, values: Mapping[str, str]) -> str:
    """The template with its values; what looks like a template inside a value stays text. Raises ConfigError."""
    try:
        return _compiled(source).render(values)
    except (TemplateError, ArithmeticError, TypeError) as exc:
        raise ConfigError(f"the prompt cannot be rendered: {exc}", hint="see the Jinja syntax") from exc


@lru_cache(maxsize=64)
def _compiled(source: str) -> Template:
    return _environment.from_string(source)
