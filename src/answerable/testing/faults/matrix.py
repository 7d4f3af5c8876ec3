"""The fault matrix: all fifty cells, out of matrix.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from answerable.testing.faults.cell import Cell, Gets
from answerable.testing.faults.fault import Component, Fault


def _read() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("matrix.toml").read_text("utf-8"))


def _cell(component: Component, fault: Fault, row: Mapping[str, Any]) -> Cell:
    shared = {key: value for key, value in row.items() if key not in ("what", *Fault)}
    keys = {**shared, **row[fault]}
    return Cell(
        component=component,
        fault=fault,
        gets=Gets[keys["gets"].upper()],
        degraded=tuple(keys["degraded"]),
        fails=keys["fails"],
        like=keys["like"],
        seen=keys["seen"],
        why=keys["why"],
    )


_TABLE = _read()
WHAT: Mapping[Component, str] = MappingProxyType({one: str(_TABLE[one]["what"]) for one in Component})
CELLS: tuple[Cell, ...] = tuple(_cell(one, fault, _TABLE[one]) for one in Component for fault in Fault)
BY_ID: Mapping[str, Cell] = MappingProxyType({one.id: one for one in CELLS})
