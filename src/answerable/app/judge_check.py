"""Checking a project's judges against what its people said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from answerable.app.judging import judge_concerns, open_judges, project_criteria
from answerable.app.project import Project
from answerable.core.errors import ConfigError
from answerable.core.evaluation import Label
from answerable.core.identity import sha256_hex
from answerable.evals.items import read_items
from answerable.evals.judges.accord import Accord, accord
from answerable.evals.judges.asking import Tell, ask_all
from answerable.evals.judges.criteria import select
from answerable.evals.judges.fitness import Fitness, FitnessRecord, fitness, record_of
from answerable.evals.judges.judge import Judging
from answerable.evals.judges.judgment import Judgment
from answerable.evals.judges.material import Material, material_of_item
from answerable.evals.labels import read_labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One judge, in all languages and in each."""

    judge: str  # for people
    found: Accord
    languages: tuple[Accord, ...]
    fitness: Fitness
    record: FitnessRecord
    cost: Decimal
    unpriced: bool
    errors: tuple[str, ...]  # why it gave no verdict, each once


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """All that was checked. `without_item`: labels of answers that are not in the file of items."""

    judges: tuple[Checked, ...]
    concerns: tuple[str, ...]
    without_item: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Labeled:
    """What people said, and what they said it of. `sha256` is of the file of labels."""

    labels: tuple[Label, ...]
    materials: dict[str, Material]
    sha256: str

    def of(self, criterion: str) -> dict[str, Material]:
        """The items that have a label of the criterion."""
        names = {one.item for one in self.labels if one.criterion == criterion}
        return {item: material for item, material in self.materials.items() if item in names}


def read_labeled(project: Project, *, labels: Path | None = None, items: Path | None = None) -> Labeled:
    """From the configured files, or from these. Raises ConfigError naming file, line and key."""
    settings = project.settings.eval
    path = labels or project.path(settings.labels)
    if not path.exists():
        hint = f"`answerable review export -o {path.parent}` writes it, and items.jsonl beside it"
        raise ConfigError(f"there is no file of labels {path}", hint=hint)
    found = read_labels(path)
    materials = {one.item: material_of_item(one) for one in read_items(items or project.path(settings.items))}
    return Labeled(labels=tuple(found), materials=materials, sha256=sha256_hex(path.read_bytes()))


async def check_judges(
    project: Project, labeled: Labeled, criteria: Sequence[str], *, repeats: int, today: date, tell: Tell
) -> Check:
    """Ask the judges of these criteria (none named: of all that have labels) about every labeled answer.

    Raises ConfigError where there is no judge or nothing to check, DatabaseUnreachable.
    """
    have = {one.criterion for one in labeled.labels}
    names = list(criteria) or [one.id for one in select(project_criteria(project), ()) if one.id in have]
    if not names:
        raise ConfigError("no criterion has labels", hint=f"labels are of: {', '.join(sorted(have)) or 'nothing'}")
    checked = []
    async with open_judges(project, names) as judges:
        for judge in judges:
            said = await ask_all(
                judge,
                labeled.of(judge.criterion.id),
                repeats=repeats,
                concurrency=project.settings.eval.concurrency,
                tell=tell,
            )
            checked.append(_checked(project, judge, labeled, said, today))
    return Check(
        judges=tuple(checked),
        concerns=tuple(judge_concerns(project)),
        without_item=sum(one.item not in labeled.materials for one in labeled.labels if one.criterion in names),
    )


def _checked(
    project: Project, judge: Judging, labeled: Labeled, said: dict[str, tuple[Judgment, ...]], today: date
) -> Checked:
    criterion = judge.criterion.id
    found = accord(criterion, labeled.labels, said)
    languages = tuple(
        accord(
            criterion,
            labeled.labels,
            {item: one for item, one in said.items() if labeled.materials[item].language == language},
            language=language,
        )
        for language in sorted({labeled.materials[item].language for item in said})
    )
    record = record_of(found, judge.identity, languages=languages, labels_sha256=labeled.sha256, today=today)
    every = [one for repeated in said.values() for one in repeated]
    limits = project.settings.eval
    return Checked(
        judge=judge.identity.label,
        found=found,
        languages=languages,
        fitness=fitness(
            [record],
            criterion=criterion,
            judge=judge.identity.digest,
            min_kappa=limits.judge_min_kappa,
            min_labels=limits.judge_min_labels,
        ),
        record=record,
        cost=sum((one.cost for one in every), Decimal(0)),
        unpriced=any(one.unpriced for one in every),
        errors=tuple(sorted({one.error for one in every if one.error})),
    )
