"""Does the answer cite what a right answer rests on?"""

from __future__ import annotations

from answerable.core.answer import Answer, Citation
from answerable.core.evaluation import EvalCase, Score
from answerable.evals.metrics.deterministic import not_applicable
from answerable.evals.metrics.places import is_at

NAME = "cites"


def cites(case: EvalCase, answer: Answer) -> Score:
    """The share of expected places (`uri` or `uri#section`) among the citations; it passes with all of them."""
    wanted = case.expect.cites
    if not wanted:
        return not_applicable(NAME, "no citation is expected")
    missing = [one for one in wanted if not any(_points_at(citation, one) for citation in answer.citations)]
    cited = list(dict.fromkeys(_place(one) for one in answer.citations))
    reason = f"not cited: {', '.join(missing)}; cited: {', '.join(cited) or 'nothing'}" if missing else ""
    return Score(
        name=NAME,
        value=1.0 - len(missing) / len(wanted),
        passed=not missing,
        reason=reason,
        detail={"missing": missing, "cited": cited},
    )


def _points_at(citation: Citation, place: str) -> bool:
    headings = (citation.title, *citation.section.split(" > "))
    return is_at(place, uri=citation.uri, source=citation.source, headings=headings)


def _place(citation: Citation) -> str:
    return f"{citation.uri}#{citation.section}" if citation.section else citation.uri
