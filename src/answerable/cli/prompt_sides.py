"""The two sides of a comparison of prompts, as people write them."""

from __future__ import annotations

from answerable.core.errors import ConfigError


def sides_of(first: str, second: str) -> tuple[str, str]:
    """Two names: `answer@1.0.0 answer@1.1.0`, `answer 1.0.0..1.1.0`, `answer 1.0.0..` and `answer`.

    An empty side is the file; an empty first name is what was before it. Raises ConfigError.
    """
    id_, _, version = first.partition("@")
    if not second:
        return ("", first) if not version else (first, id_)
    if ".." not in second:
        return first, second if "@" in second or not version else _named(id_, second)
    if version:
        raise ConfigError(f"{first} {second} names three versions", hint=f"{id_} BEFORE..AFTER")
    before, _, after = second.partition("..")
    return _named(id_, before), _named(id_, after)


def _named(prompt: str, version: str) -> str:
    if "@" in version and version.partition("@")[0] != prompt:
        raise ConfigError(f"{version} is another prompt than {prompt}", hint="give both whole: A@1.0.0 B@1.0.0")
    return version if "@" in version else f"{prompt}@{version}" if version else prompt
