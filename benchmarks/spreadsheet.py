"""Open tables of ours in LibreOffice and count the cells that it computes.

    python benchmarks/spreadsheet.py --out benchmarks/results/spreadsheet.json [--data DIR]

The texts are the formulas of tests/unit/text/test_cells.py and, with --data, the rows `cls: csv` of all folders in
DIR. Each is written as it is and as `cell` writes it, and read with each of four separators, formulas evaluated.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import platform
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from answerable.evals.stats.proportions import upper_bound
from answerable.text.cells import cell

SEPARATORS = {"comma": 44, "semicolon": 59, "tab": 9, "bar": 124}
FILTER = "CSV:{separator},34,76,1,,1033,false,true,false,false,false,-1,true"  # the last: evaluate formulas
_FORMULA = re.compile(r'table:formula="([^"]*)"')


def known() -> list[str]:
    """The formulas that the test has."""
    path = Path(__file__).parent.parent / "tests/unit/text/test_cells.py"
    spec = importlib.util.spec_from_file_location("test_cells", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return list(module.FORMULAS)


def given(data: Path) -> list[str]:
    """Rows of the class `csv` in any set."""
    rows = (json.loads(line) for file in sorted(data.rglob("*.jsonl")) for line in file.open(encoding="utf-8"))
    return [row["text"] for row in rows if isinstance(row, dict) and row.get("cls") == "csv"]


def computed(program: str, texts: list[str], separator: int, folder: Path) -> int:
    """How many cells LibreOffice made formulas of."""
    table = folder / "table.csv"
    with table.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows(["first", text, "last"] for text in texts)
    options = [f"-env:UserInstallation={folder.as_uri()}/profile", "--headless"]
    options += [
        f"--infilter={FILTER.format(separator=separator)}",
        "--convert-to",
        "fods",
        "--outdir",
        str(folder),
    ]
    subprocess.run([program, *options, str(table)], check=True, capture_output=True, timeout=300)
    return len(_FORMULA.findall((folder / "table.fods").read_text("utf-8")))


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path)
    args = parser.parse_args()
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise SystemExit("LibreOffice is not installed; Debian: libreoffice-calc-nogui")
    texts = list(dict.fromkeys([*known(), *(given(args.data) if args.data else [])]))
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, separator in SEPARATORS.items():
            before = computed(program, texts, separator, Path(folder))
            after = computed(program, [cell(text) for text in texts], separator, Path(folder))
            rows[name] = {"texts": len(texts), "computed as they are": before, "computed by `cell`": after}
            print(name, rows[name])
    n = len(texts) * len(SEPARATORS)
    live = sum(row["computed by `cell`"] for row in rows.values())
    version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    result = {
        "command": "python benchmarks/spreadsheet.py --data DIR --out benchmarks/results/spreadsheet.json",
        "machine": {"system": platform.system(), "python": platform.python_version(), "spreadsheet": version[:40]},
        "separators": rows,
        "live": {"hits": live, "n": n, "upper95": round(upper_bound(live, n, confidence=0.95), 4)},
    }
    args.out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(result["live"])


if __name__ == "__main__":
    main()
