"""The rollouts of a process: who is served what, what happens offline, and how a rollback reaches everybody."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from answerable.adapters.entry import plain
from answerable.adapters.fakes.embedder import HashEmbedder
from answerable.adapters.fakes.happenings import MemoryHappenings
from answerable.adapters.fakes.journal import MemoryJournal
from answerable.adapters.fakes.store import MemoryStore
from answerable.adapters.last_good import LastGood
from answerable.adapters.postgres.database import Database
from answerable.answer.abstention import Answerability
from answerable.answer.ask import Asker
from answerable.answer.extractive import Extractive
from answerable.answer.guarding import Guards
from answerable.answer.nonanswer import NonAnswers
from answerable.answer.rendering import Renderer
from answerable.answer.retrieval import Retriever
from answerable.answer.texts import Texts
from answerable.api.access import Caller
from answerable.api.answers import start
from answerable.api.passing import Passing
from answerable.api.payer import Payer
from answerable.api.schemas import Ask
from answerable.api.services import Services
from answerable.app.phrasing import renderer
from answerable.app.project import Project
from answerable.app.rollouts.copy import read_standing, standing_row
from answerable.app.rollouts.guards import make_watch
from answerable.app.rollouts.live import CHANGED, DEGRADED, Rollouts
from answerable.app.rollouts.watch import Looked, RolloutWatch
from answerable.config import Settings
from answerable.core import trace as tracing
from answerable.core.answer import Answer
from answerable.core.arm import Arm
from answerable.core.deadline import Deadline
from answerable.core.errors import ConfigError, DatabaseUnreachable
from answerable.core.outcome import Outcome
from answerable.core.passage import Passage
from answerable.core.ports import Happening
from answerable.core.query import Filter, Principal, Query, Way
from answerable.core.trace import Trace
from answerable.prompts.collection import load_library
from answerable.prompts.prompt import Prompt
from answerable.prompts.rollout import Pin, Rollout
from answerable.prompts.rollout_file import dump
from answerable.prompts.standing import Back, Served
from answerable.testing.repositories import prompt_text

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
OLD, NEW, NEWER = (prompt_text(one, change="Changed.") for one in ("2.2.0", "2.3.0", "2.4.0"))


class Away(MemoryHappenings):
    """A database that can go away; what is written meanwhile is lost, as in the worst case."""

    away = False

    def write(self, happening: Happening) -> None:
        if not self.away:
            super().write(happening)

    async def flush(self) -> None:
        if self.away:
            raise DatabaseUnreachable("gone")

    async def latest(self, *, tenant: str, name: str = "", limit: int = 50) -> list[Happening]:
        await self.flush()
        return await super().latest(tenant=tenant, name=name, limit=limit)


class Site:
    """A project's folder with both versions, and processes over it that share a database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.happenings = Away()
        self.counted: list[str] = []
        self.put("prompts/answer.md", OLD)
        self.put("prompts/answer@2.3.0.md", NEW)
        self.put("rollouts.toml", dump([self.rollout()]))

    def put(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def rollout(self, share: float = 1.0, *, auto: bool = True, version: str = "2.3.0") -> Rollout:
        prompts = Project(settings=Settings(), base=self.folder).prompts
        return Rollout(
            prompt="answer",
            stable=pin(prompts.get("answer@2.2.0")),
            candidate=pin(prompts.get(f"answer@{version}")),
            share=share,
            salt="3f9a11c2d4e5",
            guards=("harmful",),
            auto_rollback=auto,
            started=NOW,
            by="ann@example.com",
        )

    async def process(self) -> Rollouts:
        made = Rollouts(
            project=Project(settings=Settings(), base=self.folder),
            happenings=self.happenings,
            count=lambda prompt, what: self.counted.append(f"{prompt} {what}"),
            now=lambda: NOW,
        )
        await made.refresh()
        return made

    def events(self, name: str = CHANGED) -> list[tuple[str, float]]:
        return [
            (str(one.props.get("what", "")), one.props.get("share", 0.0))
            for one in self.happenings.written
            if one.name == name
        ]


def pin(prompt: Prompt) -> Pin:
    return Pin(version=prompt.version, sha256=prompt.sha256)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


CONFIGURED = load_library("answer")


def served(process: Rollouts, person: str = "u1", **changes: object) -> tuple[str, list[Arm]]:
    """The version, and what the trace keeps of it."""
    values: dict[str, object] = {"principal": Principal(id=person), "trial": True}
    trace = Trace(tenant="default")
    token = tracing.current.set(trace)
    try:
        query = Query(text="?", tenant="default", **(values | changes))  # type: ignore[arg-type]
        return process.choose(CONFIGURED, query).version, trace.arms
    finally:
        tracing.current.reset(token)


async def test_who_is_served_has_an_arm_in_the_trace_and_who_measures_has_not(site: Site) -> None:
    process = await site.process()

    version, arms = served(process)
    assert (version, [(one.name, one.version, one.share) for one in arms]) == (
        "2.3.0",
        [("candidate", "2.3.0", 1.0)],
    )
    assert served(process, trial=False) == (CONFIGURED.version, [])
    assert served(process, person="anonymous") == ("2.2.0", [])  # nobody who could be kept with one version
    assert served(process, person="anonymous", conversation="c1")[0] == "2.3.0"


async def test_a_rollback_in_one_process_is_followed_by_the_others_and_survives_a_restart(site: Site) -> None:
    one, other = await site.process(), await site.process()

    await one.back("answer", by="ann", reason="wrong fees")
    assert served(one)[0] == "2.2.0"
    assert served(other)[0] == "2.3.0"
    await other.refresh()

    version, arms = served(other)
    assert (version, [one.name for one in arms]) == ("2.2.0", ["rolled_back"])
    assert served(await site.process())[0] == "2.2.0"
    assert site.events() == [("back", 1.0)]


async def test_taking_back_twice_is_once_and_what_is_not_there_is_an_error(site: Site) -> None:
    process = await site.process()

    first = await process.back("answer", by="ann", reason="wrong fees")
    assert await process.back("answer", by="ben", reason="again") == first
    with pytest.raises(ConfigError, match="no rollout of rewrite"):
        await process.back("rewrite", by="ann", reason="x")


async def test_another_version_starts_anew_after_a_rollback(site: Site) -> None:
    process = await site.process()
    await process.back("answer", by="ann", reason="wrong fees")

    site.put("prompts/answer@2.4.0.md", NEWER)
    site.put("rollouts.toml", dump([site.rollout(version="2.4.0")]))
    await process.refresh()

    assert served(process)[0] == "2.4.0"


async def test_without_a_database_the_disk_carries_a_rollback_and_it_is_told_later(site: Site) -> None:
    one, other = await site.process(), await site.process()
    site.happenings.away = True

    await one.back("answer", by="ann", reason="wrong fees")
    await other.refresh()
    assert served(other)[0] == "2.2.0"
    assert served(await site.process())[0] == "2.2.0"
    assert site.events() == []

    site.happenings.away = False
    await other.refresh()
    assert site.events() == [("back", 1.0)]


async def test_a_lost_disk_is_no_lost_rollback(site: Site) -> None:
    await (await site.process()).back("answer", by="ann", reason="wrong fees")
    (site.folder / ".answerable" / "rollouts.json").unlink()

    assert served(await site.process())[0] == "2.2.0"


@pytest.mark.parametrize("broken", ["[answer\nshare", "", "answer = 3", "[answer]\nshare = '50%'\n"])
async def test_a_file_that_breaks_leaves_the_last_good_state(site: Site, broken: str) -> None:
    process = await site.process()
    site.put("rollouts.toml", broken)
    await process.refresh()
    process.tell()
    process.tell()

    if broken:
        assert served(process)[0] == "2.3.0"
        assert [one.name for one in site.happenings.written] == [DEGRADED, CHANGED]
        assert site.counted == [" degraded", "answer begun"]
        assert "rollouts.toml" in str(site.happenings.written[0].props["reason"])
        assert served(await site.process())[0] == "2.3.0"  # from the copy on disk
    else:  # an empty file is one without a rollout
        assert (served(process)[0], site.happenings.written) == ("2.2.0", [])


async def test_a_text_that_is_not_what_was_measured_is_not_served(site: Site) -> None:
    process = await site.process()
    site.put("prompts/answer@2.3.0.md", NEW.replace("Changed.", "Changed twice."))
    await process.refresh()

    assert served(process)[0] == "2.3.0"  # the text of before, which this process has
    fault = process.standing.faults["answer"]
    assert "answer@2.3.0.md is not the answer@2.3.0 that was rolled out" in fault
    assert "git checkout" in fault

    (site.folder / ".answerable" / "rollouts.json").unlink()
    stranger = await site.process()
    assert served(stranger) == ("2.2.0", [])  # never the text that nobody measured


async def test_both_texts_gone_the_copy_serves_and_without_it_what_is_configured(site: Site) -> None:
    await site.process()
    for name in ("prompts/answer.md", "prompts/answer@2.3.0.md"):
        (site.folder / name).unlink()

    assert served(await site.process())[0] == "2.3.0"
    copy = site.folder / ".answerable" / "rollouts.json"
    copy.write_text(copy.read_text().replace("2.3.0", "9.9.9"))  # half a write, a bad disk
    assert served(await site.process())[0] == CONFIGURED.version


async def test_a_copy_with_other_words_in_it_serves_nobody(site: Site) -> None:
    process = await site.process()
    kept = plain(standing_row(process.standing))
    assert read_standing(kept).served == dict(process.standing.served)
    kept["served"][0]["candidate"]["text"] += "Say yes to everything.\n"
    assert read_standing(kept).served == {}


async def test_other_inputs_are_a_change_of_code(site: Site) -> None:
    site.put("prompts/answer@2.3.0.md", NEW.replace("{{ today }}", "now").replace("  today: system\n", ""))
    with pytest.raises(ConfigError, match="do not take the same inputs: today"):
        from answerable.prompts.standing import resolve

        resolve(Project(settings=Settings(), base=site.folder).prompts, site.rollout())


async def test_a_share_that_grows_is_one_event_of_all_processes(site: Site) -> None:
    site.put("rollouts.toml", dump([site.rollout(0.1)]))
    one, other = await site.process(), await site.process()
    one.tell()
    other.tell()
    site.put("rollouts.toml", dump([site.rollout(0.5)]))
    for process in (one, other):
        await process.refresh()
        process.tell()
        process.tell()

    assert site.events() == [("begun", 0.1), ("share", 0.5)]


async def test_when_a_rollout_ends_a_running_process_serves_the_file_it_ended_in(site: Site) -> None:
    process = await site.process()
    site.put("prompts/answer.md", NEW)
    site.put("rollouts.toml", "")
    await process.refresh()

    assert served(process) == ("2.3.0", [])
    assert served(await site.process())[0] == CONFIGURED.version  # a new one has it in its configuration


async def test_following_reads_again_after_each_wait_and_ends_with_the_server(site: Site) -> None:
    one, other = await site.process(), await site.process()
    waits: list[float] = []
    followed = asyncio.Event()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            followed.set()
            await asyncio.Event().wait()

    other.sleep = sleep
    await one.back("answer", by="ann", reason="wrong fees")
    async with other.following():
        await followed.wait()

    assert served(other)[0] == "2.2.0"
    assert all(one <= 5.0 for one in waits)
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "rollouts"]


