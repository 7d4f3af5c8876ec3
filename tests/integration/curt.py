"""A model that cites, unless a prompt asks it for one word; and the small project that it answers for."""

from __future__ import annotations

from dataclasses import dataclass

from answerable.testing.model_server.behaviors import Cite
from answerable.testing.model_server.exchange import Exchange

BARE = """
[project]
name = "shop"
contact = "help@example.com"

[database]
url = "env:CURT_TEST_URL"

[[source]]
id = "knowledge"
uri = "knowledge"
"""
ROUTED = """
[[route]]
use = "answer"
chain = ["scripted", "extractive"]

[provider.scripted]
kind = "openai-compatible"
base_url = "{url}"
model = "scripted-1"
timeout = "30s"
first_token = "30s"
"""
QUESTION = "Within how many days can most items be returned?"
CASE = {
    "id": "returns", "question": QUESTION, "tags": ["obvious"], "language": "en", "why": "scripted",
    "expect": {"outcome": "answered", "must": ["30 days"]},
}  # fmt: skip
BEHAVIOR = """
cases:
  - id: nothing-found
    category: empty
    question: When does the museum open?
    expect: {abstains: true}
"""
CURT = "Answer with one word."


@dataclass(frozen=True)
class Curt:
    """Cites, but for a prompt that asks for one word: then it says one."""

    async def perform(self, exchange: Exchange) -> None:
        said = "Thirty." if CURT in exchange.prompt.system else Cite().text(exchange.prompt)
        await exchange.reply(said)
