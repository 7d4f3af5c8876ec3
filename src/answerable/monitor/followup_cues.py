"""Turns that are told by a few words: thanks, no, what do you mean, and for the other one?

In English, German and Spanish. Every pattern is looked for in folded text (no capitals, no accents), and is
bounded in what it repeats.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from answerable.text.words import fold, words

_MOST_WORDS = 60  # that are looked at: a cue stands at the beginning of a turn, or is all of it

_THANKS = {
    "en": (
        r"thanks?(?: you)?|thank u|thx|ty|cheers|ta|great|perfect|awesome|excellent|nice|cool|super"
        r"|wonderful|lovely|brilliant|ok(?:ay)?|alright|all right|got it|understood|i see|good to know"
        r"|makes sense|(?:it|that) (?:now )?work(?:s|ed)(?: now)?|works(?: now)?|solved|found it"
        r"|that (?:answers|answered|helps|helped|solves|solved|did)|this (?:helps|helped)"
        r"|(?:very |that is |that's |really )?helpful|just what i needed|bye|goodbye"
    ),
    "de": (
        r"danke?(?: schon| dir| ihnen| sehr)?|dankeschon|vielen dank|besten dank|herzlichen dank|merci|super"
        r"|perfekt|prima|klasse|toll|spitze|top|wunderbar|genial|ok(?:ay)?|alles klar|verstanden|verstehe"
        r"|aha|ach so|gut zu wissen|hat geklappt"
        r"|(?:jetzt )?(?:geht|funktioniert|klappt) (?:es|jetzt|nun)(?: jetzt)?"
        r"|es (?:geht|funktioniert|klappt) (?:jetzt|nun)|gefunden"
        r"|das (?:beantwortet|hilft|hat geholfen|war's|wars)|hilft mir(?: sehr| weiter)|gelost|erledigt"
        r"|tschuss|passt"
    ),
    "es": (
        r"(?:muchas |muchisimas |mil )?gracias|genial|perfecto|estupendo|excelente|fantastico|vale|ok(?:ay)?"
        r"|de acuerdo|entendido|entiendo|ya (?:va|veo|funciona|esta|lo encontre|la encontre)"
        r"|(?:es )?bueno saberlo|muy util|que bien|guay|resuelto|solucionado|funciona(?: ahora)?"
        r"|ahora (?:va|funciona|si)|eso (?:responde|resuelve|me ayuda|me sirve)|adios|listo"
        r"|me (?:ha )?ayuda(?:do)?(?: mucho)?"
    ),
}
_PUSHBACK = {
    "en": (
        r"no,|nope|wrong\b|false\b|incorrect|nonsense|rubbish|useless|bullshit|wtf"
        r"|(?:that|this|it)(?:'s| is| was)(?: just| simply| plainly| totally)? (?:not (?:what|my|true|right"
        r"|correct|it|the)|n't|wrong|false|incorrect|nonsense|outdated|out of date|useless)"
        r"|(?:that|this|it) (?:isn't|wasn't|is not|was not|can't be|cannot be)"
        r"|(?:that|this|it) (?:does not|doesn't|did not|didn't) (?:help|answer|work|exist|make sense)"
        r"|(?:you|u) (?:did not|didn't|have not|haven't|are not|aren't|do not|don't|still) |not what i"
        r"|not helpful|no help|i (?:asked|meant|said|wanted to know|was asking|already|did(?:n't| not) ask)"
        r"|still (?:not|does|doesn't|no|the same|wrong)|are you sure|really\?"
        r"|(?:the|that|this) (?:link|page|number|button|address|menu|option)s?\b.{0,20} (?:is broken"
        r"|is wrong|doesn't|does not|is gone|is dead)"
        r"|(?:those|these|the) (?:steps|instructions).{0,12} (?:are|do not|don't)|again:|stop "
    ),
    "de": (
        r"nein\b|falsch\b|stimmt nicht|unsinn|quatsch|blodsinn|nutzlos|schwachsinn"
        r"|(?:das|es|dies) (?:ist|war|ware) (?:doch )?(?:nicht (?:meine|was|richtig|korrekt|die|das|wahr)"
        r"|falsch|unsinn|quatsch|veraltet|nutzlos)"
        r"|(?:das|es) (?:stimmt|hilft|bringt|funktioniert|geht|passt|beantwortet)\b.{0,12} (?:nicht|nichts)"
        r"|hilft (?:mir )?nicht|bringt (?:mir )?nichts"
        r"|(?:geht|funktioniert|klappt) (?:immer noch |noch immer |trotzdem )?nicht|immer noch nicht"
        r"|(?:du|sie|ihr) (?:hast|haben|habt|bist|sind|seid|versteh\w+)\b.{0,30} nicht"
        r"|nicht (?:meine frage|was ich)|ich (?:habe|hab|hatte) (?:doch )?(?:nach|gefragt|schon|bereits)"
        r"|ich (?:wollte|meinte)\b|hab(?:e)? ich (?:schon|bereits)|wirklich\?|sicher\?|bist du sicher"
        r"|sind sie sicher"
        r"|(?:der|die|das) (?:link|seite|nummer|knopf|adresse|menu)\b.{0,20} (?:ist kaputt|ist falsch"
        r"|geht nicht|gibt es (?:gar )?nicht|existiert nicht)"
        r"|(?:die|diese) (?:anleitung|schritte).{0,12} (?:ist|sind|stimm)|nochmal:"
    ),
    "es": (
        r"no[,.]|nada de eso|falso\b|incorrecto|tonteria|que tonteria|inutil|mentira"
        r"|(?:eso|esto) (?:no (?:es|era|me|sirve|ayuda|funciona|responde|contesta|tiene|puede)|es (?:falso"
        r"|mentira|incorrecto|una tonteria)|esta (?:mal|equivocado|anticuado))"
        r"|no (?:me (?:sirve|ayuda|has|ha)|has (?:contestado|respondido|entendido)|ha (?:contestado"
        r"|respondido)|es (?:lo que|cierto|verdad|correcto)|funciona|responde)|yo (?:pregunte|queria|dije)"
        r"|(?:pregunte|te pregunte|le pregunte|queria saber|queria decir|me referia)|sigue sin|todavia no"
        r"|aun no funciona|ya lo (?:intente|probe|hice|he)|seguro\?|de verdad\?|estas seguro|esta seguro"
        r"|(?:el|la|ese|esa|este) (?:enlace|pagina|numero|boton|direccion|menu)\b.{0,20} (?:esta roto"
        r"|esta rota|esta mal|no existe|no funciona|ni siquiera)"
        r"|(?:esos|los|estos) (?:pasos).{0,12} (?:estan|no)|otra vez:"
    ),
}
_CLARIFY = {
    "en": (
        r"what (?:do|did) you mean|what (?:does|do|is|are)\b.{0,40} (?:mean|exactly|stand for)\b"
        r"|what exactly|meaning of|why\b\W{0,3}$|how come|how so"
        r"|(?:can|could|would) you (?:please )?(?:explain|summari[sz]e|clarify|elaborate|rephrase|simplify"
        r"|repeat|shorten|give|go through|say|walk)"
        r"|(?:please )?(?:explain|summari[sz]e|elaborate|clarify|simplify)"
        r"|i (?:don't|do not|didn't|did not|can't|cannot) (?:get|understand|follow)"
        r"|(?:in|with) (?:plain|simple|simpler|other|short|one)\b"
        r"|(?:give|show)(?: me)? (?:an?|one|some) example|for example\W*$|an? example|example please|eg\W*$"
        r"|(?:what|where)(?:'s| is| does| did)? (?:the |your )?(?:source|that come from|it say|this say"
        r"|that say|you get|this come from)|source\?|step by step|too (?:long|complicated|technical)|tldr"
        r"|tl;dr|shorter|short version|more (?:simply|details?)\W*$"
    ),
    "de": (
        r"was (?:meinst du|meinen sie|heisst|bedeutet|ist (?:mit|genau)|genau (?:ist|heisst|bedeutet))"
        r"|was (?:soll|sollen) das|(?:warum|wieso|weshalb)\b\W{0,3}$|und (?:warum|wieso)\W*$|inwiefern"
        r"|(?:kannst|konntest|konnen|konnten) (?:du|sie) (?:mir )?(?:das|es|dies|bitte)?\b.{0,20}(?:erklar"
        r"|einfacher|kurzer|zusammenfass|anders|genauer|erlauter|wiederhol|schritt)|erklar\w*"
        r"|fass\w*\b.{0,40}zusammen"
        r"|(?:das |es |.{0,30}\b)?(?:versteh|kapier|begreif)\w* (?:ich )?.{0,16}nicht"
        r"|ich (?:versteh|kapier)\w*.{0,30}nicht|einfacher"
        r"|(?:hast du|haben sie|gib mir|gibt es) (?:ein|dafur ein|mal ein) beispiel|zum beispiel\W*$"
        r"|beispiel\W*$|(?:wo|woher) (?:steht|hast|haben|kommt|weisst)\b.{0,20}$|quelle\W*$"
        r"|schritt fur schritt|zu (?:lang|kompliziert|technisch)|kurzer|kurzfassung|was genau"
    ),
    "es": (
        r"(?:que|a que) (?:quieres|quiere|quieren|quiso) decir|que (?:significa|es exactamente|se entiende)"
        r"|a que (?:te|se) refiere\w*|(?:y )?(?:eso )?por que\W{0,3}$|y eso\W*$|como asi"
        r"|(?:me )?(?:lo )?(?:puedes|podrias|puede|podria) (?:explicar|resumir|aclarar|repetir|decir|dar)\w*"
        r"|(?:me )?(?:lo |la )?explica\w*|explicame\w*|resume\w*|aclara\w*|simplifica\w*"
        r"|no (?:lo |la |te |le )?(?:entiendo|entendi|comprendo|pillo)"
        r"|mas (?:sencillo|simple|facil|corto|breve|despacio)|en otras palabras|de otra (?:forma|manera)"
        r"|(?:dame|ponme|pon|un|algun|me das) (?:un )?ejemplo|por ejemplo\W*$|ejemplo\W*$"
        r"|(?:donde|de donde) (?:pone|dice|sale|sacas|esta eso|viene)\b|fuente\W*$|paso a paso"
        r"|muy (?:largo|complicado|tecnico)|demasiado (?:largo|complicado)"
    ),
}
_GOES_ON = {
    "en": (
        r"and\b|but\b|also\b|what (?:about|if|happens (?:if|when|then))|how about|even\b|only\b|or\b|then\b"
        r"|for\b|up to\b|by (?:how|when)|(?:from|until|till|since) (?:what|when)|overnight"
        r"|how (?:much|many|long|often)\W*(?:at|in|then|is (?:it|that))?\b\W*$"
    ),
    "de": (
        r"und\b|aber\b|auch\b|oder\b|nur\b|was (?:ist mit|wenn|passiert)|wie (?:ist es|sieht es|ware es)"
        r"|dann\b|ab\b|bis\b|fur\b|um wie viel"
        r"|wie (?:viel|viele|lange|oft)\w*(?: \w+)? (?:hochstens|mindestens|maximal)|also\b"
    ),
    "es": (
        r"y\b|pero\b|tambien\b|o\b|solo\b|que (?:pasa|tal|ocurre)(?: si| con)?|entonces\b|hasta\b|a partir\b"
        r"|en\b|para\b|con\b|desde\b|(?:cuant[oa]s?)(?: \w+)? como (?:maximo|minimo)"
    ),
}
_POINTS = {
    "en": (
        r"(?<!is )(?<!was )(?<!be )it\b(?! (?:possible|allowed|necessary|ok|okay|true|permitted))|its|that"
        r"|those|these|they|them|this|(?<!is )(?<!are )there|then|he|she|him"
    ),
    "de": (
        r"dort|dafur|davon|dabei|damit|daran|darin|darauf|dazu|dann|diese[rsnm]?|der dann|deren|ihn"
        r"|da[sn]n?(?= (?:auch|denn|dann|so|bei|kosten|kostet|ist|sind|geht|gilt|noch|jetzt|heissen"
        r"|funktioniert|machen|gelten)\b|\W*$)"
    ),
    "es": (r"esos?|esas?|ese|estos?|alli|ahi|entonces|lo|ello|ellos|ellas"),
}
_ASKS = {
    "en": "what when where who which why how can could do does did is are was will would may must should have has",
    "de": "was wann wo wer wen wem welche welcher welches warum wie wieso kann kannst konnen darf muss ist sind "
    "gibt hat",
    "es": "que cuando donde quien cual cuales por como cuanto cuanta cuantos cuantas puedo puede se hay es son "
    "tengo",
}


def _compiled(found: Mapping[str, str], *, start: bool) -> Mapping[str, re.Pattern[str]]:
    before = r"^\W*" if start else r"^.{0,24}?\b"
    return MappingProxyType({language: re.compile(rf"{before}(?:{one})") for language, one in found.items()})


_FILLERS = re.compile(
    r"\b(?:"
    r"thanks?|you|thank|so|very|much|a lot|lot|for|your|the|help|again|that|this|it|is|was|all|i|my"
    r"|question|now|really|works?|worked|and|dank|danke|vielen|dir|ihnen|sehr|schon|fur|die|der|das"
    r"|hilfe|mir|meine|frage|ist|jetzt|es|und|auch|weiter|ja|yes|si|gracias|muchas|muchisimas|por|la|el"
    r"|lo|ayuda|mucho|me|mi|pregunta|a|eso|ya|ahora|y|todo"
    r")\b"
)
_THANKED = _compiled({name: f"(?:{one})(?![a-z])" for name, one in _THANKS.items()}, start=True)
_REFUSED = _compiled(_PUSHBACK, start=False)
_UNCLEAR = _compiled(_CLARIFY, start=False)
_GONE_ON = _compiled(_GOES_ON, start=True)
_POINTING = {name: re.compile(rf"\b(?:{one})\b") for name, one in _POINTS.items()}
_ASKING = {name: frozenset(one.split()) for name, one in _ASKS.items()}


def plain(text: str) -> str:
    """Folded, typographic apostrophes straightened, and no longer than a cue needs."""
    return " ".join(fold(text.replace("’", "'")).split()[:_MOST_WORDS])


def only_thanks(folded: str, language: str) -> bool:
    """Whether the turn thanks, agrees or takes leave, and asks nothing."""
    rest = without_thanks(folded, language)
    if rest == folded or "?" in folded:
        return False
    left = [word for word, _, _ in words(_FILLERS.sub(" ", rest))]
    return len(left) <= 2 and not asks(rest, language)


def without_thanks(folded: str, language: str) -> str:
    """What is left when words of thanks at the beginning are taken away."""
    pattern = _THANKED.get(language, _THANKED["en"])
    for _ in range(4):
        found = pattern.match(folded)
        if found is None:
            break
        folded = folded[found.end() :].lstrip(" ,.!;:-")
    return folded


def asks(folded: str, language: str) -> bool:
    """Whether it looks like a question: by its mark, or by the word it begins with."""
    first = next(iter(words(folded)), ("", 0, 0))[0]
    return "?" in folded or first in _ASKING.get(language, _ASKING["en"])


def refuses(folded: str, language: str) -> bool:
    """Whether it rejects what was answered."""
    return bool(_REFUSED.get(language, _REFUSED["en"]).match(folded))


def is_unclear(folded: str, language: str) -> bool:
    """Whether it asks what the answer means, or for the same in another form."""
    return bool(_UNCLEAR.get(language, _UNCLEAR["en"]).match(folded))


def goes_on(folded: str, language: str) -> bool:
    """Whether it begins as a continuation: and, what about, also."""
    return bool(_GONE_ON.get(language, _GONE_ON["en"]).match(folded))


def points_back(folded: str, language: str) -> bool:
    """Whether it has a word that stands for something said before."""
    return bool(_POINTING.get(language, _POINTING["en"]).search(folded))


def is_open(folded: str, language: str) -> bool:
    """Whether it is a question of so few words that what it is about was said before: how much?"""
    found = [word for word, _, _ in words(folded)]
    return 0 < len(found) <= 3 and found[0] in _ASKING.get(language, _ASKING["en"]) and "?" in folded
