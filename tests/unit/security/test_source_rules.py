"""Our own source: SQL comes out of files, nothing runs a stranger's words, and the rules see what they are for."""

from __future__ import annotations

import ast

import pytest

from tests.unit.security.source_rules import CODE_WORDS, SQL_WORDS, code_faults, modules, sql_faults, texts

# What tests of users build their databases with; no text of a request reaches it.
_FOR_TESTS = ("testing/",)


def test_no_statement_is_put_together_in_python():
    read = [(name, tree) for name, tree in modules(SQL_WORDS) if not name.startswith(_FOR_TESTS)]
    found = {name: faults for name, tree in read if (faults := sql_faults(tree))}
    assert found == {}


@pytest.mark.parametrize(
    "body",
    [
        'await conn.execute(f"SELECT * FROM {table}")',
        'await cursor.execute("SELECT * FROM chunk WHERE id = " + given)',
        'await conn.execute("SELECT %s" % given)',
        'await conn.execute("SELECT {}".format(given))',
        'await conn.execute(" ".join(parts))',
        'await conn.execute("SELECT 1")',
        'text = f"SELECT {given}"\n    await conn.execute(text)',
        'text = _SQL["find"]\n    text += given\n    await conn.execute(text)',
        'await conn.execute(sql.SQL(f"SELECT {given}"))',
        'await conn.execute(sql.SQL("SELECT " + given).format(name=name))',
        'await conn.execute(_SQL["find"].replace("x", given))',
        "await cursor.executemany(str(given), rows)",
        'async with conn.cursor() as cur:\n        cur.copy(f"COPY {given} FROM STDIN")',
    ],
)
def test_the_rule_sees_a_statement_that_is_put_together(body):
    assert sql_faults(ast.parse(f"async def find(conn, cursor, given):\n    {body}\n"))


@pytest.mark.parametrize(
    "body",
    [
        'await conn.execute(_SQL["find"], {"id": given})',
        'await conn.execute(sql.SQL(_SQL["drop"]).format(schema=sql.Identifier(given)))',
        "await conn.execute(statement, values)",
    ],
)
def test_the_rule_lets_named_and_composed_statements_be(body):
    assert sql_faults(ast.parse(f"async def find(conn, given):\n    {body}\n")) == []


# Pages of our own are escaped; prompts are sent to models, and a value in them is fenced instead
# (docs/decisions/0178-the-renderer-fences.md): there the environment is sandboxed.
_NOT_ESCAPED = {"prompts/template.py": ["ImmutableSandboxedEnvironment"]}


def test_nothing_of_ours_runs_or_unpacks_code_out_of_data():
    found = {name: faults for name, tree in modules(CODE_WORDS) if (faults := code_faults(tree))}
    assert found == {}


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from marshal import loads",
        "import shelve as kept",
        "eval(given)",
        "exec(given)",
        "compile(given, '', 'exec')",
        "__import__(given)",
        "yaml.load(given)",
        "yaml.load(given, Loader=yaml.Loader)",
        "yaml.unsafe_load(given)",
        "np.load(file)",
        "np.load(file, allow_pickle=True)",
        "subprocess.run(given, shell=True)",
        "os.system(given)",
        "asyncio.create_subprocess_shell(given)",
        "Environment()",
        "Environment(autoescape=False)",
        "jinja2.Template(given)",
    ],
)
def test_the_rule_sees_what_runs_data(line):
    assert code_faults(ast.parse(line))


def test_prompts_are_rendered_in_a_sandbox_that_cannot_be_changed():
    made = [
        node.func.id
        for node in ast.walk(ast.parse(texts()["prompts/template.py"]))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("Environment")
    ]
    assert {"prompts/template.py": made} == _NOT_ESCAPED
    assert [name for name, text in texts().items() if "autoescape=False" in text] == ["prompts/template.py"]


def test_the_rules_read_the_whole_package():
    assert len(texts()) > 500
    assert "adapters/postgres/tokens.py" in dict(modules(SQL_WORDS))
