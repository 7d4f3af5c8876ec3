"""answerable provider: the configured models, and whether they can be had."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, err, note, say, table
from answerable.cli.options import ConfigOption, Format, FormatOption

if TYPE_CHECKING:
    from answerable.app.providing import Tried

commands = typer.Typer(help="The configured models, and whether they can be had.", no_args_is_help=True)
UNREACHABLE = 4
NameArgument = Annotated[str, typer.Argument(help="Of [provider.NAME]; all when left out.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="provider")


@commands.command("list")
def list_providers(config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """Each route's chain in order: model, endpoints, whether it has a price and stays what it is. Asks nobody."""
    from answerable.app.providing import provider_list  # keeps --help quick

    rows = provider_list(project.project(config))
    if format is Format.JSON:
        emit_json(rows)
        return
    if not rows:
        note("no provider is configured: answers are exact quotes, without a model")
        return
    columns = ("route", "provider", "model", "at", "price", "name")
    table(columns, [_listed(one) for one in rows])


@commands.command("check")
def check(
    name: NameArgument = "",
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Connect to each endpoint and show it our key, by its list of models: free. Exit 4 where one cannot be had.

    Example: `answerable provider check main`
    """
    from answerable.app.providing import check_providers

    found = project.run(check_providers(project.project(config), name))
    _show(found, format, _checked)


@commands.command("probe")
def probe(
    name: NameArgument = "",
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """Ask each endpoint one tiny question: times, the model that answers, tokens, cost. Exit 4 where one fails.

    It costs some thirty tokens an endpoint.
    """
    from answerable.app.providing import probe_providers

    found = project.run(probe_providers(project.project(config), name))
    _show(found, format, _probed)


def _listed(one: dict[str, Any]) -> tuple[str, ...]:
    where = f"{one['use']} {one['place']}" if one["use"] else "no route"
    price = "known" if one["priced"] else "unknown"
    if one["own"] and not one["priced"]:
        price = "unknown (own server)"
    return (
        where,
        one["provider"],
        one["model"],
        " ".join(one["endpoints"]),
        price if one["kind"] else "",
        one["moves"] and f"may change: {one['moves']}",
    )


def _show(found: list[Tried], format: Format, told: Any) -> None:  # noqa: A002
    if format is Format.JSON:
        emit_json([asdict(one) for one in found])
    elif not found:
        note("no provider is configured: answers are exact quotes, without a model")
    else:
        for one in found:
            where = f"{one.provider} {one.endpoint}".rstrip()
            if one.ok:
                say(f"ok    {where}  {told(one.told)}")
            else:
                say(f"FAIL  {where}  {one.error}")
                if one.hint:
                    say(f"      → {one.hint}")
    failed = [one for one in found if not one.ok]
    if failed:
        err.print(f"{len(failed)} of {len(found)} cannot be had", markup=False)
        raise typer.Exit(UNREACHABLE)


def _checked(told: dict[str, Any]) -> str:
    listed = {
        True: "the model is in its list",
        False: "the model is NOT in its list: check its name, or ask by `provider probe`",
        None: "it tells no list of models",
    }[told["listed"]]
    return f"{told['latency_ms']:.0f} ms, {told['model']}: {listed}"


def _probed(told: dict[str, Any]) -> str:
    first = "–" if told["first_text_ms"] is None else f"{told['first_text_ms']:.0f} ms"
    cost = "no price" if told["cost"] is None else f"{told['cost']} {told['currency']}"
    model = told["model"] if told["reported"] in ("", told["model"]) else f"{told['model']} → {told['reported']}"
    tokens = f"{told['input']} + {told['output']} tokens" if told["input"] is not None else "tokens not told"
    return f"first text {first}, whole {told['latency_ms']:.0f} ms, {model}, {tokens}, {cost}"
