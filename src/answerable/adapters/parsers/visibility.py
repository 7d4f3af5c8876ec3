"""Which HTML elements a reader of the page does not see: by tag, attribute and inline style.

Style sheets are not evaluated, so tabs and folds that a script opens stay readable.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# Their content is never text of the page.
DROPPED_TAGS = frozenset(
    "script style noscript template head title object embed applet iframe frame svg annotation canvas audio video "
    "map select button input textarea datalist option".split()
)
_FAR = r"-(?:9\d\d|\d{4,})"
_HIDING = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|opacity:0(?:\.0\d*)?(?![.\d])|color:transparent|transform:scale\(0\)"
    rf"|text-indent:{_FAR}|(?:^|;)(?:left|top|right|bottom|margin-left|margin-top):{_FAR}"
    r"|clip:rect\([01]|clip-path:inset\((?:50|100)%"
)
_NO_SIZE = re.compile(r"(?:^|;)(?:max-)?(?:height|width):[01](?:px)?(?:;|$)")
_FONT_SIZE = re.compile(r"font-size:(\d*\.?\d+)(px|pt|em|rem|%)?")
_SMALLEST = {"px": 3.0, "pt": 3.0, "em": 0.2, "rem": 0.2, "%": 20.0}
_COLOR = re.compile(r"(?:^|;)color:([^;]+)")
_BACKGROUND = re.compile(r"(?:^|;)background(?:-color)?:([^;]+)")
_BLANKS = re.compile(r"\s+|!important")
_RGB = re.compile(r"rgba?\((\d{1,3}),(\d{1,3}),(\d{1,3})")
WHITE = "ffffff"
_NAMED = {"white": WHITE, "black": "000000"}


def hides(tag: str, attributes: Mapping[str, str | None], background: str = WHITE) -> bool:
    """Whether the element and all in it is invisible on a page that has this background where it stands."""
    if tag == "dialog" and "open" not in attributes:
        return True
    if not attributes:
        return False
    if "hidden" in attributes and tag != "input" and attributes["hidden"] != "until-found":
        return True
    style = normal_style(attributes.get("style"))
    if tag == "font" and attributes.get("color"):
        style = f"color:{attributes['color']};{style}"
    return bool(style) and _style_hides(style, background)


def background_of(style: str, inherited: str = WHITE) -> str:
    """The background that a normal style sets, as six hex digits, or the inherited one."""
    match = _BACKGROUND.search(style)
    return _hex(match.group(1)) if match else inherited


def normal_style(style: str | None) -> str:
    """An inline style in lower case and without blanks."""
    return _BLANKS.sub("", style).lower() if style else ""


def _style_hides(style: str, background: str) -> bool:
    if _HIDING.search(style) or ("overflow:hidden" in style and _NO_SIZE.search(style)):
        return True
    size = _FONT_SIZE.search(style)
    if size and float(size.group(1)) < _SMALLEST[size.group(2) or "px"]:
        return True
    color = _COLOR.search(style)
    return color is not None and _hex(color.group(1)) == background_of(style, background)


def _hex(color: str) -> str:
    color = color.strip().lower()
    rgb = _RGB.match(color)
    if rgb:
        return "".join(f"{min(int(part), 255):02x}" for part in rgb.groups())
    if len(color) == 4 and color.startswith("#"):
        return "".join(char * 2 for char in color[1:])
    return _NAMED.get(color, color.lstrip("#"))
