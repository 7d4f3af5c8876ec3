"""Every source keeps the source's contract."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from answerable.adapters.sources.folder import Folder
from answerable.core.ports import Source
from answerable.testing.source import MakeSource, SourceContract


class TestFolder(SourceContract):
    @pytest.fixture
    def make_source(self, tmp_path: Path) -> MakeSource:
        def make(files: Mapping[str, bytes]) -> Source:
            for uri, data in files.items():
                path = tmp_path / uri
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            return Folder(id="docs", root=tmp_path, tenant="acme")

        return make
