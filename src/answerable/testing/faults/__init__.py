"""Faults for every component of the answering path, what each must lead to, and wrappers that make them."""

from answerable.testing.faults.cell import Cell, Gets
from answerable.testing.faults.fault import Component, Fault
from answerable.testing.faults.matrix import BY_ID, CELLS

__all__ = ["BY_ID", "CELLS", "Cell", "Component", "Fault", "Gets"]
