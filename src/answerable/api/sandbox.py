"""The sandbox: a prompt is edited, tried and run, and leaves as a branch. Nobody edits production."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import Path, Request
from fastapi.responses import Response

from answerable.api.access import Caller
from answerable.api.browser import html
from answerable.api.jobs import Job
from answerable.api.looks import look_of
from answerable.api.problems import ProblemError, told_to_the_caller
from answerable.api.prompt_schemas import PromptDraft, PromptProposal, PromptQuestion
from answerable.api.prompts import PromptId, of_this_house
from answerable.api.services import By, Served, Services
from answerable.app.prompts.sandbox import Draft, draft_of, handed_over, looked_at
from answerable.core.deadline import Deadline
from answerable.core.errors import NotFound
from answerable.core.query import Query

RUN_COSTS_AT_MOST = 5.0  # in the price table's currency; docs/decisions/0202-sandbox.md
JobId = Annotated[str, Path(pattern=r"^jb_[A-Za-z0-9]{1,40}$")]


async def page(prompt_id: PromptId, request: Request, services: Served, caller: By) -> Response:
    """The editor, with the prompt as it is served."""
    of_this_house(services, caller)
    project = services.system.project
    if prompt_id not in project.prompts.ids():
        raise NotFound("there is no such page")
    draft = await asyncio.to_thread(draft_of, project, prompt_id, "")
    view = {"id": prompt_id, "ref": draft.now.ref, "text": draft.now.source, "file": draft.now.where}
    return html(request, services, services.pages.sandbox(look_of(request, services), view))


async def check(prompt_id: PromptId, body: PromptDraft, services: Served, caller: By) -> dict[str, Any]:
    """Lint, size and difference of a draft."""
    of_this_house(services, caller)
    with told_to_the_caller():
        return await asyncio.to_thread(looked_at, services.system.project, prompt_id, body.text)


async def attempt(prompt_id: PromptId, body: PromptQuestion, services: Served, caller: By) -> dict[str, Any]:
    """The answer that a draft gives to one question."""
    from answerable.app.prompts.sandbox_runs import tried

    draft = await _draft(services, caller, prompt_id, body.text)
    query = Query(
        text=body.question,
        tenant=caller.tenant,
        principal=caller.principal,
        filter=services.system.filter(),
        key=caller.token_id,
        deadline=Deadline.after(services.web.max_deadline_s),
    )
    with told_to_the_caller():
        return await tried(services.system, draft, query)


async def run(prompt_id: PromptId, body: PromptDraft, services: Served, caller: By) -> dict[str, Any]:
    """Begin the suite for a draft; it calls off the one that this person began before."""
    draft = await _draft(services, caller, prompt_id, body.text)
    if draft.prompt is None:
        raise ProblemError("invalid_request", draft.fault)

    async def work(tell: Callable[[str], None]) -> Mapping[str, Any]:
        from answerable.app.prompts.sandbox_report import suite_record
        from answerable.app.prompts.sandbox_runs import suite

        return suite_record(await suite(services.system, draft, most=RUN_COSTS_AT_MOST, tell=tell))

    return services.jobs.begin(_owner(caller), draft.prompt.sha256, work).record()


async def state(prompt_id: PromptId, job_id: JobId, services: Served, caller: By) -> dict[str, Any]:
    """How far the suite has come."""
    return _job(services, caller, job_id).record()


async def stop(prompt_id: PromptId, job_id: JobId, services: Served, caller: By) -> None:
    """Call it off."""
    _job(services, caller, job_id)
    services.jobs.cancel(_owner(caller))


async def propose(prompt_id: PromptId, body: PromptProposal, services: Served, caller: By) -> dict[str, Any]:
    """Put the draft on a branch, with the report of its run where there is one."""
    draft = await _draft(services, caller, prompt_id, body.text)
    job = services.jobs.of(_owner(caller), body.run) if body.run else None
    fits = job is not None and draft.prompt is not None and job.about == draft.prompt.sha256
    report = str(job.result.get("markdown", "")) if job is not None and fits else ""
    with told_to_the_caller():
        return await handed_over(
            services.system.project, draft, by=caller.principal.id, note=body.note, report=report
        )


async def _draft(services: Services, caller: Caller, prompt_id: str, text: str) -> Draft:
    of_this_house(services, caller)
    with told_to_the_caller():
        return await asyncio.to_thread(draft_of, services.system.project, prompt_id, text)


def _job(services: Services, caller: Caller, job_id: str) -> Job:
    of_this_house(services, caller)
    job = services.jobs.of(_owner(caller), job_id)
    if job is None:
        raise NotFound("there is no such run")
    return job


def _owner(caller: Caller) -> str:
    return f"{caller.tenant} {caller.principal.id}"
