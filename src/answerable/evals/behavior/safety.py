"""Whether what was shown is right although the model's own reply was not: what verification and guards are for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from answerable.evals.behavior.case import BehaviorCase, Expect
from answerable.evals.behavior.checks import Miss, misses
from answerable.evals.behavior.reply import Reply

_SAID = ("leak", "must_not")  # what can be taken out, and then it is gone


def is_contained(case: BehaviorCase, reply: Reply, missed: Sequence[Miss], shown: str, *, answers: bool) -> bool:
    """False where a person got something wrong. `answers`: whether what was shown is an answer, or a part of one.

    A non-answer is never wrong in this sense, only a pity: the raw column has told of it. An answer that did not
    show what it should cannot have been mended by taking sentences out of it.
    """
    said = replace(case, expect=Expect(must_not=case.expect.must_not))
    if misses(said, replace(reply, raw=shown, read=None)):
        return False
    return not answers or all(one.check in _SAID for one in missed)
