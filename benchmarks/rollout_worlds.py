"""Made-up traffic of a rollout: persons who come, ask more than once, return, and are good or bad to answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DAY = 86_400.0
ANSWERS_A_DAY = 1000.0
BASE = 0.2  # of answers are not complete
HARMFUL = 0.002  # of answers are called harmful
BETWEEN_S = 120.0  # answers of one sitting, on average


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """`drop`: how many more of the candidate's answers are bad, over all; negative is an improvement.

    `alike`: the intraclass correlation of a person's answers. `many`: persons ask a Zipf-like number of questions,
    in a first sitting and in the days after; else everybody asks once. `drifts`: the base rate moves by ±10 points
    over a week. `harm`: as `drop`, of harmful answers.
    """

    name: str
    share: float = 0.1
    drop: float = 0.0
    alike: float = 0.0
    many: bool = False
    drifts: bool = False
    harm: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Answers in order of time. `person` numbers persons; `candidate` is of persons."""

    at: np.ndarray  # seconds
    person: np.ndarray
    bad: np.ndarray  # 0.0 or 1.0
    harmful: np.ndarray  # bool
    candidate: np.ndarray

    @property
    def arm(self) -> np.ndarray:
        """Of each answer."""
        return np.asarray(self.candidate[self.person])


def draw(world: World, answers: int, rng: np.random.Generator, candidate: np.ndarray | None = None) -> Traffic:
    """The first `answers` answers. `candidate`: the arm of each possible person, if somebody else drew it."""
    at, person = _visits(world, answers, rng)
    persons = int(person.max()) + 1
    candidate = rng.random(persons) < world.share if candidate is None else candidate[:persons]
    arm = candidate[person]
    chance = np.full(persons, BASE)
    if world.alike:
        spread = 1.0 / world.alike - 1.0
        chance = rng.beta(BASE * spread, (1.0 - BASE) * spread, persons)
    chance = chance[person]
    if world.drifts:
        chance = np.clip(chance + 0.1 * np.sin(2.0 * np.pi * at / (7.0 * DAY)), 0.0, 1.0)
    bad = rng.random(len(at)) < np.where(arm, _shifted(chance, world.drop, BASE), chance)
    harmful = rng.random(len(at)) < HARMFUL + np.where(arm, world.harm, 0.0)
    return Traffic(at=at, person=person, bad=bad.astype(float), harmful=harmful, candidate=candidate)


def _shifted(chance: np.ndarray, drop: float, base: float) -> np.ndarray:
    """So that the mean moves by `drop`, and every chance stays one."""
    return np.asarray(chance + (1.0 - chance) * drop / (1.0 - base) if drop >= 0 else chance * (1.0 + drop / base))


def _visits(world: World, answers: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """When each answer is given and to whom; persons are numbered in the order of their first question."""
    if not world.many:
        return np.sort(rng.random(answers)) * answers / ANSWERS_A_DAY * DAY, np.arange(answers)
    persons = answers // 2  # they ask 3.6 questions on average: more than are needed
    asked = np.minimum(rng.zipf(2.0, persons), 200)
    begins = np.cumsum(rng.exponential(asked.mean() / ANSWERS_A_DAY * DAY, persons))
    person = np.repeat(np.arange(persons), asked)
    nth = np.arange(len(person)) - np.repeat(np.cumsum(asked) - asked, asked)
    sitting = np.repeat(rng.geometric(0.5, persons), asked)
    later = np.where(nth < sitting, nth * BETWEEN_S, DAY * (0.5 + rng.exponential(3.0, len(person))))
    at = begins[person] + later
    first = np.argsort(at, kind="stable")[:answers]
    return at[first], person[first]
