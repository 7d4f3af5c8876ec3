"""What the commands' tests share."""

from tests.acceptance.cli.asked import asked_project

__all__ = ["asked_project"]
