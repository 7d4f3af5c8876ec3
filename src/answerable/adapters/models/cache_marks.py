"""Where a prompt's fixed part is marked for OpenAI's cache: models from GPT-5.6 on need the mark."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from answerable.adapters.models.fields import Fields
from answerable.adapters.models.provider import OPENAI_HOST, Provider
from answerable.core.prompt import Rendered
from answerable.text.tokens import token_count

LEAST = 1024  # tokens; shorter beginnings are not cached
_SINCE = (5, 6)
_GPT = re.compile(r"gpt-(\d+)(?:\.(\d+))?(?![\d.])")
_EXPLICIT = {"mode": "explicit"}


def takes_marks(provider: Provider) -> bool:
    """Whether it is OpenAI itself and a model that knows marks; elsewhere they may be refused."""
    match = _GPT.match(provider.model)
    known = match is not None and (int(match[1]), int(match[2] or 0)) >= _SINCE
    return known and urlsplit(provider.url).hostname == OPENAI_HOST


def marked(body: dict[str, Any], rendered: Rendered, provider: Provider, fields: Fields) -> dict[str, Any]:
    """The body with its cache settings: nothing but the fixed part is put into the cache.

    Left to itself such a model writes each whole prompt into its cache, at a quarter more than its price, although
    no two questions bring the same passages.
    """
    if not fields.take("prompt_cache_options"):
        return body
    body["prompt_cache_options"] = _EXPLICIT
    fixed, rest = rendered.system[: rendered.fixed_chars], rendered.system[rendered.fixed_chars :]
    if not provider.prompt_caching or token_count(fixed) < LEAST:
        return body
    if fields.take("prompt_cache_key"):
        body["prompt_cache_key"] = f"{rendered.prompt_id}-{rendered.sha256[:16]}"
    parts = [{"type": "text", "text": fixed, "prompt_cache_breakpoint": _EXPLICIT}]
    parts += [{"type": "text", "text": rest}] if rest.strip() else []
    body["messages"] = [{"role": "system", "content": parts}, *body["messages"][1:]]
    return body
