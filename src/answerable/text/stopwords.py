"""Words that carry no topic, by language, folded: function words, and those that only make a question."""

from __future__ import annotations

_EN = """a about above after again against all also am an and any are as at be because been before being below
between both but by can could did do does doing don down during each few for from further had has have having he
her here hers him his how i if in into is it its itself just let me more most my no nor not now of off on once
only or other our ours out over own same she should so some such than that the their theirs them then there
these they this those through to too under until up us very was we were what when where which while who whom why
will with within would you your yours s t d ll m re ve many much may might must shall please tell know want need
get got us"""
_DE = """aber alle allem allen aller alles als also am an ander andere anderen auch auf aus bei bin bis bist da
damit dann das dass dein deine dem den der des dich die dies diese diesem diesen dieser dieses dir doch dort du
durch ein eine einem einen einer eines er es etwas euch euer fur hab habe haben hat hatte hatten hier hin ich ihm
ihn ihnen ihr ihre ihrem ihren ihrer im in ins ist ja jede jedem jeden jeder jedes jene kann kein keine keinen
konnen konnte man mein meine meinem meinen meiner mich mir mit muss musste nach nicht nichts noch nun nur ob oder
ohne sehr sein seine seinem seinen seiner sich sie sind so soll sollte uber um und uns unser unsere unter viel
vom von vor war waren was weil welche welchem welchen welcher welches wenn wer wie wieder will wir wird wo wurde
wurden zu zum zur zwar zwischen viele bitte gibt darf durfen mochte"""
_ES = """a al algo ante antes como con contra cual cuales cuando de del desde donde dos e el ella ellas ellos en
entre era es esa esas ese eso esos esta estas este esto estos fue ha han hasta hay he la las le les lo los mas me
mi mis mucho muy nada ni no nos nosotros nuestra nuestro o os otra otro para pero poco por porque puede puedo que
quien se sea ser si sin sobre son soy su sus tambien te tengo ti tiene tienen todo todos tu tus un una uno unos y
ya yo cuanto cuanta cuantos cuantas debo favor"""

STOPWORDS: dict[str, frozenset[str]] = {
    "en": frozenset(_EN.split()),
    "de": frozenset(_DE.split()),
    "es": frozenset(_ES.split()),
}
