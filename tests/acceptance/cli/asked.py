"""One project whose pages were synced and asked about, in one process; for tests of what comes after."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from answerable.testing.projects import CONFIG, ProjectFolder, make_project, open_folder

QUESTIONS = (
    "Within how many days can most items be returned?",
    "How are purchases made with SUMMER20 refunded?",
    "How long does standard shipping to Germany take?",
    "Who pays for return shipping inside the European Union?",
    "Can coupons be combined?",
    "Which refund is there for leasing contracts of refurbished items?",
)
_PREPARE = """
import asyncio, sys
from answerable.app import Project, open_system
from answerable.app.ingesting import open_ingestion
async def main():
    async with open_system(Project.open()) as system:
        async with open_ingestion(system) as ingestion:
            for section in system.settings.source:
                await ingestion.sync(section)
        for question in sys.argv[1:]:
            await system.asker.ask(system.query(question))
asyncio.run(main())
"""


@pytest.fixture(scope="session")
def asked_project() -> Iterator[ProjectFolder]:
    """Its answers are in its journal. Who changes its configuration puts it back."""
    config = CONFIG + '\n[review]\nreviewers = ["ann", "bob"]\noverlap = 0.2\n'
    with make_project(open_folder(), config=config).kept() as project:
        done = subprocess.run(
            [sys.executable, "-c", _PREPARE, *QUESTIONS],
            cwd=project.folder,
            env=project.environ(),
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        yield project
