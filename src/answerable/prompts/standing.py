"""Where the rollouts of a project stand: both texts of each, which were taken back, and who is asked with what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from answerable.core.arm import ROLLED_BACK, Arm
from answerable.core.errors import ConfigError
from answerable.core.query import Query
from answerable.core.trace import enter
from answerable.prompts.collection import Prompts
from answerable.prompts.prompt import Prompt
from answerable.prompts.rollout import Pin, Rollout, person_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A rollout with its texts. Without a candidate, whose file is not what it should be, nobody is given it."""

    rollout: Rollout
    stable: Prompt
    candidate: Prompt | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """A rollout that was taken back, by a person or by its guards."""

    at: datetime
    by: str = ""
    metric: str = ""
    n: int = 0  # persons that had the candidate
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One moment's state, as a value."""

    served: Mapping[str, Served] = field(default_factory=dict)  # by prompt
    back: Mapping[str, Back] = field(default_factory=dict)  # by the rollout's id; nothing ever leaves it
    ended: Mapping[str, Prompt] = field(default_factory=dict)  # by prompt: its rollout is over, this is the file
    faults: Mapping[str, str] = field(default_factory=dict)  # by prompt, or empty for the file: what is wrong

    def choose(self, prompt: Prompt, query: Query) -> Prompt:
        """What the question is asked with; its arm is put in the current trace."""
        served = self.served.get(prompt.id)
        if not query.trial:
            return prompt
        if served is None:
            return self.ended.get(prompt.id, prompt)
        person = person_of(query)
        if not person or served.candidate is None:
            return served.stable
        arm = self._arm(served.rollout, person)
        enter(arm)
        return served.candidate if arm.sha256 == served.candidate.sha256 else served.stable

    def _arm(self, rollout: Rollout, person: str) -> Arm:
        if rollout.id not in self.back:
            return rollout.arm(person)
        return replace(replace(rollout, share=0.0).arm(person), name=ROLLED_BACK)


def resolve(prompts: Prompts, rollout: Rollout) -> Served:
    """Both texts, and each is the one that was measured. Raises ConfigError that names the file and the fix."""
    stable = pinned(prompts, rollout.prompt, rollout.stable)
    candidate = pinned(prompts, rollout.prompt, rollout.candidate)
    if other := sorted(stable.names ^ candidate.names):
        raise ConfigError(
            f"{candidate.ref} and {stable.ref} do not take the same inputs: {', '.join(other)}",
            hint="a change of inputs is a change of code: deploy it for all",
        )
    return Served(rollout=rollout, stable=stable, candidate=candidate)


def pinned(prompts: Prompts, id_: str, pin: Pin) -> Prompt:
    """The version's text. Raises ConfigError where it is not the one of its sha256."""
    prompt = prompts.get(f"{id_}@{pin.version}")
    if prompt.sha256 != pin.sha256 or prompt.id != id_ or prompt.version != pin.version:
        raise ConfigError(
            f"{prompt.where} is not the {id_}@{pin.version} that was rolled out: "
            f"its sha256 is {prompt.sha256[:12]}, not {pin.sha256[:12]}",
            hint=f"bring the text back (`git checkout`), or give the new text a version of its own and "
            f"`answerable prompt rollout {id_}@VERSION --to SHARE`",
        )
    return prompt


def only_stable(prompts: Prompts, rollout: Rollout) -> Served | None:
    """For everybody the stable text; None where that cannot be had either."""
    try:
        return Served(rollout=rollout, stable=pinned(prompts, rollout.prompt, rollout.stable), candidate=None)
    except ConfigError:
        return None