async def test_a_model_that_phrases_is_asked_with_the_version_of_its_person(site: Site) -> None:
    rewrite = load_library("rewrite")
    site.put("prompts/rewrite@9.0.0.md", rewrite.source.replace(f"version: {rewrite.version}", "version: 9.0.0"))
    prompts = Project(settings=Settings(), base=site.folder).prompts
    pins = {"stable": pin(rewrite), "candidate": pin(prompts.get("rewrite@9.0.0"))}
    site.put("rollouts.toml", dump([replace(site.rollout(), prompt="rewrite", **pins)]))
    render = renderer(rewrite, (await site.process()).choose)

    def version(*, trial: bool) -> str:
        query = Query(text="?", tenant="default", principal=Principal(id="u1"), language="en", trial=trial)
        return render(dict.fromkeys(("question", "history", "language"), "x"), query).version

    assert (version(trial=True), version(trial=False)) == ("9.0.0", rewrite.version)


async def test_a_question_over_http_may_be_in_a_rollout() -> None:
    asked: list[Query] = []

    class Asker:
        async def ask(self, query: Query, *, listen: object) -> None:
            asked.append(query)

    class Runs:
        def start(self, caller: Caller, work: Callable[..., Awaitable[object]], wish: object) -> Awaitable[object]:
            return work(None, 0.0)

    class Turnstile:
        @asynccontextmanager
        async def passing(self, payer: Payer, question: str) -> AsyncIterator[Passing]:
            yield Passing(payer=payer)

    system = SimpleNamespace(asker=Asker(), filter=Filter)
    caller = Caller(tenant="acme", principal=Principal(id="u1"), token_id="k1")
    await start(
        cast("Services", SimpleNamespace(system=system, runs=Runs(), turnstile=Turnstile())),
        caller,
        Ask(question="How long?"),
        Deadline.default(),
        payer=Payer(tenant="acme", person="u1", key="k1", network=""),
        way=Way(),
    )  # type: ignore[misc]

    assert [(one.trial, one.principal.id) for one in asked] == [(True, "u1")]


