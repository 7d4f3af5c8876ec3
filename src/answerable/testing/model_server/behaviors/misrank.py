"""Gives a ranking of a rerank API that is none."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from answerable.testing.model_server.exchange import Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Misrank:
    """`short`: the last text is missing. `twice`: one stands for another. `beyond`: a text that was not sent.

    `score`: one that no API gives.
    """

    form: Literal["short", "twice", "beyond", "score"] = "short"

    async def perform(self, exchange: Exchange) -> None:
        """Rank wrongly."""
        count = len(json.loads(exchange.prompt.user)["texts"])
        places = list(range(count))
        scores = [1.0 - place / count for place in places]
        match self.form:
            case "short":
                places = places[:-1]
            case "twice":
                places[-1] = 0
            case "beyond":
                places[-1] = count
            case "score":
                scores[0] = 7.5
        await exchange.reply(json.dumps(list(zip(places, scores, strict=False))))
