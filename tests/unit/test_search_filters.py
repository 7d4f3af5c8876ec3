"""Filters of the command line."""

import pytest

from answerable.cli.search import read_filters
from answerable.core.errors import ConfigError


def test_a_key_has_one_value_and_a_column_may_have_several():
    given = ["product=hub", "language=en", "language=de", "note=a=b"]
    assert read_filters(given) == {"product": ["hub"], "language": ["en", "de"], "note": ["a=b"]}


@pytest.mark.parametrize("wrong", [["product"], ["=hub"], ["product="], ["product=a", "product=b"]])
def test_what_is_no_filter_is_named(wrong):
    with pytest.raises(ConfigError, match="--filter"):
        read_filters(wrong)
