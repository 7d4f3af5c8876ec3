"""The composition root: settings to a running system; the only package that wires."""

from answerable.app.project import Project
from answerable.app.system import System, open_system

__all__ = ["Project", "System", "open_system"]
