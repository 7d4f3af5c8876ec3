"""A model server that speaks the real provider protocols on loopback and behaves as a script says."""

from answerable.testing.model_server.behaviors import NAMED, Behavior
from answerable.testing.model_server.recording import Recorded
from answerable.testing.model_server.server import ModelServer

__all__ = ["NAMED", "Behavior", "ModelServer", "Recorded"]
