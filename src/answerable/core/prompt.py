"""A rendered prompt, and the numbered context it shows; both remember where they came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from answerable.core.passage import Passage
from answerable.core.query import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextBlock:
    """One numbered passage of the context. Citations are these numbers and nothing else."""

    n: int  # 1-based
    passage: Passage


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One text of a user or a document, for a prompt's input: it is shown to a model behind a fence.

    `name` is a word of ours for it, on one line: `source`, `passage 2`; empty: the input's name. `about` is told
    of it, as data like the text itself.
    """

    text: str
    name: str = ""
    about: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Seal:
    """Put on by the renderer alone: these very two texts came out of a prompt file."""

    system: str
    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What a model is sent, with the prompt's identity; question and blocks serve answerers without a model."""

    prompt_id: str
    version: str
    sha256: str  # of the prompt file, with all that it includes
    system: str
    user: str
    question: str = ""
    language: str = "en"
    blocks: tuple[ContextBlock, ...] = ()
    weights: Mapping[str, float] = field(
        default_factory=dict
    )  # of the question's stems: how telling each is (an idf)
    canary: str = ""  # a per-request secret in the system prompt; it must never come out
    boundary: str = ""  # of this request's fences, as random
    basis: str = (
        ""  # hash of all that decides the reply besides question, context, canary and boundary; empty: not cached
    )
    temperature: float = 0.1
    max_output_tokens: int = 400
    use: str = ""  # answer | rewrite | decompose | judge | …; a route fills it in
    scope: Scope | None = None  # on whose behalf: what may be seen; None: nobody's, e.g. an evaluation's judge
    principal: str = ""  # who asks
    key: str = ""  # the id of the credential that asks: what a budget by key counts
    fixed_chars: int = 0  # of `system`: so many are the same, byte for byte, in every request of this kind
    seal: Seal | None = field(default=None, compare=False, repr=False)

    @property
    def sealed(self) -> bool:
        """Whether both texts are as the renderer made them: the very objects."""
        seal = self.seal
        return seal is not None and seal.system is self.system and seal.user is self.user
