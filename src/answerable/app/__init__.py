"""The composition root: settings to a running system; the only package that wires."""

from typing import TYPE_CHECKING, Any

from answerable.app.project import Project

if TYPE_CHECKING:
    from answerable.app.system import System, open_system

__all__ = ["Project", "System", "open_system"]


def __getattr__(name: str) -> Any:
    """System and open_system bring half a second of imports, which `--help` and `config check` need not pay."""
    if name in ("System", "open_system"):
        from answerable.app import system

        return getattr(system, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
