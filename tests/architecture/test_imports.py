"""What may be imported where. The contracts in `pyproject.toml` are import-linter's part; these rules are finer."""

import ast
import re
import sys
from pathlib import Path

import pytest

from tests.architecture.source import (
    PACKAGE,
    dotted,
    files,
    imported,
    imports,
    reached,
    relative,
    top_level,
    tree,
    within,
)

PURE = [path for path in files() if "[pure]" in path.read_text(encoding="utf-8").partition("\n")[0]]
"""Modules that call themselves so: no IO, no clock, no dice. What they need of the world is passed in."""

WORLD = (
    *("io", "os", "pathlib", "shutil", "tempfile", "importlib", "sys"),
    *("socket", "ssl", "http", "urllib.request", "httpx", "subprocess", "signal"),
    *("threading", "queue", "concurrent", "asyncio", "multiprocessing", "filelock"),
    *("time", "random", "secrets", "uuid"),
    *("logging", "yaml", "click", "rich"),
)
"""Files, networks, processes, threads, clocks and chance; and the packages that are about one of these."""

CLOCK_OR_CONSOLE = {"now", "utcnow", "today", "open", "print", "input"}

DOORS = {
    "boto3": ("secrets.backends.aws",),
    "botocore": ("secrets.backends.aws",),
    "click": ("cli",),
    "cryptography": ("wire.signed", "sandbox"),
    "deepdiff": ("render.text.containers",),
    "filelock": ("state.records", "state.stores"),
    "httpx": ("wire.library",),
    "jinja2": ("render.html.page",),
    "jmespath": ("providers",),
    "jwt": ("wire.signed", "sandbox"),
    "keyring": ("secrets.backends.keyring",),
    "obstore": ("state.stores.objects", "state.stores.s3", "state.stores.gs", "state.stores.az"),
    "psycopg": ("state.stores.postgresql",),
    "rich": ("cli.live", "cli.tables"),
    "yaml": ("document", "providers.registry"),
}
"""Third-party package -> the rooms that may import it. `pydantic` is the one that may be used anywhere."""

PLUGINS = {
    "providers.builtin": frozenset[str](),
    "render": frozenset(
        {
            "base",
            "groups",
            "inventory",
            "import_records",
            "inventory_records",
            "inventory_schema",
            "marked",
            "notices",
            "page",
            "quality",
            "records",
            "rows",
            "shapes",
            "words",
        }
    ),
    "secrets.backends": frozenset({"aws", "vault_http"}),
    "state.stores": frozenset(
        {
            "base",
            "file_versions",
            "head",
            "medium",
            "neighbours",
            "objects",
            "places",
            "remote",
            "remote_lease",
            "writer",
        }
    ),
}
"""Rooms of interchangeable parts -> the modules of the room that the parts may share."""


def _calls(path: Path) -> set[str]:
    """The last names of everything that is called in a file: `now` for `datetime.now()`."""
    calls = (node.func for node in ast.walk(tree(path)) if isinstance(node, ast.Call))
    return {call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls}


@pytest.mark.parametrize("path", PURE, ids=relative)
def test_pure_modules_do_not_touch_the_world(path: Path) -> None:
    """A pure module imports no IO, reads no clock and prints nothing, so tests reach all of it with plain values."""
    assert [name for _, name in imports(path) if within(name, WORLD)] == []
    assert _calls(path) & CLOCK_OR_CONSOLE == set()


@pytest.mark.parametrize("path", PURE, ids=relative)
def test_pure_modules_reach_no_world_through_others(path: Path) -> None:
    """Neither does what it imports, nor what that imports, nor a package that any of these lies in.

    import-linter's contract `pure` says nearly the same of whole wings; it does not see that Python loads packages.
    """
    ways = reached(dotted(path), loading=True).items()
    assert [f"{way} -> {name}" for there, way in ways for name in imported(there).foreign if within(name, WORLD)] == []


@pytest.mark.parametrize("path", files(), ids=relative)
def test_no_module_needs_itself(path: Path) -> None:
    """Modules can be read, tested and replaced one after the other: none imports what imports it, by whatever way."""
    module = dotted(path)
    ways = reached(module, loading=False).items()
    assert [f"{way} -> {module}" for there, way in ways if module in imported(there).ours] == []


@pytest.mark.parametrize("path", files(), ids=relative)
def test_each_dependency_has_one_door(path: Path) -> None:
    """Replacing a third-party package means changing the room that imports it and no other."""
    free = {*sys.stdlib_module_names, "pydantic", "reconciler", "whsync_start"}
    strays = [
        f"{relative(path)}:{line} imports {name}"
        for line, name in imports(path)
        if top_level(name) not in free and not within(dotted(path), DOORS.get(top_level(name), ()))
    ]
    assert strays == []


@pytest.mark.parametrize("room", PLUGINS)
def test_interchangeable_parts_do_not_know_each_other(room: str) -> None:
    """Adding or removing a renderer, a store, a secret source or a vendor touches none of the others."""
    prefix = f"reconciler.{room}."
    parts = [path for path in files() if dotted(path).startswith(f"{room}.")]
    names = {dotted(path).removeprefix(f"{room}.").partition(".")[0] for path in parts} - PLUGINS[room]
    strays = []
    for path in parts:
        part = dotted(path).removeprefix(f"{room}.").partition(".")[0]
        ours = [(line, name) for line, name in imports(path) if name.startswith(prefix)]
        siblings = {(line, name.removeprefix(prefix).partition(".")[0]) for line, name in ours}
        strays += [f"{relative(path)}:{line} -> {name}" for line, name in siblings if name in names - {part}]
    assert strays == []


@pytest.mark.parametrize("path", files(), ids=relative)
def test_references_are_checked_by_their_grammar_alone(path: Path) -> None:
    """Beside `secrets` itself, only what runs sees how secrets are had; others see what is arithmetic of them."""
    grammar = ("secrets.registry", "secrets.scheme")
    allowed = {
        "config": grammar,
        "trust": grammar,
        "fleet": (*grammar, "secrets.envfile"),
        "planning": ("secrets.custody.state",),
    }
    seen = allowed.get(top_level(dotted(path)), ())
    runs = within(dotted(path), ("secrets", "run", "apply", "cli"))
    secrets = (name.removeprefix("reconciler.") for _, name in imports(path) if name.startswith("reconciler.secrets"))
    assert runs or [name for name in secrets if not within(name, seen)] == []


@pytest.mark.parametrize("path", files(), ids=relative)
def test_nobody_tells_kinds_of_references_apart_by_name(path: Path) -> None:
    """A new kind is one new file: what differs between kinds is asked of them."""
    names = {scheme.stem.replace("_", "-") for scheme in (PACKAGE / "secrets" / "backends").glob("[a-z]*.py")}
    asked = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Compare | ast.Match)]
    told = [node for node in asked if any(getattr(part, "attr", "") == "scheme" for part in ast.walk(node))]
    words = {part.value for node in told for part in ast.walk(node) if isinstance(part, ast.Constant)}
    assert words & names == set()


@pytest.mark.parametrize("path", files(), ids=relative)
def test_commands_in_hints_have_one_maker(path: Path) -> None:
    """`hints.command` quotes names for a shell; a command that is put together elsewhere would forget to."""
    assert dotted(path) == "support.hints" or not re.findall(r"`whsync [^`]*\{[^`]*`", path.read_text(encoding="utf-8"))
