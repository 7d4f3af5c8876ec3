"""Where the sample project is: inside the installed package, or in the checkout."""

from __future__ import annotations

from pathlib import Path

import answerable
from answerable.core.errors import NotFound


def sample_folder() -> Path:
    """The folder of the TechCorp sample. Raises NotFound in an installation without it."""
    package = Path(answerable.__file__).parent
    for folder in (package / "_sample" / "techcorp", package.parent.parent / "examples" / "techcorp"):
        if (folder / "answerable.toml").is_file():
            return folder
    raise NotFound("this installation has no sample project", hint="install answerable again")
