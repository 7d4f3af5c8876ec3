"""What a scripted model can do. NAMED gives each the name that a request may ask for, e.g. `scripted:invent`."""

from collections.abc import Mapping
from types import MappingProxyType

from answerable.testing.model_server.behaviors.behavior import Behavior, Speaker
from answerable.testing.model_server.behaviors.captured import Captured
from answerable.testing.model_server.behaviors.careful import Careful
from answerable.testing.model_server.behaviors.careless import Careless
from answerable.testing.model_server.behaviors.cite import NO_ANSWER, Cite
from answerable.testing.model_server.behaviors.cut import Cut
from answerable.testing.model_server.behaviors.drip import Drip
from answerable.testing.model_server.behaviors.drop import Drop
from answerable.testing.model_server.behaviors.echo import Echo
from answerable.testing.model_server.behaviors.garbage import Garbage
from answerable.testing.model_server.behaviors.gullible_judge import GullibleJudge, QuotingJudge
from answerable.testing.model_server.behaviors.hang import Hang
from answerable.testing.model_server.behaviors.impostor import Fingerprints, OtherModel
from answerable.testing.model_server.behaviors.invent import INVENTED, Invent
from answerable.testing.model_server.behaviors.judge import HonestJudge
from answerable.testing.model_server.behaviors.late_error import LateError
from answerable.testing.model_server.behaviors.malformed import Malformed
from answerable.testing.model_server.behaviors.mark import Mark
from answerable.testing.model_server.behaviors.metered import LIMITS, USED_UP, Metered
from answerable.testing.model_server.behaviors.miscite import Miscite
from answerable.testing.model_server.behaviors.miscount import Miscount
from answerable.testing.model_server.behaviors.misrank import Misrank
from answerable.testing.model_server.behaviors.mixed import Mixed, Schedule
from answerable.testing.model_server.behaviors.obedient import Obedient
from answerable.testing.model_server.behaviors.obey import Obey
from answerable.testing.model_server.behaviors.parrot import Parrot
from answerable.testing.model_server.behaviors.picky import Picky
from answerable.testing.model_server.behaviors.reason import Reason
from answerable.testing.model_server.behaviors.refuse import Refuse
from answerable.testing.model_server.behaviors.slow import Slow
from answerable.testing.model_server.behaviors.sorter import Sorter
from answerable.testing.model_server.behaviors.stall import Stall
from answerable.testing.model_server.behaviors.status import Status
from answerable.testing.model_server.behaviors.truncated import Truncated

__all__ = [
    "INVENTED",
    "LIMITS",
    "NAMED",
    "NO_ANSWER",
    "USED_UP",
    "Behavior",
    "Captured",
    "Careful",
    "Careless",
    "Cite",
    "Cut",
    "Drip",
    "Drop",
    "Echo",
    "Fingerprints",
    "Garbage",
    "GullibleJudge",
    "Hang",
    "HonestJudge",
    "Invent",
    "LateError",
    "Malformed",
    "Mark",
    "Metered",
    "Miscite",
    "Miscount",
    "Misrank",
    "Mixed",
    "Obedient",
    "Obey",
    "OtherModel",
    "Parrot",
    "Picky",
    "QuotingJudge",
    "Reason",
    "Refuse",
    "Schedule",
    "Slow",
    "Sorter",
    "Speaker",
    "Stall",
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
        "captured": Captured(),
        "careful": Careful(),
        "careless": Careless(),
        "obedient": Obedient(),
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
        "403": Status(403),
        "408": Status(408),
        "409": Status(409),
        "429": Status(429, retry_after="1"),
        "429-bare": Status(429),
        "429-limits": Status(429, headers=USED_UP),
        "429-quota": Status(429, code="insufficient_quota", message="You exceeded your current quota."),
        "500": Status(500),
        "502": Status(502),
        "503": Status(503),
        "504": Status(504),
        "529": Status(529),
        "refuse-400": Status(
            400, code="content_filter", message="The response was filtered due to the prompt's content."
        ),
        "empty": Echo(""),
        "drop": Drop(),
        "html": Malformed(form="html"),
        "sse-unnamed": Malformed(),
        "sse-unended": Malformed(form="unended"),
        "late-error": LateError(),
        "late-overload": LateError(status=529, message="Overloaded"),
        "stall": Stall(),
        "stall-first": Stall(tokens=0),
        "stall-keep-alive": Stall(keep_alive_s=0.1),
        "metered": Metered(),
        "usage-missing": Miscount(),
        "usage-zero": Miscount(form="zero"),
        "usage-wrong": Miscount(form="wrong"),
        "other-model": OtherModel(),
        "fingerprints": Fingerprints(),
        "mark": Mark(),
        "reason": Reason(),
        "picky": Picky(),
    }
)
