"""Delete one line of access control at a time, and see that a test fails: python benchmarks/route_mutations.py

Each mutation is made in a copy of the tree, and the tests that should see it run there. One that nobody sees is a
hole in the tests: exit 1. The figure is k of n, and which test was the first to fail.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
MATRIX = "tests/acceptance/web/test_route_matrix.py"
UNIT = "tests/unit/access"
ROWS = "tests/integration/store/test_row_security.py tests/integration/test_migrations.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One line taken out or weakened, and the tests that should see it."""

    name: str
    file: str
    old: str
    new: str
    tests: str = MATRIX


API = "src/answerable/api"
SQL = "src/answerable/adapters/postgres/sql"
MUTATIONS = (
    Mutation(
        name="a policy: anybody may search",
        file=f"{API}/routes.py",
        old='path="/v1/search", endpoint=knowledge.search, access=USER',
        new='path="/v1/search", endpoint=knowledge.search, access=PUBLIC',
    ),
    Mutation(
        name="a policy: every user reads traces",
        file=f"{API}/routes.py",
        old='path="/v1/traces", endpoint=traces.newest, access=ENGINEER',
        new='path="/v1/traces", endpoint=traces.newest, access=USER',
    ),
    Mutation(
        name="a policy: engineers read the audit log",
        file=f"{API}/routes.py",
        old='path="/v1/audit", endpoint=accounts.audit, access=AUDITOR',
        new='path="/v1/audit", endpoint=accounts.audit, access=ENGINEER',
    ),
    Mutation(
        name="the role is not asked",
        file=f"{API}/access.py",
        old="(policy.admits(principal.roles) and covers(token.scopes, scope))",
        new="covers(token.scopes, scope)",
    ),
    Mutation(
        name="the scope is not asked",
        file=f"{API}/access.py",
        old="(policy.admits(principal.roles) and covers(token.scopes, scope))",
        new="policy.admits(principal.roles)",
    ),
    Mutation(
        name="the kind of a credential is not asked",
        file="src/answerable/adapters/fakes/tokens.py",
        old="token is None or token.kind != kind or",
        new="token is None or",
    ),
    Mutation(
        name="suspension is not asked",
        file="src/answerable/adapters/fakes/tokens.py",
        old="            or self.people[token.tenant, token.principal.id].suspended_at\n",
        new="",
    ),
    Mutation(
        name="an answer of anybody of the tenant",
        file="src/answerable/api/runs.py",
        old="return one.tenant == other.tenant and one.principal == other.principal",
        new="return one.tenant == other.tenant",
    ),
    Mutation(
        name="a running answer of any tenant",
        file="src/answerable/api/runs.py",
        old="return one.tenant == other.tenant and one.principal == other.principal",
        new="return True",
    ),
    Mutation(
        name="a session of anybody is ended",
        file=f"{API}/accounts.py",
        old="if one.principal.id == caller.principal.id and one.kind",
        new="if one.kind",
    ),
    Mutation(
        name="a stored answer is shown whatever it quotes",
        file=f"{API}/answers.py",
        old="    await check_readable(services, caller, record)\n",
        new="",
    ),
    Mutation(
        name="a stream is taken up whatever it quotes",
        file=f"{API}/answers.py",
        old="        await check_followable(services, caller, run)\n",
        new="",
    ),
    Mutation(
        name="prompts are anybody's",
        file=f"{API}/prompts.py",
        old="    if caller.tenant != services.system.project.settings.project.tenant:\n",
        new="    if caller.tenant == '':\n",
    ),
    Mutation(
        name="a cookie of another site's page",
        file=f"{API}/credentials.py",
        old='        return site == "same-origin"\n',
        new="        return True\n",
        tests="tests/acceptance/web/test_api_access.py -k cookie_changes",
    ),
    Mutation(
        name="a proxy's header from anybody",
        file=f"{API}/proxied.py",
        old=" and not from_proxy(request, self.proxies):",
        new=" and False:",
        tests=UNIT,
    ),
    Mutation(
        name="a locked-out network that guesses right",
        file=f"{API}/access.py",
        old="if self.lockout.stops(network, token.id):",
        new="if False:",
        tests=UNIT,
    ),
    Mutation(
        name="the nonce of an ID token",
        file="src/answerable/adapters/id_token.py",
        old='        "is of another errand": not',
        new='        "is of another errand": False and not',
        tests=UNIT,
    ),
    Mutation(
        name="the audience of an ID token",
        file="src/answerable/adapters/id_token.py",
        old='        "is for somebody else": expected.client_id not in audiences,\n',
        new="",
        tests=UNIT,
    ),
    Mutation(
        name="the algorithm of an ID token",
        file="src/answerable/adapters/id_token.py",
        old='_KIND.get(str(header.get("alg")))',
        new='"RSA"',
        tests=UNIT,
    ),
    Mutation(
        name="row security is not forced",
        file=f"{SQL}/migrations/0001_foundation.sql",
        old="    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);\n",
        new="",
        tests=ROWS,
    ),
    Mutation(
        name="the tenant's policy lets all rows through",
        file=f"{SQL}/migrations/0001_foundation.sql",
        old="USING (tenant = current_setting(''answerable.tenant'', true))",
        new="USING (true)",
        tests=ROWS,
    ),
    Mutation(
        name="the acl is not asked",
        file=f"{SQL}/migrations/0002_documents.sql",
        old="       AND d.acl && groups\n",
        new="",
        tests="tests/conformance/test_documents.py",
    ),
    Mutation(
        name="the service writes into the audit log itself",
        file=f"{SQL}/migrations/0019_access.sql",
        old="    EXECUTE format('REVOKE INSERT ON audit FROM %I', service_role());\n",
        new="",
        tests="tests/integration/test_migrations.py",
    ),
    Mutation(
        name="an answer is anybody's in the database",
        file=f"{SQL}/queries_journal.sql",
        old="AND (principal_id = %(principal)s OR %(all)s)",
        new="AND (%(principal)s <> '' OR %(all)s)",
        tests="tests/conformance/test_journal.py",
    ),
    Mutation(
        name="a suspended person's token in the database",
        file=f"{SQL}/queries_tokens.sql",
        old="   AND p.disabled_at IS NULL;\n\n-- name: list_live",
        new=";\n\n-- name: list_live",
        tests="tests/conformance/test_access.py tests/conformance/test_tokens.py",
    ),
    Mutation(
        name="the kind of a credential in the database",
        file="src/answerable/adapters/postgres/tokens.py",
        old=' or row["kind"] != kind',
        new="",
        tests="tests/conformance/test_tokens.py",
    ),
)


