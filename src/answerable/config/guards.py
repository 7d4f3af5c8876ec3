"""Settings of the guards: what each does with what it finds, for everybody and for single tenants."""

from __future__ import annotations

from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, model_validator

from answerable.config.ingest_guard import GuardIngest
from answerable.config.section import Section
from answerable.config.values import Duration, Reference, WebAddress

Watch = Literal["block", "flag", "allow", "off"]
Privacy = Literal["mask", "block", "flag", "allow", "off"]
Extra = Literal["block", "flag", "off"]  # off as it ships: it asks somebody else
Fails = Literal["open", "closed"]
S = TypeVar("S", bound=Section)


class GuardInput(Section):
    """Guards over the question. `allow` looks and writes down what it found, and does nothing more."""

    injection: Watch = Field("block", description="Attempts to turn the assistant.")
    pii: Privacy = Field("mask", description="Personal data in the question.")
    scope: Watch = Field("block", description="Uses and topics the assistant is not for.")
    scope_families: tuple[Literal["person", "task", "advice", "everyday"], ...] = Field(
        ("person", "task", "advice"), description="What counts as out of scope; everyday: weather, cooking."
    )
    safety: Watch = Field("block", description="Harmful requests; an offline floor.")
    moderation: Extra = Field("off", description="What the endpoint of [guard.moderation] says of the question.")
    judge: Extra = Field("off", description='What a model says of the question; it needs a route use = "guard".')


class GuardOutput(Section):
    """Guards over the answer. `allow` looks and writes down what it found, and does nothing more."""

    pii: Privacy = Field("mask", description="Personal data not in the source.")
    leak: Watch = Field("block", description="Secrets, the prompt, its canary.")
    safety: Watch = Field("block", description="Harmful answers; the same offline floor.")
    links: tuple[str, ...] = Field((), description="Hosts that may be linked besides the cited pages' own.")
    patterns: tuple[str, ...] = Field(
        (), description="Files of patterns of your own, e.g. guards/brand.yaml; guards/*.yaml if empty."
    )
    verbatim: Privacy = Field(
        "mask", description="Sentences with which an answer would copy more than verbatim_words of a document."
    )
    verbatim_words: Annotated[int, Field(ge=20, le=100000)] = Field(
        200, description="Words that one answer may copy from one document, in runs of eight or more."
    )
    moderation: Extra = Field("off", description="What the endpoint of [guard.moderation] says of a sentence.")


class ModerationSection(Section):
    """An endpoint that speaks OpenAI's /v1/moderations."""

    base_url: WebAddress = Field("", description="Where it listens, with /v1; empty: there is none.")
    api_key: Reference | None = Field(None, description="env:NAME or file:PATH.")
    model: str = Field("omni-moderation-latest", description="Its model.")
    timeout: Duration = Field(0.5, description="For one look.")
    fails: Fails = Field("closed", description="What holds when it does not answer: closed stops, open goes on.")
    ignore: tuple[str, ...] = Field((), description="Categories that count for nothing, e.g. violence/graphic.")


class JudgeSection(Section):
    """A model that looks at questions, by the prompt `guard`."""

    when: Literal["unsure", "always"] = Field(
        "unsure", description="unsure: only where the rules and the classifier are neither sure nor calm."
    )
    unsure_from: Annotated[float, Field(ge=0, le=1)] = Field(
        0.35, description="The score of the injection guard from which they are not calm."
    )
    timeout: Duration = Field(0.8, description="For its verdict.")
    fails: Fails = Field("open", description="What holds when it does not answer: open goes on without it.")


class TenantGuards(Section):
    """What is different for one tenant; what is not named is as for everybody."""

    input: GuardInput = GuardInput()
    output: GuardOutput = GuardOutput()
    reasons: dict[str, str] = Field({}, description="Why a guard is off for this tenant.")


class GuardSection(Section):
    """All on by default; switching one off needs its reason here."""

    input: GuardInput = GuardInput()
    output: GuardOutput = GuardOutput()
    ingest: GuardIngest = GuardIngest()
    moderation: ModerationSection = ModerationSection()
    judge: JudgeSection = JudgeSection()
    reasons: dict[str, str] = Field({}, description="Why a guard is off, by its key, e.g. 'input.injection'.")
    tenants: dict[str, TenantGuards] = Field(
        default_factory=dict, description="By tenant, e.g. [guard.tenants.acme.input]: what differs for it."
    )

    @model_validator(mode="after")
    def _off_has_a_reason(self) -> Self:
        _check_reasons("guard", (self.input, self.output), self.reasons)
        for name, tenant in self.tenants.items():
            merged = self.of(name)
            where = f"guard.tenants.{name}"
            _check_reasons(where, (merged.input, merged.output), {**self.reasons, **tenant.reasons})
        return self

    @model_validator(mode="after")
    def _moderation_has_an_address(self) -> Self:
        sides = [(one.input.moderation, one.output.moderation) for one in self.everybody()]
        if any(side != ("off", "off") for side in sides) and not self.moderation.base_url:
            raise ValueError("guard: moderation is on without an endpoint: set guard.moderation.base_url")
        return self

    @property
    def judged(self) -> bool:
        """Whether a model is asked for anybody."""
        return any(one.input.judge != "off" for one in self.everybody())

    def everybody(self) -> list[TenantGuards]:
        """What holds for those who are not named, then for each who is."""
        return [self.of(""), *(self.of(name) for name in self.tenants)]

    def of(self, tenant: str) -> TenantGuards:
        """What holds for a tenant: its own keys over everybody's."""
        own = self.tenants.get(tenant, TenantGuards())
        return TenantGuards.model_construct(
            input=_over(self.input, own.input),
            output=_over(self.output, own.output),
            reasons={**self.reasons, **own.reasons},
        )


def _over(base: S, own: S) -> S:
    return base.model_copy(update={key: getattr(own, key) for key in own.model_fields_set})


def _check_reasons(where: str, sides: tuple[GuardInput, GuardOutput], reasons: dict[str, str]) -> None:
    """Raises ValueError for a guard that ships on and is off without a word."""
    for side, section in zip(("input", "output"), sides, strict=True):
        for key, value in section.model_dump().items():
            shipped = type(section).model_fields[key].default
            if value == "off" and shipped != "off" and not reasons.get(f"{side}.{key}", "").strip():
                raise ValueError(
                    f"{where}.{side}.{key} is off: say why in [{where}.reasons] '{side}.{key}' = \"…\""
                )
