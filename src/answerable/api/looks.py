"""How a reader wants pages: language and theme from the query, the cookies and the headers."""

from __future__ import annotations

from fastapi import Request

from answerable.api.access import Caller, Policy
from answerable.api.services import Services
from answerable.web.messages import choose
from answerable.web.pages import Look

LANGUAGE_COOKIE = "lang"
THEME_COOKIE = "theme"


def look_of(request: Request, services: Services) -> Look:
    """The reader's language, among those offered, and theme."""
    theme = request.cookies.get(THEME_COOKIE, "auto")
    language = choose(
        (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)),
        request.headers.get("accept-language", ""),
        offered=tuple(services.pages.catalogs),
        default=services.web.default_language,
    )
    caller = getattr(request.state, "caller", None)  # nobody on a public page
    roles = caller.principal.roles if isinstance(caller, Caller) else ()
    operates = Policy.OPS.admits(roles)
    return Look(
        language=language,
        theme=theme if theme in ("light", "dark") else "auto",
        operates=operates,
        alerts=services.system.operations.standing_alerts() if operates else 0,
        edits=Policy.EDITOR.admits(roles),
    )
