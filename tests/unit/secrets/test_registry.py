"""Kinds of secret references: those that come with whsync, and those that a package adds; both are one file each."""

import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reconciler.config import reference
from reconciler.config.fault import Wrong
from reconciler.config.published import config_schema
from reconciler.errors import SecretError
from reconciler.model.secret import Secret, SecretRef
from reconciler.secrets import registry, sink
from reconciler.secrets.scheme import SecretScheme, usages
from reconciler.secrets.source import Resolver
from tests.unit.config.fakes import HEAD, loaded, said

ROOT = Path(__file__).parents[3]
BACKENDS = ROOT / "reconciler" / "secrets" / "backends"
DOCUMENTED = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs" / "configuration.md").read_text("utf-8"), re.M | re.S)

SHELF = """
from reconciler.secrets.scheme import FilePart, SchemeKind, SecretScheme, SecretSink

def read(ref, around):
    return (around.folder / ref.target).read_text()

def probe(ref, folder):
    return None

def store(ref, text, folder):
    if ref.target == "broken":
        raise ZeroDivisionError(text)
    (folder / ref.target).write_text(text)

SCHEME = SecretScheme(
    "shelf", shape="[a-z]+", usage="shelf:NAME", read=read, sink=SecretSink(probe, store), file=FilePart
)
FILE = SCHEME._replace(name="file")
CHUTE = SCHEME._replace(name="chute", read=None)
WRONG = SCHEME._replace(name="wrong", shape="[")
"""

