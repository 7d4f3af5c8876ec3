"""answerable abstain: when not to answer, and what is promised of the answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.cli.writing import write_file, writing
from answerable.core.errors import ConfigError

if TYPE_CHECKING:
    from answerable.app import System
    from answerable.app.abstaining import Standing
    from answerable.app.calibrating import Calibrated, Labeled

commands = typer.Typer(help="When not to answer, and what is promised of the answers.", no_args_is_help=True)
INCONCLUSIVE = 11


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="abstain")


@commands.command("calibrate")
def calibrate(
    labels: Annotated[
        Path | None, typer.Option(help='JSON Lines of {"score", "wrong", "topic", "language", "id"}.')
    ] = None,
    cases: Annotated[bool, typer.Option("--cases", help="Ask the cases as if there were no threshold.")] = False,
    reviews: Annotated[
        bool, typer.Option("--reviews", help="What people said in reviews, the random part.")
    ] = False,
    by: Annotated[str, typer.Option(help="language: a threshold for each, where there are labels enough.")] = "",
    seed: Annotated[
        int, typer.Option(help="Of the split of the labels. Choose it once: the best of many proves nothing.")
    ] = 0,
    svg: Annotated[Path | None, typer.Option(help="Draw the risk-coverage curve into this file.")] = None,
    save: Annotated[Path | None, typer.Option(help="Keep the labeled answers as JSON Lines.")] = None,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Find the lowest threshold that keeps [abstain] risk at [abstain] confidence, and write abstain.lock.

    Exit 11 where nothing can be promised yet; nothing is written then. Examples: `answerable abstain calibrate
    --cases` · `answerable abstain calibrate --labels answers.jsonl --by language --svg curve.svg`
    """
    if sum((labels is not None, cases, reviews)) != 1:
        raise ConfigError("which answers?", hint="one of --labels FILE, --cases, --reviews")
    if by not in ("", "language"):
        raise ConfigError(f"--by {by!r} is not known", hint="--by language")
    done = project.run(_calibrate(config, labels, by=by, seed=seed, from_reviews=reviews))
    from answerable.cli.abstention import calibration_record, print_calibration  # keeps --help quick

    if format is Format.JSON:
        emit_json(calibration_record(done))
    else:
        print_calibration(done)
    _write_extras(done, svg, save)  # last: what was found is told, whether or not these can be written
    raise typer.Exit(0 if done.lock else INCONCLUSIVE)


@commands.command("status")
def status(config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """What is promised, and whether it still holds. Exit 11 where the certificate is void."""
    from answerable.cli.abstention import print_standing, standing_record  # keeps --help quick

    found = project.run(_standing(config))
    if format is Format.JSON:
        emit_json(standing_record(found))
    else:
        print_standing(found)
    raise typer.Exit(INCONCLUSIVE if found.state == "void" else 0)


def warn_if_void(system: System) -> None:
    """Tell whoever starts the system that its certificate does not hold any more."""
    if system.standing.warning:
        note(f"warning: {system.standing.warning}; answerable abstain status")


def _write_extras(done: Calibrated, svg: Path | None, save: Path | None) -> None:
    from answerable.evals.abstain.answers import write_answers  # keeps --help quick
    from answerable.evals.abstain.curve import curve, svg_plot

    answers = done.labeled.answers
    if save is not None:
        with writing(save):
            write_answers(answers, save)
    if svg is not None:
        chosen = [one.certificate.threshold for one in done.calibration.certified if one.certificate]
        points = curve(answers)
        write_file(svg, svg_plot(points, alpha=done.calibration.alpha, thresholds=chosen))


async def _calibrate(
    config: Path | None, labels: Path | None, *, by: str, seed: int, from_reviews: bool
) -> Calibrated:
    from answerable.app.calibrating import certify_answers  # keeps --help quick

    async with project.system(config) as system:
        labeled = await _labeled(system, labels, from_reviews=from_reviews)
        return certify_answers(system, labeled, by=by, seed=seed)


async def _labeled(system: System, labels: Path | None, *, from_reviews: bool) -> Labeled:
    from answerable.app.calibrating import Labeled, label_cases, label_reviews
    from answerable.evals.abstain.answers import read_answers
    from answerable.evals.cases.files import load_cases

    if labels is not None:
        return Labeled(answers=tuple(read_answers(labels)), origin=f"labels {labels.name}")
    if from_reviews:
        return await label_reviews(system)
    await system.warm()
    return await label_cases(system, load_cases([system.project.path(one) for one in system.settings.eval.suites]))


async def _standing(config: Path | None) -> Standing:
    async with project.system(config) as system:
        return system.standing
