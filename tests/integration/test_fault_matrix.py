"""The fault matrix, cell by cell: what is documented is what comes out of the whole path."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from tests.integration.faulty import Asking, asker_of, filled_memory, project_of

from answerable.adapters.fakes.replies import MemoryReplies
from answerable.adapters.fakes.store import MemoryStore
from answerable.answer.ask import Asker
from answerable.app.project import Project
from answerable.core.answer import Answer
from answerable.core.outcome import Outcome
from answerable.llm.cache import Cached
from answerable.llm.cache_key import Ground
from answerable.testing.faults import BY_ID, CELLS, Component, Fault
from answerable.testing.faults.harm import Harm, UnforeseenError
from answerable.testing.faults.injection import injected
from answerable.testing.faults.judging import SUPPORTS, VERDICTS
from answerable.testing.faults.model import SAID, behavior
from answerable.testing.faults.observed import differences
from answerable.testing.faults.ordering import ORDERS
from answerable.testing.faults.replies import REPLIES, FaultyReplies
from answerable.testing.faults.search import PASSAGES, VECTORS
from answerable.testing.model_server import ModelServer
from answerable.testing.model_server.behaviors import Echo, Status
from answerable.testing.postgres import in_thread

PARAPHRASE = "You can return items within 30 days of delivery [1]."
IN_PATH = (
    Component.EMBED,
    Component.DENSE,
    Component.LEXICAL,
    Component.RERANK,
    Component.VERIFY,
    Component.GUARD,
)


def noted(name: str, status: str = "error") -> Callable[..., bool]:
    """Whether the operator finds the fault in the trace."""
    return lambda steps, answer: any((one["name"], one["status"]) == (name, status) for one in steps)


NOTED = {
    Component.EMBED: noted("embed"),
    Component.DENSE: noted("dense"),
    Component.LEXICAL: noted("lexical"),
    Component.RERANK: noted("rerank_skipped", "skipped"),
    Component.VERIFY: noted("verify_failed"),
    Component.GUARD: lambda steps, answer: any(one.rule.startswith("guard_") for one in answer.verdicts),
}


def cells_of(*components: Component) -> list[object]:
    return [pytest.param(one, id=one.id) for one in CELLS if one.component in components]


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer() as one:
        yield one


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    return filled_memory()


@pytest.fixture(scope="module")
def project(server: ModelServer, tmp_path_factory: pytest.TempPathFactory) -> Project:
    return project_of(tmp_path_factory.mktemp("project"), base_url=server.openai_url)


@pytest.fixture
async def asker(server, store, project):
    server.script(Echo(PARAPHRASE))
    async with asker_of(project, store) as one:
        yield one


@pytest.fixture(scope="module")
def healthy(server, store, project) -> Answer:
    """The answer without any fault."""

    async def asked() -> Answer:
        async with asker_of(project, store) as one:
            return (await Asking(deadline_s=30.0).of(one)).answer

    server.script(Echo(PARAPHRASE))
    found = in_thread(asked())
    assert (found.outcome, found.degraded) == (Outcome.ANSWERED, ())
    assert "return items within 30 days" in found.text
    return found


def test_there_is_a_cell_for_every_component_and_fault():
    assert len(CELLS) == len(BY_ID) == 50
    assert [one.id for one in CELLS] == [f"{c}-{f}" for c in Component for f in Fault]
    assert all(one.like and one.seen and one.why for one in CELLS)


@pytest.mark.parametrize("cell", cells_of(*IN_PATH))
async def test_a_fault_of_the_path(cell, asker, healthy):
    faulty = injected(asker, cell.component, Harm(fault=cell.fault))
    seen = await Asking().of(faulty)
    assert differences(cell, seen, healthy=healthy) == ()
    assert NOTED[cell.component](seen.trace["steps"], seen.answer) or "-empty" in cell.id


@pytest.mark.parametrize("cell", cells_of(Component.MODEL))
async def test_a_fault_of_every_provider(cell, asker, healthy, server):
    server.script(behavior(cell.fault, slow_s=2.0))
    assert differences(cell, await Asking().of(asker), healthy=healthy) == ()


# --- the harder variants ---

NONSENSE = [
    *((Component.EMBED, one) for one in VECTORS),
    *((Component.DENSE, one) for one in PASSAGES),
    *((Component.LEXICAL, one) for one in PASSAGES),
    *((Component.RERANK, one) for one in ORDERS),
    *((Component.VERIFY, one) for one in SUPPORTS),
    *((Component.GUARD, one) for one in VERDICTS),
]


@pytest.mark.parametrize(("component", "variant"), NONSENSE, ids=str)
async def test_every_kind_of_nonsense_ends_the_same_way(component, variant, asker, healthy):
    faulty = injected(asker, component, Harm(fault=Fault.GARBAGE, variant=variant))
    cell = BY_ID[f"{component}-garbage"]
    assert differences(cell, await Asking().of(faulty), healthy=healthy) == ()


@pytest.mark.parametrize("component", IN_PATH)
async def test_an_error_that_nobody_foresaw_ends_as_one_that_is_documented(component, asker, healthy):
    faulty = injected(asker, component, Harm(fault=Fault.ERROR, error=UnforeseenError("what is this?")))
    assert differences(BY_ID[f"{component}-error"], await Asking().of(faulty), healthy=healthy) == ()


@pytest.mark.parametrize("component", [Component.EMBED, Component.RERANK, Component.VERIFY, Component.GUARD])
async def test_a_thread_that_cannot_be_stopped_is_not_waited_for(component, asker, healthy):
    harm = Harm(fault=Fault.TIMEOUT, stubborn=True)
    try:
        seen = await Asking().of(injected(asker, component, harm))
    finally:
        harm.release.set()
    assert differences(BY_ID[f"{component}-timeout"], seen, healthy=healthy) == ()


@pytest.mark.parametrize("fault", Fault)
async def test_a_guard_of_answers_that_fails_lets_nothing_out(fault, asker, healthy):
    faulty = injected(asker, Component.GUARD, Harm(fault=fault), at="answer")
    seen = await Asking().of(faulty)
    assert differences(BY_ID[f"guard-{fault}"], seen, healthy=healthy) == ()
    assert seen.shown == ""


@pytest.mark.parametrize("variant", ["", *SAID])
async def test_an_adapter_that_breaks_in_its_own_way_leaves_quotes(variant, asker):
    harm = (
        Harm(fault=Fault.GARBAGE, variant=variant) if variant else Harm(fault=Fault.ERROR, error=UnforeseenError())
    )
    seen = await Asking().of(injected(asker, Component.MODEL, harm))
    assert seen.answer.outcome is Outcome.ANSWERED
    assert "Items can be returned within 30 days of delivery [1]." in seen.answer.text
    assert seen.answer.degraded == ("provider_fallback", "extractive")


# --- the cache ---


def cached(asker: Asker, harm: Harm) -> Asker:
    """With a memory in front of the route, which keeps and recalls as well."""
    memory = Cached(
        llm=asker.llm,
        replies=FaultyReplies(inner=MemoryReplies(), harm=harm),
        ground=Ground(use="answer", models=("one/scripted-1",), index=asker.retriever.embedder.model.key),
        ttl_s=60.0,
    )
    return replace(asker, llm=memory, keeper=memory, earlier=memory)


@pytest.mark.parametrize("cell", cells_of(Component.CACHE))
async def test_a_fault_of_the_cache(cell, asker, healthy):
    assert differences(cell, await Asking().of(cached(asker, Harm(fault=cell.fault))), healthy=healthy) == ()


@pytest.mark.parametrize("variant", REPLIES)
async def test_a_damaged_reply_is_never_given(variant, asker, healthy):
    faulty = cached(asker, Harm(fault=Fault.GARBAGE, variant=variant))
    assert differences(BY_ID["cache-garbage"], await Asking().of(faulty), healthy=healthy) == ()


@pytest.mark.parametrize("variant", REPLIES)
async def test_nor_is_it_recalled_when_no_model_answers(variant, asker, healthy, server):
    server.script(Status(503))
    seen = await Asking().of(cached(asker, Harm(fault=Fault.GARBAGE, variant=variant)))
    degraded = ("no_cache", "provider_fallback", "extractive")
    assert differences(replace(BY_ID["model-error"], degraded=degraded), seen, healthy=healthy) == ()


async def test_a_cache_that_breaks_in_its_own_way_is_passed_by(asker, healthy):
    faulty = cached(asker, Harm(fault=Fault.ERROR, error=UnforeseenError()))
    assert differences(BY_ID["cache-error"], await Asking().of(faulty), healthy=healthy) == ()
