"""Topics: what people ask about, as directions in the space of questions; and which of them a question belongs to.

They are made by clustering (clustering.py) and named by words that several persons used (topic_names.py). A topic
keeps its id when questions are clustered anew, as long as its center stays where it was: charts go on.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from answerable.core.identity import content_id

__all__ = ["NO_TOPIC", "Topic", "Topics", "topic_id"]

Floats = npt.NDArray[np.float32]

NO_TOPIC = "other"  # of a question that is near no topic, while there are topics
_SAME = 0.8  # cosine of two centers that are one topic; fitted in benchmarks/topics.py
_ID_CHARS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One kind of question. `persons` is None where nobody is known; `reach` is the least cosine of its own.

    `name` is empty where no word of it was used by enough persons.
    """

    id: str
    name: str
    size: int  # questions it was made of
    persons: int | None
    reach: float

    @property
    def label(self) -> str:
        """What people are shown."""
        return self.name or self.id


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Topics:
    """All topics of one clustering. `centers` has shape (topics, dimensions), float32, rows of length 1.

    `cases`, of the same form, are the questions of the evaluation. `model` is the key of the space that all lie
    in: a vector of another space has no topic here.
    """

    model: str
    made_at: datetime
    topics: tuple[Topic, ...]
    centers: Floats
    cases: Floats

    def __post_init__(self) -> None:
        if self.centers.shape[0] != len(self.topics):
            raise ValueError(f"{len(self.topics)} topics have {self.centers.shape[0]} centers")

    @property
    def version(self) -> str:
        """From the content: the same topics are the same version."""
        return content_id("tp", self.model, *(one.id for one in self.topics), self.centers.tobytes().hex())

    def topic_of(self, vector: npt.ArrayLike) -> str:
        """The id of the nearest topic; `other` where none is near, empty where there are no topics.

        `vector` has shape (dimensions,) and length 1, in this space.
        """
        if not self.topics:
            return ""
        near = self.centers @ np.asarray(vector, dtype=np.float32)
        best = int(near.argmax())
        return self.topics[best].id if near[best] >= self.topics[best].reach else NO_TOPIC

    def novelty_of(self, vector: npt.ArrayLike) -> float | None:
        """The distance to the nearest case of the evaluation, 1 − cosine in [0, 2]; None without cases."""
        if not len(self.cases):
            return None
        return 1.0 - float((self.cases @ np.asarray(vector, dtype=np.float32)).max())

    def nearness(self, vectors: npt.ArrayLike) -> Floats:
        """The cosine to the nearest topic, shape (questions,) of (questions, dimensions); −1 without topics."""
        many = np.asarray(vectors, dtype=np.float32)
        if not self.topics:
            return np.full(len(many), -1.0, dtype=np.float32)
        return np.asarray((many @ self.centers.T).max(axis=1))

    def named(self, topic_id: str) -> str:
        """The label of a topic by its id; the id itself where it is of another version."""
        return next((one.label for one in self.topics if one.id == topic_id), topic_id)

    def following(self, before: Topics | None) -> Self:
        """The same topics, with the ids of those of `before` that they go on; each is gone on with once.

        Pairs are made from the most alike down; what is like nothing of before is new.
        """
        if before is None or before.model != self.model or not before.topics or not self.topics:
            return self
        ids = _carried(self.centers @ before.centers.T, [one.id for one in before.topics])
        topics = tuple(replace(one, id=ids[n]) if n in ids else one for n, one in enumerate(self.topics))
        return replace(self, topics=topics)

    def as_json(self) -> dict[str, Any]:
        """JSON-able; centers as base64 of little-endian float32."""
        return {
            "model": self.model,
            "made_at": self.made_at.isoformat(),
            "topics": [
                {"id": one.id, "name": one.name, "size": one.size, "persons": one.persons, "reach": one.reach}
                for one in self.topics
            ],
            "dimensions": int(self.centers.shape[1]),
            "centers": _packed(self.centers),
            "cases": _packed(self.cases),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """What `as_json` gave. Raises KeyError, TypeError or ValueError for anything else."""
        dimensions = int(kept["dimensions"])
        return cls(
            model=str(kept["model"]),
            made_at=datetime.fromisoformat(kept["made_at"]),
            topics=tuple(Topic(**one) for one in kept["topics"]),
            centers=_unpacked(kept["centers"], dimensions),
            cases=_unpacked(kept["cases"], dimensions),
        )


def topic_id(center: npt.ArrayLike) -> str:
    """The id of a topic that was not there before, from where it lies."""
    rounded = np.round(np.asarray(center, dtype=np.float32), 3)
    return "t-" + content_id("t", rounded.astype("<f4").tobytes().hex())[2 : 2 + _ID_CHARS]


def _packed(rows: Floats) -> str:
    return base64.b64encode(rows.astype("<f4").tobytes()).decode("ascii")


def _unpacked(text: str, dimensions: int) -> Floats:
    return np.frombuffer(base64.b64decode(text), dtype="<f4").reshape(-1, dimensions).astype(np.float32)


def _carried(likeness: Floats, before: Sequence[str]) -> dict[int, str]:
    """Row → the id of its column, greedily from the most alike down to `_SAME`."""
    ids: dict[int, str] = {}
    taken: set[int] = set()
    for flat in np.argsort(-likeness, axis=None, kind="stable"):
        row, column = divmod(int(flat), likeness.shape[1])
        if likeness[row, column] < _SAME:
            break
        if row not in ids and column not in taken:
            ids[row] = before[column]
            taken.add(column)
    return ids
