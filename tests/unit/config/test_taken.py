"""No secret is stored over a file that means something else, however the path to it is spelled."""

import os
from pathlib import Path

import pytest

from reconciler.config.load import load
from reconciler.errors import ConfigError
from reconciler.providers.registry import Registry
from reconciler.state.stores import address_of
from tests.unit.config.fakes import HEAD, HOOK, VENDORS, said

READING = HEAD.replace("env:T", "file:token")
SHAPES = Path(__file__).parents[2] / "manifests" / "shapes"


def hooks(*secrets: str) -> str:
    """A webhook for each secret block, each in a scope of its own."""
    lines = (
        HOOK.replace("api", f"r{number}").removesuffix("}") + f", secret: {secret}}}"
        for number, secret in enumerate(secrets)
    )
    return "webhooks:\n" + "".join(f"  h{number}: {line}\n" for number, line in enumerate(lines))


def made(sink: str) -> str:
    """The block of a secret that whsync makes and puts there."""
    return f"{{generate: 32, to: '{sink}'}}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with a configuration, a token, a secret, an env-file, and links to them."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("main.yaml", "token", "given", "all.env"):
        (tmp_path / name).write_text("")
        (tmp_path / f"{name}.link").symlink_to(name)
        os.link(tmp_path / name, tmp_path / f"{name}.hard")
    (tmp_path / "here").symlink_to(".")
    (tmp_path / "lock.link").symlink_to("webhooks.lock.json")
    return tmp_path


OWN = "a file of whsync's own"
TOKEN, GIVEN = "the file that `token` of `git` is read from", "the file that the secret of `h1` is read from"


@pytest.mark.parametrize(
    ("sink", "what"),
    [
        ("file:main.yaml", OWN),
        ("file:~/main.yaml", OWN),
        ("file:main.yaml.link", OWN),
        ("file:main.yaml.hard", OWN),
        ("env-file:here/../{name}/main.yaml#A", OWN),
        ("file:./webhooks.lock.json", OWN),
        ("file:lock.link", OWN),
        ("file:here/webhooks.lock.json.journal", OWN),
        ("file:webhooks.lock.json.rescue/a", OWN),
        ("file:./token", TOKEN),
        ("env-file:token.link#A", TOKEN),
        ("file:~/given", GIVEN),
        ("file:given.hard", GIVEN),
    ],
)
def test_no_secret_takes_the_place_of_what_is_read(folder: Path, sink: str, what: str) -> None:
    """The files, the lock and its neighbours, and every file that a secret or a credential is read from."""
    sink = sink.format(name=folder.name)
    (told,) = said(folder, READING + hooks(made(sink), "{from: 'file:given'}"))
    assert told == f"main.yaml:6:93 `h0` would store its secret over {what}; name another file"


def test_no_secret_takes_the_place_of_a_manifest(tmp_path: Path) -> None:
    """The user's own manifest, beside the file that names it."""
    (tmp_path / "own.yaml").write_bytes((SHAPES / "flags.yaml").read_bytes())
    text = HEAD.replace("git:\n    auth: {token: env:T}", "own: {type: ./own.yaml, auth: {token: env:T}}")
    (tmp_path / "w.yaml").write_text(text + "webhooks: {a: {url: 'https://h.example', secret: {to: 'file:own.yaml'}}}")
    with pytest.raises(ConfigError) as caught:
        load([tmp_path / "w.yaml"], {}, Registry())
    assert "over the manifest of `own`" in str(caught.value.problems)


@pytest.mark.parametrize("sink", ["file:main.yaml", "file:webhooks.lock.json", "file:../other.json.journal"])
def test_paths_that_start_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sink: str) -> None:
    """A file in another folder, and a lock that the command line names, which starts where the command is typed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "main.yaml").write_text(HEAD + hooks(made(sink)))
    with pytest.raises(ConfigError, match=f"over {OWN}"):
        load([Path("in/main.yaml")], {}, VENDORS, lock=address_of("other.json"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("file:x", "file:./x"),
        ("file:x", "file:~/x"),
        ("file:new/../x", "file:here/x"),
        ("file:all.env", "file:all.env.link"),
        ("file:all.env", "file:all.env.hard"),
        ("file:x", "env-file:./x#A"),
        ("env-file:here/x#A", "file:x"),
        ("env-file:x#A", "env-file:./x#A"),
        ("env-file:all.env#A", "env-file:all.env.link#A"),
        ("vault:secret/a#b", "vault:secret/a#b"),
    ],
)
def test_two_spellings_of_one_place(folder: Path, first: str, second: str) -> None:
    """Two secrets for one file, or for one line of it, however the paths look: the second would cost the first."""
    (told,) = said(folder, HEAD + hooks(made(first), made(second)))
    assert told.startswith(
        "main.yaml:7:93 `h1` and `h0` store their secrets in the same place; the other at main.yaml:6:89"
    )


def test_places_that_only_look_alike(folder: Path) -> None:
    """Two lines of one env-file, equal names in two folders, and files that begin like the lock are free."""
    sinks = ("env-file:all.env#A", "env-file:here/all.env#B", "file:a/x", "file:b/x", "file:webhooks.lock.jsonx")
    assert said(folder, HEAD + hooks(*map(made, sinks), "{from: 'file:given'}", "{from: 'file:given'}")) == []


def test_a_home_folder_that_nobody_has(tmp_path: Path) -> None:
    """What it means is found out where it is used; it is no reason to end a validation."""
    assert said(tmp_path, HEAD + hooks(made("file:~nobody-here/x"), "{from: 'file:~nobody-here/x'}")) == []


def test_a_disk_that_takes_two_names_for_one(folder: Path) -> None:
    """Where the disk shows a file by a name in the other case, two sinks that only their case tells apart are one."""
    assert said(folder, HEAD + hooks(made("file:New"), made("file:new"))) == []
    for file in folder.iterdir():
        file.unlink()
    (folder / "1").mkdir()
    for name in ("main.yaml", "1/kept"):
        (folder / name).touch()
        os.link(folder / name, folder / name.swapcase())  # as such a disk looks to who asks for it
    for first, second in [("New", "new"), ("1/X", "1/x"), ("1/new/X", "1/NEW/x"), ("é", "e\u0301")]:
        (told,) = said(folder, HEAD + hooks(made(f"file:{first}"), made(f"file:{second}")))
        assert "`h1` and `h0` store their secrets in the same place" in told
    assert said(folder, HEAD + hooks(made("file:1/x"), made("file:1/y"))) == []
    (told,) = said(folder, HEAD + hooks(made("file:WEBHOOKS.lock.json.Journal")))
    assert OWN in told


def test_a_keyring_that_takes_two_names_for_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second secret would cost the first in silence: found in the files, and why it is one place is said."""
    kept = type("Keyring", (), {"__module__": "keyrings.alt.file_base"})
    monkeypatch.setattr("keyring.get_keyring", kept)
    (told,) = said(folder, HEAD + hooks(made("keyring:hooks/Ada"), made("keyring:hooks/ada")))
    assert "store their secrets in the same place" in told
    assert "what keeps them there takes both names for one" in told
    assert said(folder, HEAD + hooks(made("keyring:hooks/Ada"), made("keyring:Hooks/ada"))) == []
    monkeypatch.setattr("keyring.get_keyring", object)
    assert said(folder, HEAD + hooks(made("keyring:hooks/Ada"), made("keyring:hooks/ada"))) == []
