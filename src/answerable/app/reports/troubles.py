"""What went wrong and what changed, in plain words: alerts, things that were blocked, found changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from answerable.app.reports.facts import Facts, Trouble
from answerable.app.reports.plain import day
from answerable.core.ports import Happening

_MOST = 6

# An alert's rule, as a part of a sentence that begins with a day.
RULES: Mapping[str, str] = MappingProxyType(
    {
        "refusals": "more questions than usual got no answer",
        "errors": "answers failed",
        "withheld": "more sentences than usual had to be left out, as no page backs them",
        "uncited": "answers were shown without a source",
        "completion": "fewer tasks than usual were solved",
        "votes": "more votes than usual were bad",
        "pushback": "more people than usual had to ask again",
        "escalations": "more people than usual wanted a person",
        "canaries": "our test questions got wrong answers",
        "latency": "answers were slower than usual",
        "first_text": "answers began later than usual",
        "deadlines": "answers ran out of time",
        "fallbacks": "our main AI service did not answer, and a spare one did",
        "model_errors": "an AI service failed",
        "search_degraded": "the search worked with a part of it gone",
        "answers_degraded": "answers were simpler than usual",
        "retrieval_margin": "the search found less fitting pages",
        "top_score": "the search found less fitting pages",
        "empty_retrieval": "the search found nothing",
        "cost_per_answer": "an answer cost more than usual",
        "conflict_exposure": "answers came from pages that disagree",
        "stale_sources": "answers came from pages that are out of date",
        "document_share": "one page was suddenly in many answers",
        "sudden_document": "one new page was suddenly in many answers",
        "guard_hits": "more questions than usual were blocked",
        "spend_rate": "money was spent faster than usual",
        "traffic": "no questions came in",
        "review_overdue": "people were late with reading answers",
        "conflicts_open": "pages that disagree waited for a decision",
        "quarantine_open": "new pages waited to be let in",
        "index_freshness": "changed pages were taken in late",
        "empty_index": "there were no pages to answer from",
        "model_changed": "our AI service changed what it runs",
        "spool": "notes about answers were stored late",
        "jobs": "some of our own chores were not done in time",
        "messages": "our alarms did not reach anybody",
        "quarantined": "a new page was held back, as it looked unsafe",
        "provider_misconfigured": "our AI service refused our key",
        "budget": "the money set aside was nearly used up",
        "abuse": "somebody may have tried to copy our pages",
        "rollout_worse": "a change of ours made answers worse",
        "rollout_degraded": "we could not read which change is on trial",
        "incident": "we took something out of use",
    }
)
_CAUSES = {
    "provider": "our AI service changed",
    "users": "people ask about other things",
    "data": "our pages changed",
    "us": "we changed something",
}


def troubles_said(facts: Facts) -> list[str]:
    """The newest first, a sentence or two each. That nothing was found is said as that."""
    lines = [(one.at, _trouble(one)) for one in facts.troubles]
    lines += [(one.at, _found(one)) for one in facts.happened if one.name == "drift.found"]
    backs = Counter(one.name for one in facts.happened if _is_back(one))
    lines.sort(key=lambda one: one[0], reverse=True)
    told = [text for _, text in lines[:_MOST]]
    if len(lines) > _MOST:
        told.append(f"There were {len(lines) - _MOST} more.")
    if backs:
        told.append(f"We took back {sum(backs.values())} of our own changes, as they made answers worse.")
    return told or ["Our checks found nothing. They cannot see all that goes wrong."]


def _trouble(one: Trouble) -> str:
    what = RULES.get(one.kind, "one of our alarms went off")
    if one.until is None:
        return f"Since {day(one.at)} {_present(what)}. This is still open."
    if one.until.date() == one.at.date():
        return f"On {day(one.at)} {what}. It was over on the same day."
    return f"On {day(one.at)} {what}. It was over on {day(one.until)}."


def _present(what: str) -> str:
    """The list is in the past: `Since 3 May there is an alarm: answers failed`."""
    return f"there is an alarm: {what}"


def _found(one: Happening) -> str:
    cause = _CAUSES.get(str(one.props.get("cause", "")))
    if cause and one.props.get("sure") != "can't tell":
        return f"On {day(one.at)} we saw that answers had changed. The likely cause: {cause}."
    return f"On {day(one.at)} we saw that answers had changed. We do not know the cause."


def _is_back(one: Happening) -> bool:
    return one.name == "rollout.changed" and one.props.get("what") == "back"
