"""For whom, where, when and of what a statement holds, as far as words from closed lists tell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from answerable.text.dates import dates
from answerable.text.stems import stem
from answerable.text.words import fold, terms

Scope = Mapping[str, frozenset[str]]  # category → values

# Category → groups of words that mean the same, in English, German and Spanish. Two groups exclude each other.
_WORDS: Mapping[str, str] = {
    "region": """
        germany german deutschland deutsch alemania aleman; austria austrian osterreich; switzerland swiss
        schweiz suiza; france french frankreich francia; spain spanish spanien espana; italy italian italien
        italia; poland polish polen polonia; netherlands dutch niederlande holland; belgium belgien belgica;
        sweden schweden suecia; norway norwegen noruega; denmark danemark dinamarca; finland finnland; ireland
        irland irlanda; portugal; greece griechenland grecia; europe european eu europa union ue; uk britain
        british england scotland wales kingdom; usa us america american states estados; canada kanada; mexico
        mexiko; brazil brasil brasilien; japan japon; china; india indien; korea; australia australien;
        singapore singapur; turkey turkei; israel; russia russland; ukraine; africa afrika; asia asien; alaska
        hawaii; california; texas; york; domestic inland national; international foreign abroad overseas
        ausland extranjero worldwide weltweit""",
    "person": """
        intern interns praktikant praktikanten becarios; manager managers executive executives fuhrungskraft
        directivos; contractor contractors freelancer freelancers; student students studenten studierende
        estudiantes undergraduate undergraduates; doctoral postgraduate phd; teacher teachers lehrer; child
        children kids kinder ninos minor minors; adult adults erwachsene adultos; senior seniors rentner;
        infant infants babies; volunteer volunteers; apprentice apprentices trainee trainees azubi azubis;
        visitor visitors guest guests besucher gaste visitantes; resident residents; nonresident nonresidents;
        tenant tenants mieter; landlord landlords vermieter; supplier suppliers vendor vendors lieferant;
        patient patients; donor donors; employer arbeitgeber""",
    "work": """
        full-time vollzeit; part-time teilzeit; temporary befristet; permanent unbefristet; probation
        probezeit""",
    "customer": """
        corporate geschaftskunden empresas commercial; group groups gruppe gruppen grupo grupos; private
        privat consumer consumers particulares""",
    "tier": """
        free; basic; pro professional; premium; plus; enterprise; gold; silver; platinum; bronze; starter;
        team teams; student; vip; trial; standard; express urgent urgente; overnight; priority; economy;
        first-class; regular""",
    "state": """
        new; used gebraucht; refurbished reconditioned; sale reduced; opened geoffnet abierto; unopened
        ungeoffnet; damaged defective faulty defekt; engraved personalized personalised; expired abgelaufen""",
    "form": """
        digital electronic online; printed paper physical; cash bargeld efectivo; phone telephone; mail post""",
    "season": """
        summer sommer verano; winter invierno; spring fruhling primavera; autumn fall herbst otono""",
    "day": """
        weekday weekdays werktags; weekend weekends wochenende; monday montag lunes; tuesday dienstag martes;
        wednesday mittwoch miercoles; thursday donnerstag jueves; friday freitag viernes; saturday samstag
        sabado; sunday sonntag domingo; holiday holidays feiertag feiertage festivo festivos""",
    "shift": """
        day; night nacht noche; morning; evening""",
    "way": """
        minimum mindest minimo; maximum hochst maximo; first; second; third; final; monthly; weekly; yearly
        annually""",
    "month": """
        january januar enero; february februar febrero; march marz marzo; april abril; june juni junio; july
        juli julio; august agosto; september septiembre; october oktober octubre; november noviembre; december
        dezember diciembre""",
    "side": """
        inbound incoming import; outbound outgoing export; upload uploads; download downloads; internal
        intern; external extern""",
    "size": """
        small klein pequeno; medium mittel mediano; large gross grande; indoor; outdoor; upper; lower""",
}
_CAPITALS = re.compile(r"\b(?:US|U\.S\.|USA|EU|UK|UE)\b")
_BUSINESS = re.compile(r"\bbusiness (?:account|customer|order|client|user|member|plan|card)s?\b", re.I)
_LOOSE = frozenset(
    {
        "free",
        "used",
        "plus",
        "march",
        "may",
        "new",
        "union",
        "last",
        "second",
        "fall",
        "day",
        "night",
        "morning",
        "evening",
    }
)
_PREFIX = 5  # letters
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?:\s?[/–-]\s?\d{2,4})?(?!\d)")
_CONDITION = re.compile(
    r"\b(?:if|when|whenever|unless|provided(?: that)?|as long as|in case of|wenn|falls|sofern|solange|si|cuando"
    r"|siempre que)\b([^.;:,]{3,120})",
    re.I,
)
_EXCEPTION = re.compile(
    r"\b(?:only|except(?: for)?|nur|außer|ausgenommen|salvo|excepto|solo|sólo)\b([^.;:,]{3,120})", re.I
)
# Categories for which a heading speaks for all below it; a heading `Spring` on one page says nothing of another.
_LASTING = frozenset({"region", "work", "customer", "tier", "state"})


@lru_cache(maxsize=1)
def _table() -> Mapping[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for category, groups in _WORDS.items():
        for group in groups.split(";"):
            words = group.split()
            for word in words:
                found.setdefault(word, (category, words[0]))
    return found


@lru_cache(maxsize=8192)  # headings and titles stand over many sentences
def scope_of(text: str, *, heading: bool = False) -> Scope:
    """The values of each category that the text names. In a heading a word of several meanings counts as well."""
    found: dict[str, set[str]] = {}
    _, undated = dates(text)
    for word in terms(undated):
        entry = _table().get(word)
        if entry is None or word == "us" or (word in _LOOSE and not heading) or (entry[0] == "way" and heading):
            continue
        found.setdefault(entry[0], set()).add(entry[1])
    if _BUSINESS.search(text):
        found.setdefault("customer", set()).add("corporate")
    if _CAPITALS.search(text):
        names = {
            "europe" if one in ("EU", "UE") else "uk" if one == "UK" else "usa" for one in _CAPITALS.findall(text)
        }
        found.setdefault("region", set()).update(names)
    return {category: frozenset(values) for category, values in found.items()}


def address_scope(uri: str) -> Scope:
    """What the address says: `warranty-us.md` is about one region; `returns-new.md` only about itself."""
    words = " ".join(
        part.upper() if part in ("us", "eu", "uk") else part
        for part in re.split(r"[/_.\s-]+", uri.lower())
        if part != "new"
    )
    return scope_of(words, heading=True)


def nearest(levels: Sequence[Scope]) -> dict[str, frozenset[str]]:
    """Each category from the nearest level that names it: the sentence, then its headings, then the page."""
    found: dict[str, frozenset[str]] = {}
    for level in levels:
        for category, values in level.items():
            found.setdefault(category, values)
    return found


def years(text: str) -> frozenset[str]:
    """The years that the text names, `2025/26` as one."""
    return frozenset(_YEAR.findall(text))


def condition(sentence: str, clause: str, language: str) -> frozenset[str]:
    """The stems of what the statement depends on: `if the box is unopened`; exceptions only of its clause."""
    found = [*_CONDITION.finditer(sentence), *_EXCEPTION.finditer(clause)]
    said = " ".join(match.group(1) for match in found)
    return frozenset(stem(fold(word), language) for word in terms(said) if len(word) > 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """For what one statement holds: what its sentence says, what stands above it, and the stems of both."""

    own: Scope
    frame: Scope
    stems: frozenset[str]


def apart(mine: Extent, theirs: Extent) -> str:
    """The category in which the two hold for different things, or which only one is limited by; empty for none."""
    for category in sorted(mine.own.keys() | mine.frame.keys() | theirs.own.keys() | theirs.frame.keys()):
        a, b = (_values(one, category) for one in (mine, theirs))
        if a and b:
            if not a & b:
                return category
            continue
        limited, free = (mine, theirs) if a else (theirs, mine)
        if category not in limited.own and category not in _LASTING:
            continue
        if not any(_mentioned(value, free.stems) for value in a or b):
            return category
    return ""


def _values(one: Extent, category: str) -> frozenset[str]:
    return one.own.get(category) or one.frame.get(category) or frozenset()


def _mentioned(value: str, stems: frozenset[str]) -> bool:
    """Whether the other speaks of it in another form: `Tenancy rules` are for tenants."""
    same = {word for word, (_, first) in _table().items() if first == value and len(word) >= _PREFIX}
    return any(one[:_PREFIX] == word[:_PREFIX] for one in stems for word in same)
