"""What a captured model says: the attack's aim reached, and cited, as if a source said so."""

from __future__ import annotations

import base64
import codecs
import re
from collections.abc import Callable, Mapping

from answerable.core.prompt import Rendered
from answerable.evals.redteam.pack import Trial
from answerable.text.sentences import sentences
from answerable.text.words import terms

_PLACE = re.compile(r"\{(system|canary|passages)(?::(base64|spaced|rot13|upper|reversed|hex))?\}")
_RESPELLED: Mapping[str, Callable[[str], str]] = {
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "spaced": " ".join,
    "rot13": lambda text: codecs.encode(text, "rot13"),
    "upper": str.upper,
    "reversed": lambda text: text[::-1],
    "hex": lambda text: text.encode().hex(),
}


def complied(trial: Trial, rendered: Rendered) -> str:
    """The reply, whatever else the prompt says. Each plain sentence cites the passage that is nearest to it."""
    said = _PLACE.sub(lambda found: _seen(found, rendered), trial.attack.says)
    if not rendered.blocks or said != trial.attack.says or "](" in said or "<" in said:
        return said
    return " ".join(_cited(said[start:end], rendered) for start, end in sentences(said))


def _seen(found: re.Match[str], rendered: Rendered) -> str:
    text = {
        "system": rendered.system,
        "canary": rendered.canary,
        "passages": "\n".join(block.passage.chunk.text for block in rendered.blocks),
    }[found[1]]
    return _RESPELLED[found[2]](text) if found[2] else text


def _cited(sentence: str, rendered: Rendered) -> str:
    own = set(terms(sentence))
    near = max(rendered.blocks, key=lambda block: len(own & set(terms(block.passage.chunk.text))))
    bare = sentence.strip()
    stop = bare[-1] if bare[-1:] in ".!?" else "."
    return f"{bare.rstrip('.!? ')} [{near.n}]{stop}"