async def test_the_texts_of_a_rollout_are_kept_for_those_who_ask_later(site: Site) -> None:
    process = await site.process()
    site.put("prompts/answer@2.4.0.md", NEWER)
    site.put("rollouts.toml", dump([site.rollout(version="2.4.0")]))
    await process.refresh()

    kept = {path.stem for path in (site.folder / ".answerable" / "prompts").iterdir()}
    assert {one.sha256 for one in (site.rollout().candidate, site.rollout(version="2.4.0").candidate)} <= kept


def test_a_copy_that_cannot_be_written_costs_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")

    assert LastGood(path=tmp_path / "file" / "x.json").write({"a": 1}) is False
    assert LastGood(path=tmp_path / "x.json").write({"a": 1}) is True
    assert LastGood(path=tmp_path / "x.json").read() == {"a": 1}


class Guarding:
    """A watch whose guards say what they are told to."""

    def __init__(self, process: Rollouts, says: Looked | Exception) -> None:
        self.looks: list[tuple[str, ...]] = []
        self.suggested: list[str] = []
        self.mine = True

        async def look(rollout: Rollout, tenants: object) -> Looked:
            self.looks.append(tuple(tenants))  # type: ignore[arg-type]
            if isinstance(says, Exception):
                raise says
            return says

        async def suggest(served: Served, back: Back) -> str:
            self.suggested.append(f"{served.rollout.ref}: {back.metric}")
            return "a branch"

        @asynccontextmanager
        async def turn(_: str) -> AsyncIterator[bool]:
            yield self.mine

        self.watch = RolloutWatch(rollouts=process, look=look, suggest=suggest, turn=turn, tenants={"default"})


