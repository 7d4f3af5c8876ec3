"""Topics keep their ids, tell what is near none of them, and have no name that one person could have given."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from answerable.monitor.clustering import clusters, directions
from answerable.monitor.topic_names import topic_names
from answerable.monitor.topics import NO_TOPIC, Topic, Topics, topic_id

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def questions(groups: int = 5, each: int = 30, *, seed: int = 0) -> np.ndarray:
    """Unit vectors around as many directions, which are the same for every seed."""
    middles = np.random.default_rng(99).normal(size=(groups, 24))
    rows = np.repeat(middles, each, axis=0) + np.random.default_rng(seed).normal(
        scale=0.25, size=(groups * each, 24)
    )
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def topics(vectors: np.ndarray) -> Topics:
    """As a clustering gives them."""
    labels = clusters(vectors, most=50, cost=0.01)
    centers = directions(vectors, labels)
    made = tuple(Topic(id=topic_id(one), name="", size=1, persons=None, reach=0.5) for one in centers)
    return Topics(model="m", made_at=NOW, topics=made, centers=centers, cases=vectors[:2])


def test_questions_of_one_kind_are_one_cluster_and_the_same_each_time() -> None:
    labels = clusters(questions(), most=50, cost=0.01)
    assert len(set(labels.tolist())) == 5
    assert all(len(set(labels[n : n + 30].tolist())) == 1 for n in range(0, 150, 30))
    assert np.array_equal(labels, clusters(questions(), most=50, cost=0.01))


def test_there_are_no_more_clusters_than_may_be() -> None:
    assert clusters(questions(), most=3, cost=0.0).max() == 2
    assert clusters(np.zeros((0, 24)), most=3).size == 0


def test_a_question_has_the_nearest_topic_and_one_far_from_all_has_none() -> None:
    made = topics(questions())
    assert made.topic_of(made.centers[2]) == made.topics[2].id
    assert made.topic_of(-made.centers.mean(axis=0)) == NO_TOPIC
    assert replace(made, topics=(), centers=made.centers[:0]).topic_of(made.centers[0]) == ""


def test_topics_that_are_still_there_keep_their_ids() -> None:
    before, after = topics(questions(seed=1)), topics(questions(6, seed=2))
    assert not {one.id for one in before.topics} & {one.id for one in after.topics}
    followed = after.following(before)
    assert len({one.id for one in before.topics} & {one.id for one in followed.topics}) == 5
    assert len({one.id for one in followed.topics}) == 6
    assert replace(after, model="another").following(before).topics == after.topics


def test_novelty_is_the_distance_to_the_nearest_case() -> None:
    made = topics(questions())
    assert made.novelty_of(made.cases[1]) == 0.0 or abs(made.novelty_of(made.cases[1]) or 1.0) < 1e-6
    assert replace(made, cases=made.cases[:0]).novelty_of(made.centers[0]) is None


def test_topics_come_back_as_they_were_kept() -> None:
    made = topics(questions())
    back = Topics.from_json(made.as_json())
    assert (back.topics, back.version) == (made.topics, made.version)
    assert np.array_equal(back.centers, made.centers)


def test_a_name_has_only_words_that_five_persons_used_and_no_numbers() -> None:
    texts = ["customs for parcel 4711", *(f"customs duty of {name}" for name in ("abel",) * 6)]
    one_person = ["anna"] * 7
    several = [f"p{n}" for n in range(7)]
    assert topic_names(texts, one_person, [0] * 7) == [""]
    assert topic_names(texts, several, [0] * 7) == ["customs, abel, duty"]
    assert topic_names(texts, [*several[:5], "p4", "p4"], [0] * 7) == ["customs"]
