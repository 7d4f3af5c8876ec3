"""Whether the statistics keep their promises: `python benchmarks/statistics.py`, see simulation.py.

A script beside this file that says `import statistics` finds this file first and means the standard library's
module: so what it gets is that.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

if __name__ == "__main__":
    from simulation import main

    main()
else:
    path = sys.path[:]
    sys.path[:] = [one for one in path if Path(one).resolve() != HERE]
    del sys.modules[__name__]
    importlib.import_module(__name__)
    sys.path[:] = path
