"""Settings from one TOML file and the environment, frozen; an unknown key is an error."""

from answerable.config.load import find_config, load
from answerable.config.settings import Settings

__all__ = ["Settings", "find_config", "load"]
