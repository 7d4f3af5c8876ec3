"""The chain: who answers, who is left out, and what is told about it."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.adapters.fakes.llm import Reply, ScriptedLLM
from answerable.core.deadline import Deadline
from answerable.core.errors import (
    ConfigError,
    DeadlineExceeded,
    ModelError,
    ModelUnreachable,
    PermanentModelError,
    TransientModelError,
)
from answerable.core.errors import Unreachable as AnyUnreachable
from answerable.llm.chain import Chain
from answerable.llm.commit import Opening
from answerable.llm.run import Link, Run

DOWN = TransientModelError("down", status=503)
BAD_KEY = PermanentModelError("bad key", status=401)
FIRST = "You can return it within 30 days [1]. "
TWO = FIRST + "Refunds take a week [2]."
LONG = 60.0


def model(*replies: Reply | str | ModelError, name: str = "main") -> ScriptedLLM:
    return ScriptedLLM(replies, name=name, model=f"{name}-1")


def hung() -> Reply:
    return Reply(text="late", hold=asyncio.Event())


def chain(*llms: ScriptedLLM, last_resort: ScriptedLLM | None = None, reserve_s: float = 0.3) -> Chain:
    links = tuple(Link(llm=llm, model=f"{llm.name}-asked", reserve_s=reserve_s) for llm in llms)
    return Chain(links=links, last_resort=last_resort, last_resort_s=0.05)


@pytest.fixture(params=["complete", "stream"])
def ask(request, prompt):
    """Ask either way; gives the text that came and the completion."""

    async def ask(llm: Chain, deadline_s: float = LONG):
        deadline = Deadline.after(deadline_s)
        if request.param == "complete":
            completion = await llm.complete(prompt, deadline=deadline)
            return completion.text, completion
        *pieces, last = [piece async for piece in llm.stream(prompt, deadline=deadline)]
        return "".join(pieces), last

    return ask


def story(result) -> list[tuple[str, str]]:
    return [(one.provider, one.outcome) for one in result.attempts]


async def test_the_first_answers_and_the_others_are_not_asked(ask):
    backup = model("no", name="backup")
    text, completion = await ask(chain(model(TWO), backup))
    assert text == completion.text == TWO
    assert (completion.provider, completion.degraded, story(completion)) == ("main", (), [("main", "ok")])
    assert backup.calls == []


@pytest.mark.parametrize("failure", [DOWN, Reply(text="Half a sen", error=DOWN)])
async def test_a_transient_failure_goes_on_to_the_next_and_is_told(ask, failure):
    text, completion = await ask(chain(model(failure), model(TWO, name="backup")))
    assert text == completion.text == TWO
    assert (completion.provider, completion.degraded) == ("backup", ("provider_fallback",))
    assert story(completion) == [("main", "transient"), ("backup", "ok")]
    assert (completion.attempts[0].status, completion.attempts[0].error) == (503, "down")
    assert (completion.attempts[0].model, completion.attempts[1].model) == ("main-asked", "backup-1")


async def test_a_model_that_hangs_leaves_the_next_time_to_answer(ask):
    text, completion = await ask(chain(model(hung()), model(TWO, name="backup")), deadline_s=0.8)
    assert text == TWO
    assert story(completion) == [("main", "transient"), ("backup", "ok")]
    assert "ran out of" in completion.attempts[0].error


async def test_when_all_hang_the_last_resort_still_answers(ask):
    end = model("Quote [1].", name="extractive")
    text, completion = await ask(
        chain(model(hung()), model(hung(), name="backup"), last_resort=end), deadline_s=0.7
    )
    assert text == completion.text == "Quote [1]."
    assert completion.degraded == ("provider_fallback", "extractive")
    assert story(completion) == [("main", "transient"), ("backup", "transient"), ("extractive", "ok")]


async def test_a_permanent_error_asks_no_other_model_but_the_last_resort(ask):
    backup, end = model("no", name="backup"), model("Quote [1].", name="extractive")
    text, completion = await ask(chain(model(BAD_KEY), backup, last_resort=end))
    assert text == "Quote [1]."
    assert backup.calls == []
    assert story(completion) == [("main", "permanent"), ("backup", "skipped"), ("extractive", "ok")]
    assert (completion.attempts[0].status, completion.attempts[0].error) == (401, "bad key")


async def test_a_permanent_error_goes_up_where_there_is_no_last_resort(ask):
    backup = model("no", name="backup")
    with pytest.raises(PermanentModelError, match="bad key") as caught:
        await ask(chain(model(DOWN), model(BAD_KEY, name="second"), backup))
    assert story(caught.value) == [("main", "transient"), ("second", "permanent"), ("backup", "skipped")]
    assert backup.calls == []


async def test_nobody_answering_is_unreachable_with_every_cause(ask):
    busy = TransientModelError("busy", status=429, retry_after_s=4.0)
    with pytest.raises(ModelUnreachable, match="down; busy") as caught:
        await ask(chain(model(DOWN), model(busy, name="backup")))
    assert isinstance(caught.value, AnyUnreachable)
    assert isinstance(caught.value, TransientModelError)
    assert (caught.value.retry_after_s, caught.value.exit_code) == (4.0, 4)
    assert story(caught.value) == [("main", "transient"), ("backup", "transient")]


async def test_a_last_resort_that_fails_is_told_with_the_rest(ask):
    with pytest.raises(ModelUnreachable, match="down; worse") as caught:
        await ask(chain(model(DOWN), last_resort=model(TransientModelError("worse"), name="extractive")))
    assert story(caught.value) == [("main", "transient"), ("extractive", "transient")]


async def test_no_model_is_asked_without_time_but_the_last_resort_is(ask):
    main, end = model("no"), model("Quote [1].", name="extractive")
    _, completion = await ask(chain(main, last_resort=end), deadline_s=0.06)
    assert main.calls == []
    assert story(completion) == [("main", "skipped"), ("extractive", "ok")]
    with pytest.raises(DeadlineExceeded):
        await ask(chain(main), deadline_s=0.0)
    assert main.calls == []


async def test_a_last_resort_alone_is_no_fallback(ask):
    _, completion = await ask(Chain(links=(), last_resort=model("Quote.", name="extractive")))
    assert completion.degraded == ()


def test_an_empty_chain_is_refused():
    with pytest.raises(ConfigError):
        Chain(links=())


async def test_a_chain_can_be_a_link(ask):
    inner = chain(model(DOWN), model(DOWN, name="second"))
    _, completion = await ask(
        Chain(links=(Link(llm=inner, reserve_s=0.1), Link(llm=model(TWO, name="backup"), reserve_s=0.1)))
    )
    assert story(completion) == [("main", "transient"), ("second", "transient"), ("backup", "ok")]


async def test_nothing_is_given_out_before_the_first_sentence_is_whole(prompt):
    pause = asyncio.Event()
    stream = chain(model(Reply(pieces=("You can ", "return it", ". Soon"), pause=pause))).stream(
        prompt, deadline=Deadline.after(LONG)
    )
    first = asyncio.create_task(anext(stream))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not first.done()
    pause.set()
    assert await first == "You can return it. Soon"
    await stream.aclose()


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(text=TWO + " And", error=DOWN), TransientModelError),
        (Reply(text=TWO + " And", error=PermanentModelError("refused")), PermanentModelError),
    ],
)
async def test_a_stream_that_breaks_after_its_first_sentence_says_what_was_given_out(prompt, reply, kind):
    backup = model("no", name="backup")
    given = ""
    with pytest.raises(kind) as caught:
        async for piece in chain(model(reply), backup).stream(prompt, deadline=Deadline.after(LONG)):
            given += piece
    assert caught.value.partial == given == TWO + " And"
    assert story(caught.value)[0][0] == "main"
    assert backup.calls == []


async def test_a_stream_that_stops_coming_after_its_first_sentence_is_left_in_time(prompt):
    given = ""
    reply = Reply(text=TWO, pieces=(FIRST, "Refunds ", "late"), pause=asyncio.Event())
    with pytest.raises(TransientModelError) as caught:
        async for piece in chain(model(reply)).stream(prompt, deadline=Deadline.after(0.3)):
            given += piece
    assert caught.value.partial == given == FIRST + "Refunds "


async def test_leaving_a_chains_stream_leaves_the_models(prompt):
    main = model(TWO * 9)
    stream = chain(main).stream(prompt, deadline=Deadline.after(LONG))
    assert (await anext(stream)).startswith("You can")
    await stream.aclose()
    assert main.closed == 1


async def test_a_model_left_for_another_is_closed(prompt, read):
    main = model(Reply(pieces=("Half ", "late"), pause=asyncio.Event()))
    text, _ = await read(chain(main, model(TWO, name="backup")).stream(prompt, deadline=Deadline.after(0.8)))
    assert text == TWO


@given(
    reserves=st.lists(st.floats(0, 5), min_size=1, max_size=5),
    left_s=st.floats(0.5, 20),
    after_s=st.floats(0, 0.4),
)
def test_every_share_is_positive_and_leaves_the_others_theirs(reserves, left_s, after_s):
    links = tuple(Link(llm=ScriptedLLM(), reserve_s=reserve_s) for reserve_s in reserves)
    run = Run(links=links, deadline=Deadline.after(left_s), after_s=after_s)
    for place in range(len(links)):
        before_s, share_s, after_s, others = run.rest_s(), run.share_s(place), run.rest_s(), reserves[place + 1 :]
        assert 0 < share_s <= before_s
        assert after_s - share_s <= sum(others) + 1e-9  # what is kept is what the others asked for, at most
        assert share_s >= after_s / len(links) - 1e-9  # and at least an equal part is given


@given(st.lists(st.text(alphabet="ab .!?\n", max_size=8), max_size=30), st.integers(1, 40))
def test_an_opening_gives_everything_in_order_and_holds_no_more_than_its_limit(pieces, max_chars):
    opening, given_out = Opening(max_chars=max_chars), ""
    for piece in pieces:
        given_out += opening.take(piece)
        assert opening.given == given_out
        assert len(opening.held) < max_chars
    assert given_out + opening.release() == "".join(pieces)
    assert opening.held == ""