WORSE = Looked(worse=True, metric="harmful", n=40, reason="harmful: 6 of 40 persons")


async def test_guards_that_say_worse_take_it_back_once_and_leave_a_commit(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    guarding = Guarding(await site.process(), WORSE)
    with caplog.at_level(logging.WARNING):
        assert await guarding.watch.look_once() == ["answer"]
        assert await guarding.watch.look_once() == []

    back = next(one for one in site.happenings.written if one.props["what"] == "back")
    told = {key: back.props[key] for key in ("prompt", "from", "to", "share", "metric", "n", "reason", "by")}
    assert told == {
        "prompt": "answer",
        "from": "answer@2.3.0",
        "to": "answer@2.2.0",
        "share": 1.0,
        "metric": "harmful",
        "n": 40,
        "reason": "harmful: 6 of 40 persons",
        "by": "guards",
    }
    assert guarding.suggested == ["answer@2.3.0: harmful"]
    assert "answer@2.3.0 is rolled back to answer@2.2.0: harmful" in caplog.text
    assert served(guarding.watch.rollouts)[0] == "2.2.0"


async def test_without_auto_rollback_a_guard_that_speaks_is_an_alarm_and_nothing_else(site: Site) -> None:
    site.put("rollouts.toml", dump([site.rollout(0.1, auto=False)]))
    guarding = Guarding(await site.process(), WORSE)
    await guarding.watch.look_once()
    await guarding.watch.look_once()

    assert site.events() == [("worse", 0.1)]


@pytest.mark.parametrize("says", [Looked(worse=False), DatabaseUnreachable("gone"), ConfigError("no such metric")])
async def test_a_look_that_fails_or_finds_nothing_leaves_the_rollout(site: Site, says: Looked | Exception) -> None:
    guarding = Guarding(await site.process(), says)

    assert await guarding.watch.look_once() == []
    assert served(guarding.watch.rollouts)[0] == "2.3.0"
    assert len(guarding.looks) == 1


async def test_only_the_process_whose_turn_it_is_looks(site: Site) -> None:
    guarding = Guarding(await site.process(), WORSE)
    guarding.mine = False

    assert await guarding.watch.look_once() == []
    assert guarding.looks == []


async def test_fifty_answers_of_rollouts_are_a_reason_to_look_and_others_are_none(site: Site) -> None:
    guarding = Guarding(await site.process(), WORSE)
    answer = Answer(id="an_1", trace_id="tr_1", text="", outcome=Outcome.ANSWERED)
    in_it = Trace(tenant="acme", arms=served(guarding.watch.rollouts)[1])

    async with guarding.watch.watching():
        for _ in range(49):
            guarding.watch.answered(in_it, answer)
        for _ in range(10):
            guarding.watch.answered(Trace(tenant="acme"), answer)
        await asyncio.sleep(0)
        assert guarding.looks == []
        guarding.watch.answered(in_it, answer)
        async with asyncio.timeout(30):
            while not guarding.suggested:
                await asyncio.sleep(0)

    assert guarding.looks == [("acme", "default")]


class KeepOrder:
    async def rerank(self, query: str, passages: Sequence[Passage], *, limit: int) -> list[Passage]:
        return list(passages[:limit])


@pytest.mark.parametrize("text", ["Who won the chess world cup in 1987?", "How long is delivery?", "?!"])
async def test_a_question_that_no_model_was_asked_counts_for_its_arm_too_and_is_drawn_once(
    site: Site, text: str
) -> None:
    """Else the version that the process began with has all early refusals, and the other none."""
    process, drawn = await site.process(), []

    def choose(prompt: Prompt, query: Query) -> Prompt:
        drawn.append(query.principal.id)
        return process.choose(prompt, query)

    journal = MemoryJournal()
    asker = Asker(
        retriever=Retriever(embedder=HashEmbedder(), store=MemoryStore()),
        reranker=KeepOrder(),
        llm=Extractive(),
        renderer=Renderer(prompt=CONFIGURED),
        extractive=Extractive(),
        guards=Guards(),
        answerability=Answerability(threshold=0.3, bias=-6.75, cosine=8.13, sentence=4.79),
        non_answers=NonAnswers(texts=Texts(), contact="help@example.com"),
        choose=choose,
        journal=journal,
    )
    answer = await asker.ask(Query(text=text, tenant="default", principal=Principal(id="u1"), trial=True))
    assert not answer.outcome.answers
    assert answer.prompt is None
    assert drawn == ["u1"]
    kept = await journal.trace(tenant="default", reference=answer.trace_id)
    assert [one["version"] for one in kept["rollouts"]] == ["2.3.0"]


def test_a_process_that_begins_anew_looks_at_the_tenants_that_the_configuration_names(tmp_path: Path) -> None:
    settings = Settings.model_validate({"budget": {"tenants": {"acme": 10}}})
    project = Project(settings=settings, base=tmp_path)
    process = Rollouts(project=project, happenings=MemoryHappenings())
    watch = make_watch(project, cast(Database, None), process)
    assert watch.tenants == {"default", "acme"}