def seen(mutation: Mutation, tree: Path) -> dict[str, object]:
    """Make it, run the tests, take it back."""
    file = tree / mutation.file
    whole = file.read_text("utf-8")
    if whole.count(mutation.old) != 1:
        raise SystemExit(f"{mutation.name}: {mutation.file} has its line {whole.count(mutation.old)} times")
    file.write_text(whole.replace(mutation.old, mutation.new), "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly"]
    began = time.perf_counter()
    try:
        done = subprocess.run(
            [*command, *mutation.tests.split(" ")],
            cwd=tree,
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(tree / "src"), "HOME": str(Path.home())},
        )
    finally:
        file.write_text(whole, "utf-8")
    failed = [line.split(" ")[1] for line in done.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    told = failed[0].partition(" - ")[0] if failed else ""
    return asdict(mutation) | {"by": told, "seen": bool(failed), "wall_s": round(time.perf_counter() - began, 1)}


def kept_rows(out: Path) -> list[dict[str, object]]:
    """Of an earlier run, as far as the mutations are the same."""
    now = {(one.name, one.old, one.new) for one in MUTATIONS}
    rows = json.loads(out.read_text("utf-8"))["rows"] if out.exists() else []
    return [one for one in rows if (one["name"], one["old"], one["new"]) in now]


def keep(out: Path, rows: list[dict[str, object]]) -> None:
    """What was run so far, and what was not."""
    run = {row["name"] for row in rows}
    kept = {
        "command": "python benchmarks/route_mutations.py",
        "machine": {
            "cpus": os.cpu_count(),
            "python": platform.python_version(),
            "system": platform.system(),
        },
        "mutations": len(rows),
        "seen": sum(1 for row in rows if row["seen"]),
        "not_run": [one.name for one in MUTATIONS if one.name not in run],
        "rows": [{key: row[key] for key in ("name", "file", "old", "new", "by", "seen")} for row in rows],
    }
    out.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")


def main() -> int:
    """Every mutation, or those whose names have a word."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], help="Words of names; what was kept of others stays.")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/results/route_mutations.json")
    options = parser.parse_args()
    rows = kept_rows(options.out) if options.only else []
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache"))
        for mutation in MUTATIONS:
            if options.only and not any(one in mutation.name for one in options.only):
                continue
            row = seen(mutation, tree)
            rows = [*(one for one in rows if one["name"] != mutation.name), row]
            keep(options.out, rows)
            print(f"{'seen' if row['seen'] else 'MISSED':<7} {mutation.name:<46} {row['by']}", flush=True)
    caught = sum(1 for row in rows if row["seen"])
    print(f"{caught} of {len(rows)} mutations make a test fail")
    return 0 if caught == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
