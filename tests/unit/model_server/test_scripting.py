"""Which behavior when: by endpoint, by share and by time, told in Python or as JSON."""

from __future__ import annotations

from datetime import date

import pytest

from answerable.answer.composition import Composition, Shown
from answerable.answer.draft import DraftReader
from answerable.core.document import Chunk
from answerable.core.passage import Passage
from answerable.core.prompt import ContextBlock
from answerable.testing.model_server.behaviors import NAMED, Cite, Echo, Mark, Mixed, Schedule, Stall, Status
from answerable.testing.model_server.prompt import Prompt
from answerable.testing.model_server.prompt_cache import PromptCache
from answerable.testing.model_server.script import Scripts
from answerable.testing.model_server.spec import behavior_of
from answerable.testing.model_server.tokens import counted

ONE, TWO, THREE = Echo("1"), Echo("2"), Echo("3")
RULES = "word " * 300


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_schedule_gives_each_phase_its_time_and_stays_at_the_last():
    clock = Clock()
    schedule = Schedule(((60, ONE), (30, TWO), (0, THREE)), clock=clock)
    said = []
    for passed in (0, 59.9, 60, 89.9, 90, 1000):
        clock.now = 100.0 + passed
        said.append(schedule.now())
    assert said == [ONE, ONE, TWO, TWO, THREE, THREE]


def test_a_schedule_that_repeats_begins_again():
    clock = Clock()
    schedule = Schedule(((60, ONE), (30, TWO)), repeat=True, clock=clock)
    clock.now += 90 + 65
    assert schedule.now() is TWO
    clock.now += 30
    assert schedule.now() is ONE


@pytest.mark.parametrize("phases", [(), ((-1, ONE),)])
def test_a_schedule_without_time_is_none(phases):
    with pytest.raises(ValueError, match="schedule"):
        Schedule(phases)


async def test_a_mixture_keeps_its_share_and_its_sequence():
    def drawn(seed: int) -> list[bool]:
        mixed = Mixed(0.05, ONE, TWO, seed=seed)
        return [mixed._random.random() < mixed.share for _ in range(4000)]

    assert 150 < sum(drawn(1)) < 250
    assert drawn(1) == drawn(1) != drawn(2)
    with pytest.raises(ValueError, match="share"):
        Mixed(1.5, ONE)


def test_an_endpoint_and_a_key_can_have_a_script_of_their_own():
    scripts = Scripts(ONE)
    scripts.put(TWO, at="/a")
    scripts.put(THREE, at="key:k")

    def said(endpoint: str, key: str) -> object:
        return scripts.for_request(endpoint=endpoint, key=key).behavior(headers={}, model="m")

    assert [said("", ""), said("/a", ""), said("/a", "k"), said("/b", "x")] == [ONE, TWO, THREE, ONE]


@pytest.mark.parametrize(
    ("spec", "behavior"),
    [
        ("cite", Cite()),
        ({"is": "Status", "status": 429, "retry_after": "2"}, Status(429, "2")),
        ({"is": "Stall", "tokens": 2, "say": {"is": "Echo", "reply": "no"}}, Stall(tokens=2, say=Echo("no"))),
    ],
)
def test_behaviors_can_be_told_as_json(spec, behavior):
    assert behavior_of(spec) == behavior


def test_schedules_and_mixtures_can_be_told_as_json():
    made = behavior_of(
        {"is": "Schedule", "phases": [[60, "503"], [0, {"is": "Mixed", "share": 0.1, "behavior": "hang"}]]}
    )
    assert isinstance(made, Schedule)
    assert made.now() == Status(503)
    assert isinstance(made.phases[1][1], Mixed)


@pytest.mark.parametrize(
    "spec",
    ["nonsense", 7, {}, {"is": "Nothing"}, {"is": "NAMED"}, {"is": "Behavior"}, {"is": "Slow", "secs": 1},
     {"is": "Slow", "say": "nonsense"}, {"is": "Mixed", "share": 2, "behavior": "hang"}],
)  # fmt: skip
def test_what_is_no_behavior_is_told_so(spec):
    with pytest.raises(ValueError, match=r"behavior|secs|share"):
        behavior_of(spec)


def asked(system: str, user: str = "q", **more: int) -> Prompt:
    return counted(Prompt(model="m", system=system, user=user, **more))


def test_a_beginning_that_came_before_is_cached_in_steps():
    cache = PromptCache(least=100, step=50)
    cached = [
        cache.applied(asked(system, user), owner=owner, marks=False).cached_tokens
        for system, user, owner in [
            (RULES, "one", "a"), (RULES, "two", "a"), (RULES, "two", "b"), ("x " + RULES, "one", "a"),
            ("word " * 90, "one", "a"),
        ]
    ]  # fmt: skip
    assert cached == [0, 300, 0, 0, 0]


def test_a_marked_beginning_is_written_once_and_read_after():
    cache = PromptCache(least=100)
    chars = len(RULES)
    told = [
        cache.applied(asked(RULES + tail, marked_chars=marked), owner="a", marks=True)
        for tail, marked in [("one", chars), ("two", chars), ("three", 0)]
    ]
    assert [(one.cached_tokens, one.written_tokens) for one in told] == [(0, 300), (300, 0), (0, 0)]


def test_a_mark_is_carried_along_in_a_sentence_that_the_verifier_lets_through():
    text = "Returns take thirty days."
    source = f'<source n="1" title="T">\n{text}\n</source>'
    user = f"{source}\n<question b>\nReturns mark-abc?\n</question b>"
    said = Mark().text(Prompt(model="m", system="", user=user))
    assert said == "Returns take thirty days [1]. The sources do not say more about mark-abc."
    passage = Passage(chunk=Chunk(document_id="d", start=0, end=len(text), text=text), score=1.0)
    composition = Composition(
        blocks=(ContextBlock(n=1, passage=passage),), language="en", today=date(2026, 11, 22)
    )
    reader = DraftReader(language="en")
    shown = [composition.add(one) for one in [*reader.feed(said), *reader.finish()]]
    assert [type(one) for one in shown] == [Shown, Shown]
    assert composition.text == said


def test_every_named_behavior_can_be_told_by_its_name():
    assert all(behavior_of(name) is behavior for name, behavior in NAMED.items())
