"""Settings from TOML and the environment, frozen; an unknown key is an error."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """One project's configuration."""

    model_config = ConfigDict(frozen=True, extra="forbid")