Install = Callable[[str, str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs a package with one module, which offers kinds of references under the entry point group."""
    folder = tmp_path / "installed"
    monkeypatch.syspath_prepend(str(folder))
    modules: list[str] = []

    def forget() -> None:
        for known in (registry._entries, registry._offered):
            known.cache_clear()

    def installed(module: str, text: str, entries: str) -> None:
        info = folder / f"{module}-1.0.dist-info"
        info.mkdir(parents=True)
        (folder / f"{module}.py").write_text(text)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{registry.GROUP}]\n{entries}\n")
        modules.append(module)
        forget()

    yield installed
    forget()
    for module in modules:
        sys.modules.pop(module, None)


def test_each_file_is_a_kind_of_its_name() -> None:
    """A file in the folder is all that a kind needs to be found; what several share is no kind."""
    kinds = {
        scheme.name for scheme in (*registry.serving(SecretScheme.is_source), *registry.serving(SecretScheme.is_sink))
    }
    files = {path.stem.replace("_", "-") for path in BACKENDS.glob("[a-z]*.py")}
    assert files - kinds == {"aws", "vault-http"}
    assert kinds <= files
    for name in (*(files - kinds), "aws_sm", "AWS-SM", "", "..source", "backends.env"):
        assert registry.find(name) is None


def test_lists_have_an_order() -> None:
    """Hints and editors name first what needs nothing."""
    sources, sinks = registry.serving(SecretScheme.is_source), registry.serving(SecretScheme.is_sink)
    managers = ["vault", "aws-sm", "aws-ssm", "keyring"]
    assert [scheme.name for scheme in sources if scheme.rank < 100] == ["env", "file", "cmd", *managers]
    assert [scheme.name for scheme in sinks if scheme.rank < 100] == ["file", "env-file", "cmd", *managers]
    assert sources == tuple(sorted(sources, key=lambda scheme: (scheme.rank, scheme.name)))
    assert usages(sources) == "env:NAME, file:PATH or cmd:COMMAND"
    assert usages(sources[:1]) == "env:NAME"


@pytest.mark.parametrize("path", sorted(BACKENDS.glob("[a-z]*.py")), ids=lambda path: path.stem)
def test_how_one_is_written_is_well_written(path: Path) -> None:
    """What the hint says to write is accepted, with the words in capitals as they stand."""
    scheme = registry.find(path.stem.replace("_", "-"))
    for usage in scheme.usage.split(" or ") if scheme is not None else ():
        assert str((reference.source if scheme.read is not None else reference.sink)(usage, registry)) == usage  # type: ignore[union-attr]


def test_the_documented_example_works(install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that offers the example of docs/configuration.md makes `pass:` a source, and no sink."""
    (example,) = DOCUMENTED
    install("whsync_pass", example, "pass = whsync_pass:SCHEME")
    program = tmp_path / "bin" / "pass"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\ntest "$1 $2" = "show acme/ci" && echo "s3cret of ours"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    ref = reference.source("pass:acme/ci", registry)
    assert Resolver(tmp_path, {}).resolve(ref).reveal() == "s3cret of ours"
    with pytest.raises(SecretError, match="an unforeseen CalledProcessError"):
        Resolver(tmp_path, {}).resolve(reference.source("pass:nowhere", registry))
    with pytest.raises(Wrong, match="is not a place for a secret"):
        reference.sink("pass:acme/ci", registry)


def test_a_package_adds_a_source_and_a_sink(install: Install, tmp_path: Path) -> None:
    """An installed kind is checked, named in hints, told to editors, read and stored like one that is built in."""
    assert "shelf" not in str(config_schema(registry))
    install("whsync_shelf", SHELF, "shelf = whsync_shelf:SCHEME")
    ref = reference.sink("shelf:ledger", registry)
    assert sink.probe(ref, tmp_path) is None
    sink.store(ref, Secret("s3cret"), tmp_path)
    resolver = Resolver(tmp_path, {})
    assert resolver.resolve(reference.source("shelf:ledger", registry)).reveal() == "s3cret"
    assert [secret.reveal() for secret in resolver.held(ref) or ()] == ["s3cret"]
    with pytest.raises(SecretError, match="an unforeseen ZeroDivisionError") as caught:
        sink.store(SecretRef("shelf", "broken"), Secret("hunter2"), tmp_path)
    assert "hunter2" not in str(caught.value)
    with pytest.raises(Wrong, match="not a whole `shelf:` reference") as wrong:
        reference.source("shelf:1", registry)
    assert wrong.value.hint == "write shelf:NAME"
    with pytest.raises(Wrong) as literal:
        reference.source("hunter2", registry)
    assert ", shelf:" in literal.value.hint.partition("secret managers are vault:, ")[2]
    assert str(config_schema(registry)).count("|shelf:[a-z]+") == 5


def test_a_file_of_an_added_kind_is_taken(install: Install, tmp_path: Path) -> None:
    """No secret is stored over a file that a reference of an installed kind means, whatever it is called there."""
    install("whsync_shelf", SHELF, "shelf = whsync_shelf:SCHEME")
    hook = "{url: https://h.example, scope: {org: o}, secret: {generate: 32, to: 'file:token'}}"
    (told,) = said(tmp_path, HEAD.replace("env:T", "shelf:token") + f"webhooks: {{a: {hook}}}\n")
    assert "would store its secret over the file that `token` of" in told


def test_nobody_can_tell_what_a_sink_holds_that_is_only_written(install: Install, tmp_path: Path) -> None:
    """An installed sink that shows nothing is not said to have lost its secret."""
    install("whsync_shelf", SHELF, "chute = whsync_shelf:CHUTE")
    assert Resolver(tmp_path, {}).held(reference.sink("chute:ledger", registry)) is None


def test_what_is_built_in_stays_what_it_is(install: Install, tmp_path: Path) -> None:
    """No package can take the place of a kind that comes with whsync."""
    install("whsync_shelf", SHELF, "file = whsync_shelf:FILE")
    scheme = registry.find("file")
    assert scheme is not None
    assert scheme.usage == "file:PATH"


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("shelf = whsync_shelf:NOTHING", "AttributeError"),
        ("shelf = whsync_missing:SCHEME", "ModuleNotFoundError"),
        ("shelf = whsync_shelf:FILE", "it is no SecretScheme called 'shelf'"),
        ("shelf = whsync_shelf:read", "it is no SecretScheme called 'shelf'"),
        ("wrong = whsync_shelf:WRONG", re.error.__name__),  # PatternError from Python 3.13 on
    ],
)
def test_a_package_that_is_broken_is_told_to_who_uses_it(
    entry: str, why: str, install: Install, tmp_path: Path
) -> None:
    """The mistake is at its place in the file, with the package's; everybody else goes on without it."""
    install("whsync_shelf", SHELF, entry)
    name, _, value = entry.partition(" = ")
    (told,) = said(tmp_path, HEAD.replace("env:T", f"{name}:t"))
    assert told.startswith("main.yaml:4:19 ")
    assert f"the kind of reference `{name}:` of {value} cannot be loaded: {why}" in told
    assert loaded(tmp_path, HEAD).providers
    assert Resolver(tmp_path, {}).held(SecretRef(name, "t")) is None
    with pytest.raises(Wrong) as literal:
        reference.source("hunter2", registry)
    assert name not in literal.value.hint
