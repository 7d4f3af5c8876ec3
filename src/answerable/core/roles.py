"""The roles a person can have, and what each is for."""

from __future__ import annotations

from types import MappingProxyType

ROLES = MappingProxyType(
    {
        "user": "asks, searches and reads what their groups may read",
        "reviewer": "judges answers and makes cases of them",
        "editor": "reads prompts, tries and proposes new ones",
        "ops": "reads figures of the process and its providers, nothing that people wrote",
        "engineer": "reads traces, prompts and figures",
        "auditor": "reads the audit log and reports, nothing that people wrote",
        "admin": "everything, and who may what",
    }
)
