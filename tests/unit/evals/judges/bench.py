"""Judges out of fakes, for these tests."""

from __future__ import annotations

import json
import re
from decimal import Decimal

from answerable.adapters.fakes.judgments import MemoryJudgments
from answerable.adapters.fakes.llm import Reply, ScriptedLLM
from answerable.core.errors import ModelError
from answerable.core.prompt import Rendered
from answerable.evals.items import ShownPassage
from answerable.evals.judges.budget import Budget
from answerable.evals.judges.criteria import load_criteria
from answerable.evals.judges.criterion import Criterion
from answerable.evals.judges.interview import Interviewer
from answerable.evals.judges.judge import Judge
from answerable.evals.judges.material import Material
from answerable.evals.judges.memory import Memory
from answerable.evals.judges.rendering import JudgeRenderer
from answerable.llm.paying import Paid
from answerable.llm.price import Price, PriceTable
from answerable.prompts.collection import load_library
from answerable.prompts.prompt import Prompt
from answerable.testing.model_server.behaviors import Speaker
from answerable.testing.model_server.prompt import Prompt as Asked
from answerable.testing.prompts import unfenced

GROUNDED = load_criteria()["grounded"]
PRICE = Price(input=Decimal(1), output=Decimal(2))
MATERIAL = Material(
    question="Within how many days?",
    answer="Within 14 days [1].",
    context=(ShownPassage(n=1, title="Returns", text="Refurbished items: 14 days."),),
)
_TOKEN = re.compile(r"The token of this request is (\S+)")


def token_of(rendered: Rendered) -> str:
    match = _TOKEN.search(rendered.user)
    assert match
    return match[1]


def says(verdict: str, *, why: str = "Because.", **more: object) -> Reply:
    """A reply as the prompt asks for it."""
    return Reply(
        write=lambda rendered: json.dumps({"token": token_of(rendered), "why": why, "verdict": verdict, **more})
    )


def spoken(behavior: Speaker) -> Reply:
    """What a scripted judge would say."""
    return Reply(write=lambda one: behavior.text(Asked(model="scripted", system=one.system, user=one.user)))


def bare(prompt: Prompt) -> JudgeRenderer:
    """One that marks nothing and defuses nothing."""
    return JudgeRenderer(prompt=prompt, fill=unfenced, defuse=str)


def interviewer(
    *replies: Reply | str | ModelError,
    model: str = "openai-compatible http://judge judge-1",
    budget: Budget | None = None,
    priced: bool = True,
    prompt: str = "judge",
    fenced: bool = True,
) -> tuple[Interviewer, ScriptedLLM]:
    llm = ScriptedLLM(replies, model="judge-1")
    table = PriceTable(prices={"judge-1": PRICE} if priced else {})
    loaded = load_library(prompt)
    made = Interviewer(
        llm=Paid(llm=llm, model="judge-1", table=table),
        model=model,
        renderer=JudgeRenderer(prompt=loaded) if fenced else bare(loaded),
        budget=budget or Budget(cap=Decimal(1)),
        estimate=lambda *, input_tokens, output_tokens: Decimal("0.01") if priced else None,
    )
    return made, llm


def judge(
    *replies: Reply | str | ModelError,
    criterion: Criterion = GROUNDED,
    judgments: MemoryJudgments | None = None,
    model: str = "openai-compatible http://judge judge-1",
    budget: Budget | None = None,
    priced: bool = True,
) -> tuple[Judge, ScriptedLLM]:
    asking, llm = interviewer(*replies, model=model, budget=budget, priced=priced)
    memory = Memory(judgments=judgments or MemoryJudgments(), tenant="acme")
    return Judge(criterion=criterion, interviewer=asking, memory=memory), llm
