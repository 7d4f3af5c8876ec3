"""What the API says of sessions and of the audit log."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class SessionObject(BaseModel):
    """One browser."""

    id: str
    made_by: str = Field(description="How its person showed who they are: link, header, oidc.")
    created: str
    seen: str | None = Field(description="Last use, to about a minute.")
    expires: str | None
    current: bool = Field(description="The one that asks.")


class SessionsObject(BaseModel):
    """The caller's own."""

    sessions: list[SessionObject]


class AuditRowObject(BaseModel):
    """Who did what to what."""

    n: int
    at: str
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]
    previous: str = Field(description="The hash of the row before; 64 zeros for the first.")
    hash: str


class AuditObject(BaseModel):
    """A page of the log."""

    rows: list[AuditRowObject]
    next: int | None = Field(description="`after` of the next page; null: that was the last.")
