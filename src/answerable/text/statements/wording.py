"""The content of a sentence in stems under which two wordings of the same thing meet."""

from __future__ import annotations

import re
from functools import lru_cache

from answerable.text.stems import stem
from answerable.text.stopwords import STOPWORDS
from answerable.text.words import fold, words

# Words that say nothing of the subject: auxiliaries, verbs of being and having, measure words, bounds, duty words.
_FILLERS = """
    amount apply applies be been being come comes cost costs charge charged do does each every else everybody
    like get gets given has have having hold holds include includes including is it its keep last lasts limit
    long lasting make many most must need needs our per please receive receives require required set take
    takes total up us we will within you your may can cannot could should shall allowed permitted eligible
    entitled available accepted maximum minimum least under over below above less more than exactly always
    never not no also still already just only currently now generally all any some this that these those there
    here own day days hour hours week weeks month months year years minute minutes one two three four five six
    seven eight nine ten twelve fifteen twenty thirty free following january february march april may june
    july august september october november december januar februar marz mai juni juli oktober dezember enero
    febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre eins zwei drei vier
    funf sechs sieben acht neun zehn dos tres cuatro cinco seis siete ocho business working calendar percent
    euro euros dollar dollars time times number length duration period betragt dauert kostet gilt gelten muss
    mussen darf durfen kann konnen erlaubt nicht kein keine wird werden ist sind hat haben hochstens
    mindestens maximal bis innerhalb pro je uns unser unsere wir sie ihr ihre alle jeder jede jedes immer tage
    tag tagen woche wochen monat monate monaten jahr jahre jahren stunde stunden uhr preis dauer frist
    berechnet berechnen es esta estan son ser tiene tienen debe deben puede pueden permitido permitidos
    permitida dura cuesta tarda hasta maximo minimo dentro todos todas todo cada nuestro nuestra su sus dia
    dias semana semanas mes meses ano anos hora horas precio plazo duracion
    """
# Generic parts of a title: they say what sort of page it is, not what it is about.
_GENERIC = """
    about answer answers book brief conditions details faq frequent frequently asked general guide handbook
    help how info information introduction manual notes notice overview page policies policy procedure
    questions reference rules summary terms tips topics welcome allgemein anleitung antworten bedingungen
    fragen handbuch hilfe hinweise infos informationen regeln richtlinie ubersicht condiciones guia
    informacion normas politica preguntas respuestas resumen manual
    """
# Groups of words with one meaning; the first stands for all.
_SAME = """
    staff employee employees worker workers personnel personal mitarbeiter mitarbeitende angestellte
    arbeitnehmer empleado empleados trabajador trabajadores; refund refunds refunded reimburse reimbursed
    reimbursement; return returns returned returning; buy buys bought purchase purchases purchased; ship ships
    shipping shipped shipment deliver delivers delivered delivery deliveries; parcel parcels package packages;
    fee fees charge charges surcharge surcharges rate rates price prices; keep keeps kept retain retained
    retention store stored; begin begins start starts starting; end ends finish finishes close closes closed;
    open opens opening; pay pays paid payment payments; remote remotely; baggage luggage; request requests
    requested; attempt attempts try tries; delete deleted erase erased; car cars vehicle vehicles; register
    registered registration registering; doctor doctors physician physicians; wear wears wearing; buyer
    customer customers client clients; vacation vacations leave urlaub vacaciones; company companies firm;
    install installs installed; weigh weighs weight; expire expires expired expiry; error errors; member
    members membership; bring brings; work works working; order orders ordered; answer answers answered reply
    replies respond; laptop laptops notebook
    """


@lru_cache(maxsize=4)
def _listed(words_of: str, language: str) -> frozenset[str]:
    return frozenset(stem(fold(one), language) for one in words_of.split()) | frozenset(words_of.split())


@lru_cache(maxsize=4)
def _same(language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for group in _SAME.split(";"):
        first, *others = group.split()
        for one in (first, *others):
            found.setdefault(stem(fold(one), language), first)
            found.setdefault(one, first)
    return found


@lru_cache(maxsize=16384)
def content(text: str, language: str) -> frozenset[str]:
    """The stems that tell what a text is about: no stop words, fillers, digits or single letters."""
    return frozenset(one for one in ordered(text, language) if one)


def ordered(text: str, language: str) -> list[str]:
    """The same in order, with an empty one for every word that tells nothing."""
    return [root for word, _, _ in words(text) for root in _roots(word, language)]


@lru_cache(maxsize=65536)
def _roots(word: str, language: str) -> tuple[str, ...]:
    """What one word tells, part by part."""
    stop, fillers, same = STOPWORDS.get(language, frozenset()), _listed(_FILLERS, language), _same(language)
    found = []
    for part in _parts(fold(word)):
        root = stem(part, language)
        if part in same or root in same:
            found.append(same.get(part) or same[root])
        else:
            found.append(root if not {part, root} & fillers and _tells(part, stop) else "")
    return tuple(found)


def _tells(part: str, stop: frozenset[str]) -> bool:
    return part not in stop and len(part) > 1 and not part.isdigit()


_JOINTS = re.compile("[-’'/_]")


def _parts(word: str) -> list[str]:
    """A compound with digits is one name; other compounds are their parts."""
    if any(char.isdigit() for char in word):
        return [word]
    return [
        one
        for one in word.replace("’", "-").replace("'", "-").replace("/", "-").replace("_", "-").split("-")
        if len(one) > 1
    ]


@lru_cache(maxsize=4096)
def is_generic(root: str) -> bool:
    """Whether a title's stem says what sort of page it is, not what it is about."""
    return any(root in _listed(_GENERIC, language) for language in ("en", "de", "es"))
