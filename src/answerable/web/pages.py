"""Pages as HTML text: Jinja templates with autoescape, filled from plain values; no request comes in here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from answerable.core.address import source_address
from answerable.web import assets as static
from answerable.web import reading
from answerable.web.assets import Assets
from answerable.web.figures import Numbers, told
from answerable.web.links import outside_link
from answerable.web.markdown import leads_to
from answerable.web.messages import Messages, load
from answerable.web.settings import WebSettings

TEMPLATES = Path(__file__).parent / "templates"
NAMES = {"en": "English", "de": "Deutsch", "es": "Español"}
OUTCOME_ICONS = {
    "answered": "check",
    "partial": "half",
    "conflict": "versus",
    "clarify": "ask",
    "abstained": "none",
    "out_of_scope": "away",
    "too_long": "long",
    "blocked": "stop",
    "escalated": "person",
    "failed": "alert",
}


_DRAWN_HERE = ("ops.", "jobs.", "alerts.")  # texts of pages without a script of their own: no script asks for them


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How one reader wants pages: from the query, the cookies and the headers."""

    language: str
    theme: str = "auto"  # auto | light | dark
    operates: bool = False  # may see the pages of providers and jobs
    edits: bool = False  # may see the prompts
    alerts: int = 0  # that stand, for who operates


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """All templates, texts and files of one application."""

    web: WebSettings
    environment: Environment
    catalogs: Mapping[str, Messages]
    assets: Assets

    def disclosure(self, language: str) -> str:
        """That this is an AI, in words: the configuration's, else the catalog's."""
        return self.web.disclosure or self.messages(language).say("disclosure")

    def messages(self, language: str) -> Messages:
        """The texts in that language, else in the default one, else in English."""
        return self.catalogs.get(language) or self.catalogs.get(self.web.default_language) or self.catalogs["en"]

    def chat(
        self,
        look: Look,
        *,
        question: str = "",
        record: Mapping[str, Any] | None = None,
        examples: Sequence[str] = (),
    ) -> str:
        """The chat; with a question and its answer object, the plain form of an answered one."""
        values: dict[str, Any] = {"question": question, "record": record, "script": "chat.js", "signed_in": True}
        values["examples"] = examples
        if record:
            values["sentences"] = reading.sentences(record)
            values["simpler"] = reading.simpler(record["degraded"], self.messages(look.language).texts)
            values["by_number"] = {one["n"]: one for one in record["sources"]}
        return self._render("chat.html", look, values)

    def source(self, look: Look, view: Mapping[str, Any], span: tuple[int, int] | None) -> str:
        """A document of the API with the span marked."""
        shown = reading.paragraphs(view["text"], span, reading.heading_levels(view["chunks"]))
        values = {"view": view, "paragraphs": shown, "span": span, "signed_in": True}
        return self._render("source.html", look, values)

    def signin(self, look: Look) -> str:
        """What somebody without a session sees."""
        elsewhere = self.web.sign_in.way in ("header", "oidc")
        return self._render("signin.html", look, {"way": self.web.sign_in.way} if elsewhere else {})

    def confirm(self, look: Look, token: str) -> str:
        """A button for somebody whom another site led to a sign-in link."""
        return self._render("signin.html", look, {"token": token})

    def signed_in(self, look: Look) -> str:
        """The step after a sign-in link: a page of ours that goes on to the chat."""
        return self._render("signed_in.html", look, {})

    def problem(self, look: Look, document: Mapping[str, Any]) -> str:
        """An error for a person."""
        return self._render("problem.html", look, {"problem": document})

    def errors(self, look: Look, kinds: Mapping[str, Any]) -> str:
        """The table of error codes that problem documents link to."""
        return self._render("errors.html", look, {"kinds": kinds})

    def providers(self, look: Look, view: Mapping[str, Any]) -> str:
        """Each route with its endpoints, and what happened lately."""
        numbers = Numbers(language=look.language, say=self.messages(look.language).say)
        values = {"view": view, "numbers": numbers, "told": told, "signed_in": True}
        return self._render("providers.html", look, values)

    def jobs(self, look: Look, view: Mapping[str, Any]) -> str:
        """What is done again and again, and the book of its runs."""
        numbers = Numbers(language=look.language, say=self.messages(look.language).say)
        return self._render("jobs.html", look, {"view": view, "numbers": numbers, "signed_in": True})

    def alerts(self, look: Look, view: Mapping[str, Any]) -> str:
        """What is wrong now, and what was."""
        numbers = Numbers(language=look.language, say=self.messages(look.language).say)
        return self._render("alerts.html", look, {"view": view, "numbers": numbers, "signed_in": True})

    def prompts(self, look: Look, view: Mapping[str, Any]) -> str:
        """Every prompt, a row each."""
        return self._render("prompts.html", look, {"view": view, "signed_in": True})

    def prompt(self, look: Look, view: Mapping[str, Any]) -> str:
        """One prompt with its versions, and what is known of each."""
        numbers = Numbers(language=look.language, say=self.messages(look.language).say)
        return self._render(
            "prompt.html", look, {"view": view, "numbers": numbers, "drawn": drawn, "signed_in": True}
        )

    def prompt_text(self, look: Look, view: Mapping[str, Any]) -> str:
        """The exact text that a hash stands for."""
        return self._render("prompt_text.html", look, {"view": view, "signed_in": True})

    def sandbox(self, look: Look, view: Mapping[str, Any]) -> str:
        """The editor of one prompt."""
        return self._render("sandbox.html", look, {"view": view, "signed_in": True, "script": "sandbox.js"})

    def _render(self, template: str, look: Look, values: Mapping[str, Any]) -> str:
        messages = self.messages(look.language)
        common = {
            "web": self.web,
            "look": look,
            "say": messages.say,
            "known": messages.known,
            "asset": self.assets.link,
            "icon": self._icon,
            "script": "page.js",
            "signed_in": False,
            "disclosure": self.disclosure(look.language),
            "languages": {one: NAMES.get(one, one) for one in self.catalogs},
            "source_link": source_address,
            "outside_link": outside_link,
            "leads_to": leads_to,
            "contact": outside_link(self.web.contact),
            "support_counts": reading.support_counts,
            "outcome_icons": OUTCOME_ICONS,
            "boot": self._boot(look, messages),
        }
        return self.environment.get_template(template).render({**common, **values})

    def _icon(self, name: str) -> Markup:
        """One symbol of the sprite; its meaning always stands beside it in words."""
        address = self.assets.link("icons.svg")
        return Markup('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>').format(address, name)

    def _boot(self, look: Look, messages: Messages) -> dict[str, Any]:
        """What the scripts need to begin."""
        return {
            "language": look.language,
            "inputChars": self.web.input_chars,
            "contact": outside_link(self.web.contact),
            "edits": look.edits,
            "icons": OUTCOME_ICONS,
            "texts": {key: text for key, text in messages.texts.items() if not key.startswith(_DRAWN_HERE)},
        }


def drawn(svg: str) -> Markup:
    """A chart that this program drew: every name in it was escaped there."""
    return Markup(svg)  # noqa: S704 - monitor/version_chart.py


def coded(text: str) -> Markup:
    """The text with what stands between backticks as code; everything is escaped."""
    parts = enumerate(text.split("`"))
    return Markup("").join(Markup("<code>{}</code>").format(part) if odd % 2 else part for odd, part in parts)


def create_pages(web: WebSettings) -> Pages:
    """Read the templates, catalogs and files once."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["coded"] = coded
    catalogs = load(tuple(dict.fromkeys((*web.languages, web.default_language, "en"))))
    offered = {one: catalogs[one] for one in catalogs if one in web.languages} or {"en": catalogs["en"]}
    return Pages(web=web, environment=environment, catalogs=offered, assets=static.load())
