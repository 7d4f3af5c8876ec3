"""Fixtures of the tests that talk to a model over a socket."""

from answerable.testing.models import model_server

__all__ = ["model_server"]
