"""Uses that scope.md may name in its own words: which rules of scope.toml each stands for."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A kind of work. `words` is how a person names it in English, German or Spanish."""

    name: str
    rules: tuple[str, ...]
    words: str

    def named(self, text: str) -> bool:
        """Whether a line speaks of it."""
        return re.search(rf"\b(?:{self.words})", text, re.I) is not None

    def begins(self, text: str) -> bool:
        """Whether a line begins with it: `translating product names` does, `the language of our pages` not."""
        return re.match(rf"(?:writing |write |schreiben von |escribir )?(?:{self.words})", text, re.I) is not None


USES = (
    Use(
        name="writing texts",
        rules=("task.write-en", "task.write-de", "task.write-es"),
        words=r"essays?|poems?|stor(?:y|ies)\b|jokes?|songs?|aufsätze|gedichte?|geschichten|witze|ensayos?|poemas?"
        r"|cuentos?|chistes?",
    ),
    Use(
        name="writing code",
        rules=("task.code-en", "task.code-de", "task.code-es", "task.code-work"),
        words=r"(?:writing |write |generating )?(?:source )?code\b|programming|programmier\w*|quelltext|código"
        r"|programar\b",
    ),
    Use(name="translation", rules=("task.translate",), words=r"translat\w*|übersetz\w*|traduc\w*"),
    Use(
        name="work on texts",
        rules=("task.text-work",),
        words=r"summar\w*|proofread\w*|rewrit\w*|paraphras\w*|zusammenfass\w*|korrektur\w*|resum\w*|corregir",
    ),
    Use(name="homework", rules=("task.homework",), words=r"homework|hausaufgaben?|deberes|math\b|mathe\w*"),
    Use(
        name="role play",
        rules=("task.roleplay",),
        words=r"role[- ]?play\w*|play(?:ing)? (?:a )?roles?|rollenspiele?|juegos? de rol",
    ),
    Use(
        name="medical advice",
        rules=("advice.medical",),
        words=r"medical|health|medizin\w*|gesundheit\w*|médic\w*|salud",
    ),
    Use(name="legal advice", rules=("advice.legal",), words=r"legal|law\b|recht(?:s\w*|liche?\w*)?\b|jurídic\w*"),
    Use(
        name="financial advice",
        rules=("advice.financial", "advice.invest-en"),
        words=r"financial|investments?|money\b|finanz\w*|geldanlage|financier\w*|inversi\w*",
    ),
    Use(name="political advice", rules=("advice.political",), words=r"politic\w*|politisch\w*|politik|polític\w*"),
    Use(name="the weather", rules=("everyday.weather",), words=r"weather|wetter|(?:el )?tiempo que hace"),
    Use(name="cooking", rules=("everyday.cooking",), words=r"cooking|recipes?|kochen|rezepte?|cocinar|recetas?"),
)
