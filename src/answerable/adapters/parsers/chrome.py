"""Which parts of a page are chrome: navigation, footers, sidebars: the same on every page, about none."""

from __future__ import annotations

import re
from collections.abc import Mapping

from selectolax.lexbor import LexborNode

_CHROME_TAGS = frozenset({"nav", "footer"})
_CHROME_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "complementary", "menu", "menubar"})
_CHROME_CLASS = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navheader|navfooter|navigation|breadcrumbs?|sidebar|sphinxsidebar|skip-?link|"
    r"cookie-(?:banner|consent|notice)|site-(?:header|footer)|page-footer|prev-next|pagination|related-pages|toc-drawer)"
    r"(?:$|\s)"
)
_SAID_ASIDE = re.compile(r"note|admonition|footnote|callout|tip|warning|caution|important|hint|example|alert")


def is_chrome(node: LexborNode, tag: str, attributes: Mapping[str, str | None]) -> bool:
    """By tag, role and the class names that site generators use."""
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}".lower() if attributes else ""
    if tag == "aside":
        return not _SAID_ASIDE.search(names)
    if tag in _CHROME_TAGS or (attributes.get("role") or "") in _CHROME_ROLES:
        return True
    if tag == "header":
        return node.css_first("h1") is None
    return tag in {"div", "ul", "table", "section", "p", "ol"} and bool(_CHROME_CLASS.search(names))
