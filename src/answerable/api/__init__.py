"""The HTTP face: routes, schemas, streaming and access."""

from answerable.api.app import create_api
from answerable.web.settings import WebSettings

__all__ = ["WebSettings", "create_api"]
