"""The tree of errors. Refusals are answers, not errors; only what stops the work is here.

AnswerableError
├─ ConfigError            the configuration or the command line is wrong          exit 2
├─ NotAuthorized          no or insufficient credentials                          exit 3
├─ NotFound               no such thing, or not yours (told apart nowhere)        exit 1
├─ Unreachable            a dependency does not answer                            exit 4
│  ├─ DatabaseUnreachable
│  ├─ Broken              it broke in a way of its own, or gave what cannot be right
│  └─ ModelUnreachable    no provider in the chain gave a reply; also a TransientModelError
├─ ModelError             one attempt at a model failed
│  ├─ TransientModelError a timeout, 429, 5xx or broken stream: the next may do
│  │  └─ NotAsked         nothing was sent: it is busy, or left alone for a while
│  ├─ PermanentModelError 400, 401, refusal, too long: trying again cannot help
│  └─ BudgetExceeded      the money for it is spent; nothing was sent              exit 14
├─ Overloaded             too much at once; later there is room                   exit 4
│  └─ TooMuch             more than one may ask or see; later there is room       exit 4
├─ ModelMismatch          vectors of two embedding models would be mixed          exit 2
├─ ParseError             one document cannot be read                             exit 5
├─ DeadlineExceeded       the request's time is over                              exit 14
├─ UnregisteredPrompt     text for a model that is from no prompt file; not sent  exit 1
├─ IntegrityError         a file or a row is not what its hash says               exit 1
└─ SecurityFinding        a check of safety found something                       exit 15
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from answerable.core.completion import Attempt, Usage
    from answerable.core.rate import RateLimit
    from answerable.core.toll import Room


class AnswerableError(Exception):
    """The root. `hint` says what to do about it, in one sentence."""

    code = "error"
    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ConfigError(AnswerableError):
    """The configuration or the command line is wrong."""

    code = "config"
    exit_code = 2


class NotAuthorized(AnswerableError):  # noqa: N818 - reads as what it is
    """No credentials, or not enough."""

    code = "not_authorized"
    exit_code = 3


class NotFound(AnswerableError):  # noqa: N818
    """No such thing, or not yours: the two are never told apart."""

    code = "not_found"


class Unreachable(AnswerableError):  # noqa: N818
    """A dependency does not answer."""

    code = "unreachable"
    exit_code = 4


class DatabaseUnreachable(Unreachable):
    """The database does not answer."""

    code = "database_unreachable"


class Broken(Unreachable):
    """A dependency broke in a way of its own, or gave what cannot be right: as good as no answer."""


class ModelError(AnswerableError):
    """One attempt at a model failed. `status` is the HTTP status where there was one.

    `attempts` are the tries behind the error, and `partial` is the text that was already given out by a stream
    when it broke: the caller has shown it and must finish it another way. Both are filled by what wraps a model.
    `usage` is what the failed call itself used: an adapter fills it in once a reply had begun, or was refused.
    """

    code = "model"
    exit_code = 4

    def __init__(self, message: str, *, hint: str = "", status: int | None = None) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.attempts: tuple[Attempt, ...] = ()
        self.partial = ""
        self.rate: RateLimit | None = None  # what the provider says of its limits; filled by its adapter
        self.usage: Usage | None = None


class TransientModelError(ModelError):
    """Worth another attempt, here or elsewhere. `retry_after_s` is the provider's own wish.

    `exhausted`: the account's quota or money is used up, so only another endpoint or provider can help.
    """

    code = "model_transient"

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        status: int | None = None,
        retry_after_s: float | None = None,
        exhausted: bool = False,
    ) -> None:
        super().__init__(message, hint=hint, status=status)
        self.retry_after_s = retry_after_s
        self.exhausted = exhausted


class NotAsked(TransientModelError):  # noqa: N818
    """Nothing was sent: the model is busy, or is left alone for a while. Trying it again at once cannot help."""

    code = "model_not_asked"


class PermanentModelError(ModelError):
    """Trying again cannot help: a bad request, a bad key, a content refusal, a context too long.

    `reason` is one word: request, key, model (there is none of that name), refusal or too_long.
    """

    code = "model_permanent"

    def __init__(
        self, message: str, *, hint: str = "", status: int | None = None, reason: str = "request"
    ) -> None:
        super().__init__(message, hint=hint, status=status)
        self.reason = reason


class BudgetExceeded(ModelError):  # noqa: N818
    """The money for this call is spent. Nothing was sent; a model that costs nothing, or none, may still answer.

    `scope` names the budget: request, key, daily, monthly or unpriced.
    """

    code = "budget"
    exit_code = 14

    def __init__(self, message: str, *, hint: str = "", scope: str = "") -> None:
        super().__init__(message, hint=hint)
        self.scope = scope


class UnregisteredPrompt(AnswerableError):  # noqa: N818
    """Text for a model that did not come out of a prompt file, or was changed since. Nothing was sent."""

    code = "unregistered_prompt"


class Overloaded(AnswerableError):  # noqa: N818
    """Too much at once. `retry_after_s` is when to come again; `own_share`: the tenant itself holds too much."""

    code = "busy"
    exit_code = 4

    def __init__(
        self, message: str, *, hint: str = "", retry_after_s: float = 1.0, own_share: bool = False
    ) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s
        self.own_share = own_share


class TooMuch(Overloaded):
    """More than this payer may ask or see. `limit`: the scope and unit that is full, or passages or sweep."""

    code = "too_much"

    def __init__(self, message: str, *, limit: str, retry_after_s: float, room: Room | None = None) -> None:
        super().__init__(message, hint="come again after Retry-After", retry_after_s=retry_after_s)
        self.limit = limit
        self.room = room


class ModelUnreachable(Unreachable, TransientModelError):  # noqa: N818
    """No provider in the chain gave a reply."""

    code = "model_unreachable"


class ModelMismatch(AnswerableError):  # noqa: N818
    """Vectors of two embedding models would be mixed."""

    code = "model_mismatch"
    exit_code = 2


class ParseError(AnswerableError):
    """One document cannot be read. `reason` is a short stable word: timeout, memory, encrypted, malformed …"""

    code = "parse"
    exit_code = 5

    def __init__(self, message: str, *, hint: str = "", reason: str = "malformed") -> None:
        super().__init__(message, hint=hint)
        self.reason = reason


class SecurityFinding(AnswerableError):  # noqa: N818
    """A check of safety found something: a broken audit log, an attack that came through."""

    code = "security"
    exit_code = 15


class DeadlineExceeded(AnswerableError):  # noqa: N818
    """The request's time is over."""

    code = "deadline"
    exit_code = 14


class IntegrityError(AnswerableError):
    """A file or a row is not what its hash says."""

    code = "integrity"
