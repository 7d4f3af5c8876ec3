"""What a scripted model can do. NAMED gives each the name that a request may ask for, e.g. `scripted:invent`."""

from collections.abc import Mapping
from types import MappingProxyType

from answerable.testing.model_server.behaviors.behavior import Behavior, Speaker
from answerable.testing.model_server.behaviors.cite import NO_ANSWER, Cite
from answerable.testing.model_server.behaviors.cut import Cut
from answerable.testing.model_server.behaviors.drip import Drip
from answerable.testing.model_server.behaviors.echo import Echo
from answerable.testing.model_server.behaviors.garbage import Garbage
from answerable.testing.model_server.behaviors.gullible_judge import GullibleJudge, QuotingJudge
from answerable.testing.model_server.behaviors.hang import Hang
from answerable.testing.model_server.behaviors.invent import INVENTED, Invent
from answerable.testing.model_server.behaviors.judge import HonestJudge
from answerable.testing.model_server.behaviors.miscite import Miscite
from answerable.testing.model_server.behaviors.misrank import Misrank
from answerable.testing.model_server.behaviors.obey import Obey
from answerable.testing.model_server.behaviors.parrot import Parrot
from answerable.testing.model_server.behaviors.refuse import Refuse
from answerable.testing.model_server.behaviors.slow import Slow
from answerable.testing.model_server.behaviors.sorter import Sorter
from answerable.testing.model_server.behaviors.status import Status
from answerable.testing.model_server.behaviors.truncated import Truncated

__all__ = [
    "INVENTED",
    "NAMED",
    "NO_ANSWER",
    "Behavior",
    "Cite",
    "Cut",
    "Drip",
    "Echo",
    "Garbage",
    "GullibleJudge",
    "Hang",
    "HonestJudge",
    "Invent",
    "Miscite",
    "Misrank",
    "Obey",
    "Parrot",
    "QuotingJudge",
    "Refuse",
    "Slow",
    "Sorter",
    "Speaker",
    "Status",
    "Truncated",
]

NAMED: Mapping[str, Behavior] = MappingProxyType(
    {
        "echo": Echo(),
        "cite": Cite(),
        "miscite": Miscite(),
        "miscite-missing": Miscite(form="missing"),
        "invent": Invent(),
        "invent-uncited": Invent(form="uncited"),
        "obey": Obey(),
        "parrot": Parrot(),
        "no-answer": Echo(NO_ANSWER),
        "slow": Slow(),
        "drip": Drip(),
        "cut": Cut(),
        "cut-clean": Cut(ending="clean"),
        "cut-first": Cut(after=0),
        "length": Echo(finish="length"),
        "garbage": Garbage(),
        "garbage-http": Garbage(form="http"),
        "truncated": Truncated(),
        "refuse": Refuse(),
        "hang": Hang(),
        "judge": HonestJudge(),
        "judge-gullible": GullibleJudge(),
        "judge-quoting": QuotingJudge(),
        "rank-short": Misrank(),
        "rank-twice": Misrank(form="twice"),
        "rank-beyond": Misrank(form="beyond"),
        "rank-score": Misrank(form="score"),
        "sort": Sorter(),
        "too-long": Status(400),
        "401": Status(401),
        "404": Status(404),
        "429": Status(429, retry_after="1"),
        "500": Status(500),
        "503": Status(503),
    }
)
