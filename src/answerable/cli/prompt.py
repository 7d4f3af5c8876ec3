"""answerable prompt list | show: which prompts there are, whose, and the exact text of any that was used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from answerable.cli import project
from answerable.cli.console import emit_json, note, table, write
from answerable.cli.options import ConfigOption, Format, FormatOption
from answerable.core.errors import ConfigError, NotFound

if TYPE_CHECKING:
    from answerable.app.project import Project
    from answerable.app.prompts.history import Found
    from answerable.app.prompts.past import History

commands = typer.Typer(help="Prompts: their files, versions, lint, tests and rollouts.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    commands.command("list")(list_prompts)
    commands.command("show")(show)
    app.add_typer(commands, name="prompt")


def list_prompts(config: ConfigOption = None, format: FormatOption = Format.PRETTY) -> None:  # noqa: A002
    """Every prompt that this project uses or could: version, state, versions, last change, owner and file.

    State: committed, changed or untracked in git; shipped; unknown where there is no git; broken: no prompt file.

    Example: `answerable prompt list`
    """
    from answerable.app.prompts.past import history_of  # keeps --help quick

    here = project.project(config)
    rows, shares = [], _shares(here)
    for name in here.prompts.ids():
        try:
            rows.append(_row(here, history_of(here, name)) | {"rollout": shares.get(name, "")})
        except ConfigError as error:  # one bad file hides no other prompt, and is not hidden itself
            note(f"{name}: {error}")
            rows.append(_broken(here, name, str(error)))
    if format is Format.JSON:
        emit_json(rows)
        return
    columns = ["id", "version", "state", "versions", "changed", "rollout", "route", "owner", "file"]
    near = [{**row, "file": row["file"].removeprefix(f"{here.base}/")} for row in rows]
    table(columns, [[row[name] for name in columns] for row in near], right=["versions"])


def _broken(here: Project, name: str, fault: str) -> dict[str, Any]:
    """The row of a file that is no prompt."""
    unknown = dict.fromkeys(("version", "changed", "rollout", "route", "owner"), "")
    file = str(here.prompts.path(name) or "")
    return {"id": name, "state": "broken", "versions": 0, **unknown, "file": file, "fault": fault}


def show(
    name: Annotated[
        str, typer.Argument(help="ID, ID@VERSION, ID@COMMIT, or the first digits of a text's hash.")
    ] = "",
    trace: Annotated[str, typer.Option(help="The prompt that this trace was answered with; `latest`.")] = "",
    answer: Annotated[str, typer.Option(help="The prompt that this answer was made with.")] = "",
    rendered: Annotated[
        bool,
        typer.Option("--rendered", help="With --trace or --answer: as the model got it, where that was kept."),
    ] = False,
    config: ConfigOption = None,
    format: FormatOption = Format.PRETTY,  # noqa: A002
) -> None:
    """The exact text of a prompt, from a file, a commit, the archive of what was used, or the package.

    The text alone goes to standard output, byte for byte; where it was found goes to standard error.

    Examples: `answerable prompt show answer@1.1.0` · `answerable prompt show --trace latest --rendered`
    """
    if sum(map(bool, (name, trace, answer))) != 1:
        raise ConfigError("show what?", hint="a prompt's name, or --trace, or --answer: one of them")
    here = project.project(config)
    if name:
        _print(_named(here, name), format)
        return
    used = project.run(_used(config, trace, answer))
    if rendered and used.get("system"):
        _print_rendered(used, format)
        return
    if rendered:
        note("the journal keeps no rendered text of it: this is the prompt without its values")
    _print(_used_text(here, used), format)


def _named(here: Project, name: str) -> Found:
    from answerable.app.prompts.history import exact_text, is_hash, text_of  # keeps --help quick

    if name.partition("@")[0] not in here.prompts.ids() and is_hash(name):
        return exact_text(here, name)
    return text_of(here, name)


def _used_text(here: Project, used: dict[str, Any]) -> Found:
    """By the hash that the trace has: a name would find another text where a version's changed."""
    from answerable.app.prompts.history import exact_text  # keeps --help quick

    try:
        return exact_text(here, used["sha256"])
    except NotFound as error:
        ref = f"{used['id']}@{used['version']}"
        raise NotFound(f"it was {ref}, but {error}", hint=error.hint) from error


async def _used(config: Path | None, trace: str, answer: str) -> dict[str, Any]:
    """Id, version and hash of a prompt, and the rendered text where the journal keeps it. Raises NotFound."""
    from answerable.app.prompts.history import used_by_answer, used_by_trace  # keeps --help quick

    async with project.system(config) as system:
        tenant = system.settings.project.tenant
        if trace:
            return used_by_trace(await system.journal.trace(tenant=tenant, reference=trace))
        return await used_by_answer(system.journal, tenant=tenant, answer=answer, principal=system.principal())


def _print(found: Found, format: Format) -> None:  # noqa: A002
    if format is Format.JSON:
        emit_json(found_record(found))
        return
    prompt = found.prompt
    note(f"{prompt.ref if prompt else found.version or 'no prompt file'}  sha256 {found.sha256}")
    note(f"found in {found.told}")
    if prompt is not None:
        note("; ".join(f"{one.name}: {one.trust}" for one in prompt.inputs))
    write(found.text)


def _print_rendered(used: dict[str, Any], format: Format) -> None:  # noqa: A002
    if format is Format.JSON:
        emit_json(used)
        return
    note(f"{used['id']}@{used['version']}  sha256 {used['sha256']}")
    write(f"{used['system']}\n\n--- user ---\n{used['user']}\n")


def found_record(found: Found) -> dict[str, Any]:
    """JSON-able."""
    prompt, commit = found.prompt, found.commit
    return {
        "id": prompt.id if prompt else None,
        "version": found.version,
        "sha256": found.sha256,
        "place": found.place.value,
        "where": found.where,
        "commit": commit.hash if commit else None,
        "inputs": {one.name: one.trust.value for one in prompt.inputs} if prompt else {},
        "handles": dict(prompt.handles) if prompt else {},
        "text": found.text,
    }


def _shares(here: Project) -> dict[str, str]:
    """What `rollouts.toml` gives to some, by prompt, and whether this folder knows it taken back. A file that is
    wrong is told."""
    from answerable.app.rollouts.copy import known_backs  # keeps --help quick
    from answerable.prompts.rollout import FILE, say_share
    from answerable.prompts.rollout_file import load

    try:
        found = load(here.base / FILE)
    except ConfigError as error:
        note(str(error))
        return {}
    back = known_backs(here) if found else {}
    return {
        one.prompt: f"{one.candidate.version} {'taken back' if one.id in back else f'to {say_share(one.share)}'}"
        for one in found
    }


def _row(here: Project, history: History) -> dict[str, Any]:

    prompt = here.prompts.get(history.id)
    commits = [one.commit for one in history.revisions if one.commit]
    return {
        "id": prompt.id,
        "version": prompt.version,
        "state": history.state.value if history.state else "shipped",
        "versions": len(history.known),
        "changed": f"{commits[0].at:%Y-%m-%d}" if commits else "",
        "route": prompt.route,
        "owner": prompt.owner,
        "purpose": prompt.purpose,
        "file": prompt.where,
        "sha256": prompt.sha256,
    }
