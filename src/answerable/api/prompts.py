"""The prompts of the project: read here, changed in git alone. Git is asked in a thread: it may wait."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import Path, Query, Request
from fastapi.responses import Response

from answerable.api.access import Caller
from answerable.api.browser import html
from answerable.api.looks import look_of
from answerable.api.problems import told_to_the_caller
from answerable.api.services import By, Served, Services
from answerable.app.prompts.board import board, prompt_page, prompt_text
from answerable.app.prompts.evidence import evidence, shares, without_charts
from answerable.core.errors import NotFound

PromptId = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
VersionQuery = Annotated[str, Query(max_length=64, pattern=r"^[0-9A-Za-z.+-]*$")]
Reference = Annotated[str, Path(pattern=r"^[A-Za-z0-9@.+-]{1,130}$")]


async def every(services: Served, caller: By) -> dict[str, Any]:
    """All prompts."""
    of_this_house(services, caller)
    found = await asyncio.to_thread(board, services.system.project)
    serving = shares(services.system)
    return {"prompts": [{**one, "rollout": serving.get(one["id"], "")} for one in found["prompts"]]}


async def versions(
    prompt_id: PromptId, services: Served, caller: By, base: VersionQuery = "", head: VersionQuery = ""
) -> dict[str, Any]:
    """One prompt with its versions, what is known of them, and what differs between two of them."""
    view = await _page(services, caller, prompt_id, base, head)
    return {**view, "evidence": without_charts(view["evidence"])}


async def text(reference: Reference, services: Served, caller: By) -> dict[str, Any]:
    """The exact text of a hash or of `id@version`."""
    return await _text(services, caller, reference)


async def board_page(request: Request, services: Served, caller: By) -> Response:
    """All prompts, as a page."""
    view = await every(services, caller)
    return html(request, services, services.pages.prompts(look_of(request, services), view))


async def prompt(
    prompt_id: PromptId,
    request: Request,
    services: Served,
    caller: By,
    base: VersionQuery = "",
    head: VersionQuery = "",
) -> Response:
    """One prompt, as a page."""
    view = await _page(services, caller, prompt_id, base, head)
    return html(request, services, services.pages.prompt(look_of(request, services), view))


async def text_page(reference: Reference, request: Request, services: Served, caller: By) -> Response:
    """The exact text, as a page."""
    view = await _text(services, caller, reference)
    return html(request, services, services.pages.prompt_text(look_of(request, services), view))


async def _page(services: Services, caller: Caller, prompt_id: str, base: str, head: str) -> dict[str, Any]:
    of_this_house(services, caller)
    with told_to_the_caller():
        view = await asyncio.to_thread(prompt_page, services.system.project, prompt_id, base=base, head=head)
    return {**view, "evidence": await evidence(services.system, prompt_id)}


async def _text(services: Services, caller: Caller, reference: str) -> dict[str, Any]:
    of_this_house(services, caller)
    with told_to_the_caller():
        return await asyncio.to_thread(prompt_text, services.system.project, reference)


def of_this_house(services: Services, caller: Caller) -> None:
    """Prompts are the operator's, and of nobody who is served here besides."""
    if caller.tenant != services.system.project.settings.project.tenant:
        raise NotFound("there is no such page")
