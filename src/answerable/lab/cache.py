"""How often a semantic cache would give the wrong reply, and how often the right one: by kind and by threshold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources

from answerable.evals.stats.proportions import upper_bound
from answerable.lab.near_misses import QuestionPair

CONFIDENCE = 0.95
THRESHOLDS = (0.80, 0.85, 0.90, 0.93, 0.95, 0.97, 0.98, 0.99)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One pair: the cosine of the two questions, and whether the rules take them for one."""

    pair: QuestionPair
    cosine: float
    alike: bool

    def hit(self, threshold: float, *, guarded: bool = True) -> bool:
        """Whether one's reply would be given to the other."""
        return self.cosine >= threshold and (self.alike or not guarded)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """k of n, with the exact one-sided upper bound (Clopper and Pearson 1934, Biometrika 26:404)."""

    k: int
    n: int

    @property
    def upper(self) -> float:
        """At 95 %; 1 where nothing was looked at."""
        return upper_bound(self.k, self.n, confidence=CONFIDENCE)

    @property
    def text(self) -> str:
        """`0 of 1050 (at most 0.29 %)`."""
        return f"{self.k} of {self.n} (at most {100 * self.upper:.2f} %)"


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheReport:
    """What was measured at one threshold; `held_out` are the near misses that no rule was made from."""

    threshold: float
    judged: tuple[Judged, ...]

    @property
    def held_out(self) -> Rate:
        """Wrong hits, with the rules."""
        return self.wrong(lambda one: one.pair.half == "held-out")

    def wrong(
        self, chosen: Callable[[Judged], bool] = lambda _: True, *, at: float | None = None, guarded: bool = True
    ) -> Rate:
        """Of the chosen near misses."""
        return self._rate([one for one in self.judged if not one.pair.same and chosen(one)], at, guarded)

    def right(
        self, chosen: Callable[[Judged], bool] = lambda _: True, *, at: float | None = None, guarded: bool = True
    ) -> Rate:
        """Hits among the chosen pairs that do want one reply."""
        return self._rate([one for one in self.judged if one.pair.same and chosen(one)], at, guarded)

    def kinds(self, *, same: bool) -> list[tuple[str, str]]:
        """Kind and half, in order."""
        return list(dict.fromkeys((one.pair.kind, one.pair.half) for one in self.judged if one.pair.same is same))

    def _rate(self, found: Sequence[Judged], at: float | None, guarded: bool) -> Rate:
        threshold = self.threshold if at is None else at
        return Rate(k=sum(one.hit(threshold, guarded=guarded) for one in found), n=len(found))


def by_kind(report: CacheReport) -> list[dict[str, object]]:
    """Wrong hits on near misses and right ones on paraphrases, with the rules and by likeness alone."""
    rows: list[dict[str, object]] = []
    for same in (False, True):
        rate = report.right if same else report.wrong
        for kind, half in report.kinds(same=same):

            def chosen(one: Judged, kind: str = kind) -> bool:
                return one.pair.kind == kind

            with_rules, without = rate(chosen), rate(chosen, guarded=False)
            row = {"kind": kind, "half": half, "same": same, "n": with_rules.n}
            rows.append({**row, "hits": with_rules.k, "hits_by_likeness": without.k})
    return rows


def by_threshold(report: CacheReport) -> list[dict[str, float]]:
    """At each threshold: wrong hits and right ones, with the rules and by likeness alone."""
    return [
        {
            "threshold": at,
            "near_misses": report.wrong(at=at).n,
            "wrong": report.wrong(at=at).k,
            "wrong_by_likeness": report.wrong(at=at, guarded=False).k,
            "paraphrases": report.right(at=at).n,
            "right": report.right(at=at).k,
            "right_by_likeness": report.right(at=at, guarded=False).k,
        }
        for at in sorted({*THRESHOLDS, report.threshold})
    ]


def to_html(report: CacheReport, *, verdict: str) -> str:
    """One page without scripts: the verdict, a picture by threshold, the kinds."""
    style = (resources.files(__package__) / "templates" / "lab.css").read_text("utf-8")
    rows = "".join(
        f"<tr><td>{'same' if one['same'] else 'near miss'}</td><td>{escape(str(one['kind']))}</td>"
        f'<td>{one["half"]}</td><td class="number">{one["n"]}</td><td class="number">{one["hits"]}</td>'
        f'<td class="number">{one["hits_by_likeness"]}</td></tr>'
        for one in by_kind(report)
    )
    head = "<tr><th></th><th>kind</th><th>half</th><th>n</th><th>hits</th><th>hits by likeness alone</th></tr>"
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Semantic cache</title>'
        f"<style>{style}</style><main><h1>Semantic cache</h1><p class='verdict'>{escape(verdict)}</p>"
        f"<p class='soft'>Threshold {report.threshold:g}. A hit on a near miss is a wrong reply.</p>"
        f"{picture(report)}<div class='scroll'><table>{head}{rows}</table></div></main></html>\n"
    )


def picture(report: CacheReport) -> str:
    """Shares of wrong and right hits by threshold, as an inline SVG."""
    points = by_threshold(report)
    lines = (
        ("wrong_by_likeness", "near_misses", "worse", "wrong, by likeness alone"),
        ("wrong", "near_misses", "base", "wrong, with the rules"),
        ("right", "paraphrases", "better", "right, with the rules"),
    )
    drawn = ""
    for row, (key, of, kind, label) in enumerate(lines):
        for one in points:
            x = 60 + (one["threshold"] - 0.8) / 0.2 * 520
            y = 200 - 180 * one[key] / (one[of] or 1)
            drawn += (
                f'<circle class="point {kind}" cx="{x:.0f}" cy="{y:.1f}" r="4"><title>{label}</title></circle>'
            )
        drawn += f'<circle class="point {kind}" cx="64" cy="{262 + 20 * row}" r="4"/>'
        drawn += f'<text class="tick left" x="76" y="{266 + 20 * row}">{label}</text>'
    for share in (0, 50, 100):
        drawn += f'<text class="tick" x="30" y="{204 - 1.8 * share:.0f}">{share} %</text>'
    for at in (0.8, 0.85, 0.9, 0.95, 1.0):
        drawn += f'<text class="tick" x="{60 + (at - 0.8) / 0.2 * 520:.0f}" y="225">{at:g}</text>'
    said = "Share of hits by threshold"
    return f'<svg viewBox="0 0 620 330" role="img" aria-label="{said}"><title>{said}</title>{drawn}</svg>'
