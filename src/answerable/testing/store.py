"""What every Store promises. Subclass StoreContract in your tests and override the fixture `store`."""

from __future__ import annotations

from answerable.testing.store_scope import ScopeContract
from answerable.testing.store_search import SearchContract
from answerable.testing.store_writing import WritingContract


class StoreContract(WritingContract, SearchContract, ScopeContract):
    """All of it: a store must keep every promise."""
