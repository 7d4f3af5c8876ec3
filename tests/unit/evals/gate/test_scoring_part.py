"""What tells a comparison that two runs were scored alike."""

from __future__ import annotations

from answerable.app.code import SCORING, code_version
from answerable.app.fingerprint import scoring_part


def test_other_patterns_are_other_scores(tmp_path):
    pack = tmp_path / "own.yaml"
    pack.write_text("a", encoding="utf-8")
    before = scoring_part([pack])
    assert scoring_part([pack]) == before != scoring_part([])
    pack.write_text("b", encoding="utf-8")
    assert scoring_part([pack]) != before


def test_a_single_file_counts_as_much_as_a_folder():
    alone = code_version(("answer/verification.py",))
    assert alone != code_version(())
    assert code_version(SCORING) != code_version(tuple(one for one in SCORING if not one.endswith(".py")))
