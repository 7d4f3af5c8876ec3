"""What this process tells on standard error, without credentials."""

from __future__ import annotations

from answerable.adapters.log_lines import LogFormat, tell_on_stderr


def tell_logs(form: LogFormat = "text") -> None:
    """Warnings and worse, a line each."""
    tell_on_stderr(form=form, bare=bare)


def bare(text: str) -> str:
    """The text without credentials."""
    from answerable.guards.secrets import without_secrets  # 20 ms that only a process that warns shall pay

    return without_secrets(text)
