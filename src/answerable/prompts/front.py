"""The front matter of a file that a stranger may have written: plain YAML of bounded size and depth."""

from __future__ import annotations

from typing import Any

import yaml

MOST_CHARS = 20_000  # the longest shipped one has 3,000
MOST_DEEP = 6


class FrontLoader(yaml.SafeLoader):
    """YAML without what front matter does not need: names for parts (`&a`, `*a`), which multiply, types by name
    (`!!int`), and depth. It raises yaml.YAMLError for these."""

    deep = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """As the loader does, one level at a time."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) or getattr(event, "tag", None):
            raise yaml.YAMLError("names for parts (&, *) and types (!) have no place here")
        if self.deep >= MOST_DEEP:
            raise yaml.YAMLError(f"it is more than {MOST_DEEP} deep")
        self.deep += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.deep -= 1


def composed(text: str) -> tuple[yaml.Node | None, Any]:
    """The tree with its places, and what it says. Raises yaml.YAMLError."""
    if len(text) > MOST_CHARS:
        raise yaml.YAMLError(f"it has more than {MOST_CHARS:,} characters")
    loader = FrontLoader(text)
    try:
        root = loader.get_single_node()
        return root, loader.construct_document(root) if root is not None else None
    except ValueError as exc:  # a date that is no day, a number of too many digits
        raise yaml.YAMLError(str(exc)) from exc
    finally:
        loader.dispose()
