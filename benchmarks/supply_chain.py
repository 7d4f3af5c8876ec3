"""The wheel against the tree, the lock's hashes, and the licenses of all that is installed with it.

python benchmarks/supply_chain.py --out benchmarks/results/supply_chain.json
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

from proof import facts

from answerable.app.bill import parts

ROOT = Path(__file__).resolve().parents[1]
# Where a file of the wheel comes from in the tree.
PLACES = (("answerable/_sample/techcorp/", "examples/techcorp/"), ("answerable/", "src/answerable/"))


def build(folder: Path) -> Path:
    """The wheel, built without a network."""
    uv = Path(sys.executable).parent / "uv"
    command = [str(uv), "build", "--offline", "--quiet", "--wheel", "--out-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def compared(wheel: Path) -> dict[str, Any]:
    """Each file of the wheel beside the committed one that it is made of."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    known = set(tracked.splitlines())
    unexplained, differ, same = [], [], 0
    with zipfile.ZipFile(wheel) as packed:
        names = [name for name in packed.namelist() if not name.endswith("/")]
        for name in names:
            origin = _origin(name)
            if ".dist-info/" in name:
                continue
            if origin not in known:
                unexplained.append(name)
            elif packed.read(name) != (ROOT / origin).read_bytes():
                differ.append(name)
            else:
                same += 1
        scripts = [name for name in names if name.endswith((".pth", ".so", ".pyd", ".dll", ".exe"))]
        information = sorted(name.partition(".dist-info/")[2] for name in names if ".dist-info/" in name)
    missing = [
        name for name in known if name.startswith("src/answerable/") and f"answerable/{name[15:]}" not in names
    ]
    return {
        "files": len(names),
        "same_as_the_tree": same,
        "unexplained": unexplained,
        "differ": differ,
        "missing": missing,
        "pth_or_binary": scripts,
        "dist_info": information,
    }


def _origin(name: str) -> str:
    return next((place + name[len(head) :] for head, place in PLACES if name.startswith(head)), name)


def lock() -> dict[str, int]:
    """Requirements of the lock, and those without a hash."""
    entries = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / "requirements.lock").read_text("utf-8"))
    named = [one for one in entries if "==" in one.partition("\n")[0]]
    return {
        "packages": len(named),
        "without_a_hash": sum("--hash=sha256:" not in one for one in named),
        "from_an_address": sum(" @ " in one.partition("\n")[0] for one in named),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    with tempfile.TemporaryDirectory() as folder:
        wheel = compared(build(Path(folder)))
    found = parts()
    result = {
        **facts("python benchmarks/supply_chain.py"),
        "wheel": wheel,
        "lock": lock(),
        "licenses": dict(Counter(one.kind for one in found)),
        "not_permissive": {one.name: one.license for one in found if one.kind != "permissive"},
        "parts": {one.name: f"{one.version}, {one.license}" for one in found},
    }
    out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print({key: len(value) if isinstance(value, list) else value for key, value in wheel.items()})
    print(result["lock"], result["licenses"], result["not_permissive"])


if __name__ == "__main__":
    main()
