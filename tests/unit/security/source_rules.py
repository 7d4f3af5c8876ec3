"""Rules over our own source, by its syntax tree: SQL only from files, nothing that runs what a stranger wrote."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).parents[3] / "src" / "answerable"
_RUN = frozenset({"execute", "executemany", "stream", "copy"})  # of a connection or a cursor
_CONNECTIONS = frozenset({"conn", "cursor", "connection", "_conn", "cur", "c", "tx"})
SQL_WORDS = (*(f".{name}(" for name in sorted(_RUN)), "SQL(")
_COMPOSED = frozenset({"SQL", "Identifier", "Literal", "Placeholder", "Composed"})
Keywords = dict[str | None, ast.expr]
_SAFE_LOADERS = ("SafeLoader", "CSafeLoader", "_Strings")  # _Strings builds nothing but str, list and dict
_BUILTINS = frozenset({"eval", "exec", "compile", "__import__"})
_MODULES = frozenset({"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "marshal", "shelve", "joblib"})
_SHELLS = frozenset({"create_subprocess_shell", "getoutput", "getstatusoutput"})
_OF_OS = frozenset({"system", "popen", "spawnl", "spawnlp", "spawnv", "execl", "execlp"})
CODE_WORDS = (
    *(f"{name}(" for name in sorted(_BUILTINS)),
    *sorted(_MODULES),
    *sorted(_SHELLS),
    *("os.system", "os.popen", "os.spawn", "os.exec", "shell=", "Environment(", "Template(", "load("),
)


@cache
def texts() -> dict[str, str]:
    """The text of every module of the package, by its path below it."""
    return {path.relative_to(SOURCE).as_posix(): path.read_text("utf-8") for path in sorted(SOURCE.rglob("*.py"))}


def modules(words: Sequence[str]) -> Iterator[tuple[str, ast.Module]]:
    """Those in which a word of a rule stands: in the others it can find nothing, and they are not parsed."""
    for name, text in texts().items():
        if any(word in text for word in words):
            yield name, ast.parse(text)


def sql_faults(tree: ast.Module) -> list[str]:
    """Statements that reach a connection as text put together in Python; each with its line."""
    found = []
    for function in [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]:
        texts = _assigned(function)
        for call in _calls(function):
            if _runs_sql(call) and call.args and (why := _built(call.args[0], texts)):
                found.append(f"line {call.lineno}: {why}")
            if _name(call.func) == "SQL" and call.args and (why := _built(call.args[0], texts)):
                found.append(f"line {call.lineno}: sql.SQL over {why}")
    return list(dict.fromkeys(found))


def _runs_sql(call: ast.Call) -> bool:
    """Whether it runs a statement: on what is called like a connection, or on what was just connected."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _RUN:
        return False
    on = call.func.value
    return call.func.attr.startswith("execute") or (_name(on) in _CONNECTIONS)


def _built(node: ast.expr, texts: dict[str, list[ast.expr]], depth: int = 0) -> str:
    """Why this expression is a text put together; empty where it is a named statement or a composed one."""
    parts: list[ast.expr] = []
    match node:
        case ast.JoinedStr():
            return "an f-string"
        case ast.BinOp():
            return "an operator on texts"
        case ast.Constant(value=str()):
            return "a text in Python"
        case ast.Call():
            return _made_by(node)
        case ast.Name(id=name) if depth < 3:
            parts = texts.get(name, [])
        case ast.IfExp(body=one, orelse=other):
            parts = [one, other]
    return next((why for one in parts if (why := _built(one, texts, depth + 1))), "")


def _made_by(call: ast.Call) -> str:
    match call.func:
        case ast.Attribute(attr="format", value=on) if _is_composed(on):
            return ""
        case ast.Attribute(attr=("format" | "replace" | "join" | "format_map") as name):
            return f".{name}()"
        case ast.Name(id="str"):
            return "str()"
    return ""


def _is_composed(node: ast.expr) -> bool:
    """psycopg's own composition, which quotes: `sql.SQL(…)`."""
    return (isinstance(node, ast.Call) and _name(node.func) in _COMPOSED) or isinstance(node, ast.Name)


def _assigned(function: ast.AST) -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for one in ast.walk(function):
        targets: Sequence[ast.expr] = []
        if isinstance(one, ast.Assign):
            targets, value = one.targets, one.value
        elif isinstance(one, ast.AnnAssign | ast.AugAssign) and one.value is not None:
            targets = [one.target]
            value = (
                ast.BinOp(left=one.target, op=ast.Add(), right=one.value)
                if isinstance(one, ast.AugAssign)
                else one.value
            )
        for target in targets:
            if isinstance(target, ast.Name):
                found.setdefault(target.id, []).append(value)
    return found


def code_faults(tree: ast.Module) -> list[str]:
    """What runs or unpacks code out of data; each with its line."""
    return [
        f"line {getattr(node, 'lineno', 0)}: {why}" for node in ast.walk(tree) for why in _code_faults_of(node)
    ]


def _code_faults_of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        names = [one.name for one in node.names] + [getattr(node, "module", None) or ""]
        yield from (f"import of {name}" for name in names if name.partition(".")[0] in _MODULES)
    elif isinstance(node, ast.Call):
        keywords = {one.arg: one.value for one in node.keywords}
        yield from _runs_code(node, keywords)
        yield from _loads_objects(node, keywords)
        yield from _fills_bare_templates(node, keywords)


def _runs_code(node: ast.Call, keywords: Keywords) -> Iterator[str]:
    name = _name(node.func)
    if isinstance(node.func, ast.Name) and name in _BUILTINS:
        yield f"{name}()"
    if name in _SHELLS or (name in _OF_OS and _on(node) == "os") or _true(keywords.get("shell")):
        yield "a shell"


def _loads_objects(node: ast.Call, keywords: Keywords) -> Iterator[str]:
    name, on = _name(node.func), _on(node)
    if on == "yaml" and name == "load" and _loader(node, keywords) not in _SAFE_LOADERS:
        yield "yaml.load with a loader that makes objects"
    if name in ("unsafe_load", "full_load", "unsafe_load_all", "full_load_all"):
        yield f"yaml.{name}"
    if on in ("np", "numpy") and name == "load" and not _false(keywords.get("allow_pickle")):
        yield "np.load that may unpickle"


def _fills_bare_templates(node: ast.Call, keywords: Keywords) -> Iterator[str]:
    name = _name(node.func)
    if name in ("Environment", "NativeEnvironment", "SandboxedEnvironment"):
        given = keywords.get("autoescape")
        if given is None or _false(given):
            yield "a template environment that does not escape"
    if name == "Template" and _on(node) in ("", "jinja2"):
        yield "a template outside of an environment"


def _loader(node: ast.Call, keywords: Keywords) -> str:
    given = keywords.get("Loader") or (node.args[1] if len(node.args) > 1 else None)
    return _name(given) if given is not None else ""


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (one for one in ast.walk(tree) if isinstance(one, ast.Call))


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _on(call: ast.Call) -> str:
    return _name(call.func.value) if isinstance(call.func, ast.Attribute) else ""


def _true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _false(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is False
