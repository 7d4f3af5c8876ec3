"""What `lab rerank --train` and `lab embedding --adapt` share: the run, the printing, putting it in place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import typer

from answerable.cli import project
from answerable.cli.cases import show_path
from answerable.cli.console import emit_json, note, say, table
from answerable.cli.options import Format

if TYPE_CHECKING:
    from answerable.app.lab_reranking import Learning
    from answerable.app.system import System

INCONCLUSIVE = 11
_SMALL = 0.005  # a weight below it is not shown
Origin = Literal["all", "pairs", "cases", "reviewed"]


def run_learning(
    learn: Callable[[System], Awaitable[Learning]],
    *,
    config: Path | None,
    apply: bool,
    format: Format,  # noqa: A002
) -> None:
    """Learn and tell; with `apply` edit the configuration. Exit 11 where nothing was written."""

    async def run() -> Learning:
        async with project.system(config) as system:
            return await learn(system)

    found = project.run(run())
    if format is Format.JSON:
        emit_json(as_json(found))
    else:
        _print(found)
    if found.file is None:
        raise typer.Exit(INCONCLUSIVE)
    _apply(found, config, apply=apply)


def as_json(found: Learning) -> dict[str, Any]:
    """Everything that is known of it."""
    held = found.held
    return {
        "what": found.what,
        "base": found.base,
        "questions": found.n,
        "left_out": list(found.left_out),
        "held_out": None
        if held is None
        else {
            "metric": "ndcg@10",
            "before": held.before,
            "after": held.after,
            "difference": held.difference.mean,
            "low": held.difference.interval.low,
            "high": held.difference.interval.high,
            "p": held.difference.p,
            "n": held.difference.n,
            "clusters": held.difference.clusters,
        },
        "weights": dict(found.weights),
        "file": str(found.file) if found.file else None,
        "why": found.why,
        "config_diff": [f"[{one.section}] {one.line}" for one in found.edits],
    }


def _print(found: Learning) -> None:
    if held := found.held:
        one = held.difference
        say(
            f"held out  nDCG@10 {held.before:.3f} → {held.after:.3f}, "
            f"{one.mean:+.3f} ({one.interval.low:+.3f} .. {one.interval.high:+.3f}), p = {one.p:.3f}, "
            f"n = {one.n} in {one.clusters} clusters"
        )
    shown = sorted((one for one in found.weights if abs(one[1]) >= _SMALL), key=lambda one: -abs(one[1]))
    if shown:
        table(["feature", "weight"], [[name, f"{weight:+.3f}"] for name, weight in shown], right=["weight"])
    if found.left_out:
        note(f"{len(found.left_out)} pairs left out, such as {found.left_out[0]}")
    if found.file:
        say(f"written   {show_path(found.file)}")
        for line in found.edits:
            say(f"  [{line.section}] {line.line}")
    else:
        say(f"not used  {found.why}")


def _apply(found: Learning, config: Path | None, *, apply: bool) -> None:
    if not apply:
        note("not in use yet: --apply writes these lines into the configuration")
        return
    from answerable.config.edit import edit_config  # keeps --help quick
    from answerable.core.errors import ConfigError

    path = project.project(config).config
    if path is None:
        raise ConfigError("there is no configuration file to edit", hint="answerable init DIR")
    edit_config(path, found.edits)
    note(f"edited {show_path(path)}")
