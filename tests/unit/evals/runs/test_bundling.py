"""A bundle's folder is looked at before anything is asked."""

from __future__ import annotations

import pytest

from answerable.app.bundling import check_empty
from answerable.core.errors import ConfigError


def test_a_new_or_an_empty_folder_serves(tmp_path):
    check_empty(tmp_path / "new" / "one")
    check_empty(tmp_path / "new" / "one")


@pytest.mark.parametrize("name", [".", "file", "file/inside"])
def test_what_is_not_empty_or_cannot_be_made_is_refused(tmp_path, name):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"not an empty folder|cannot be made"):
        check_empty(tmp_path / name)
